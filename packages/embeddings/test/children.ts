/** Processes of their own that embed, and are killed. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Runs until the end, or until it is killed after so many calls; answers how many texts it asked where it came to its end. */
export const child = (
  kind: "cache" | "file",
  path: string,
  count: number,
  calls?: number
): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const words = ["--conditions=source", "--import", here("sources.mjs"), here("child.ts"), kind, path, String(count)]
    const process_ = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    let wrong = ""
    process_.stderr.setEncoding("utf8").on("data", (text: string) => (wrong += text))
    process_.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text
      // Dots come in bunches, so that the moment between two calls is any.
      if (calls !== undefined && said.length >= calls) process_.kill("SIGKILL")
    })
    process_.on("error", reject)
    process_.on("close", (code, signal) => {
      if (code !== 0 && signal !== "SIGKILL") reject(new Error(wrong))
      const asked = /asked (\d+)/.exec(said)?.[1]
      resolve(asked === undefined ? undefined : Number(asked))
    })
  })
