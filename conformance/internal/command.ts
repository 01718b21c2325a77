/** The built command in a process of its own, as a shell would run it. */
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { RunEvent } from "@consortium/core/RunEvent"

export const bin = fileURLToPath(new URL("../../packages/cli/dist/bin.js", import.meta.url))

export interface Options {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Words for Node before the command's file. */
  readonly node?: ReadonlyArray<string>
  /** Hears each event of `--json` as soon as it is written. */
  readonly onEvent?: (event: RunEvent, child: ChildProcess) => void
}

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly stderr: string
  readonly events: ReadonlyArray<RunEvent>
}

/** Nothing of this machine's keys, addresses and proxies reaches a suite. */
const bare = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/_(API_KEY|BASE_URL|PROXY)$|^NODE_|^VITEST/i.test(name))
)

/** Starts `consortium run … --json`; `started` hands out the process, the promise its end. */
export const run = (
  words: ReadonlyArray<string>,
  options: Options,
  started: (child: ChildProcess) => void = () => {}
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...(options.node ?? []), bin, "run", ...words, "--json"], {
      cwd: options.cwd,
      env: { ...bare, ...options.env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    const events: Array<RunEvent> = []
    let rest = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n")
      rest = lines.pop() ?? ""
      for (const line of lines) {
        const event: RunEvent = JSON.parse(line)
        events.push(event)
        options.onEvent?.(event, child)
      }
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
    })
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stderr, events }))
    started(child)
  })
