/** Child processes of a benchmark: servers, and cases measured each in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

/** A simulated server in its own process; its CPU is not the client's. */
export const serve = (scale: number): Promise<{ readonly url: string; readonly stop: () => void }> =>
  new Promise((resolve, reject) => {
    const bin = fileURLToPath(import.meta.resolve("@consortium/simulated/Main")).replace(/Main\.js$/, "bin.js")
    const child: ChildProcess = spawn(process.execPath, [bin, "--seed", "1", "--latency-scale", String(scale)], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    child.once("error", reject)
    child.stdout?.once("data", (line: Buffer) =>
      resolve({ url: JSON.parse(line.toString()).url, stop: () => void child.kill() })
    )
  })

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
