/**
 * How long the bundled command takes to start, above an empty Node in the same run: medians of interleaved starts.
 * `node benchmarks/coldStart.ts [rounds]`
 */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { median } from "./internal/process.ts"

const rounds = Number(process.argv[2] ?? 21)
const bin = fileURLToPath(new URL("../packages/cli/dist/bin.js", import.meta.url))
const starts: Readonly<Record<string, ReadonlyArray<string>>> = {
  "node -e 0": ["-e", "0"],
  "consortium --version": [bin, "--version"],
  "consortium --help": [bin, "--help"]
}
const millis = new Map<string, Array<number>>(Object.keys(starts).map((name) => [name, []]))
for (let round = 0; round < rounds; round++) {
  for (const [name, words] of Object.entries(starts)) {
    const started = performance.now()
    spawnSync(process.execPath, words, { stdio: "ignore" })
    millis.get(name)?.push(performance.now() - started)
  }
}
const empty = median(millis.get("node -e 0") ?? [])
for (const [name, all] of millis) {
  const value = median(all)
  console.log(
    `${name.padEnd(24)}${value.toFixed(0).padStart(6)} ms${(value - empty).toFixed(0).padStart(6)} ms above node -e 0`
  )
}
