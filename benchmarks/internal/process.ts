/** Child processes of a benchmark: servers, and cases measured each in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

export interface Served {
  readonly url: string
  readonly stop: () => void
}

/** A server in its own process, whose first line is a JSON with its URL; its CPU is not the client's. */
export const serveFile = (file: string, ...words: ReadonlyArray<string>): Promise<Served> =>
  new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(process.execPath, [file, ...words], { stdio: ["ignore", "pipe", "inherit"] })
    child.once("error", reject)
    child.stdout?.once("data", (line: Buffer) =>
      resolve({ url: JSON.parse(line.toString()).url, stop: () => void child.kill() })
    )
  })

/** A simulated server. */
export const serve = (scale: number): Promise<Served> => {
  const bin = fileURLToPath(import.meta.resolve("@consortium/simulated/Main")).replace(/Main\.js$/, "bin.js")
  return serveFile(bin, "--seed", "1", "--latency-scale", String(scale))
}

/** Runs a case and reads the JSON that it prints last. */
export const measure = <A>(file: string, ...words: ReadonlyArray<string>): A => {
  const done = spawnSync(process.execPath, [file, ...words], { encoding: "utf8", maxBuffer: 1 << 26 })
  if (done.status !== 0) throw new Error(`${file} ${words.join(" ")} failed:\n${done.stderr}`)
  return JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "")
}

export const median = (numbers: ReadonlyArray<number>): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
