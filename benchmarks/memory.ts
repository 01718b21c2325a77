/**
 * Peak memory of the command against the number of prompts, 16 selected: what grows beside the matrix is what counts.
 * `node benchmarks/memory.ts [rows…]`
 */
import { spawnSync } from "node:child_process"
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { once } from "node:events"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 10_000, 100_000]
const bin = fileURLToPath(new URL("../packages/cli/dist/bin.js", import.meta.url))
const dimension = 384
const words = "river stone market signal winter orchard engine paper coast lantern theory garden ledger copper".split(
  " "
)
/** The process itself says its peak when it ends. */
const hook =
  "data:text/javascript,process.on('exit',()=>process.stderr.write('\\npeakKiB '+process.resourceUsage().maxRSS+'\\n'))"

const write = async (file: string, rows: number) => {
  const out = createWriteStream(file)
  for (let i = 0; i < rows; i++) {
    const text = Array.from(
      { length: 40 },
      (_, j) => words[(i * 31 + j * j * 7 + ((i >> 3) % 11)) % words.length]
    ).join(" ")
    if (!out.write(`${JSON.stringify({ prompt: `${i}: ${text}` })}\n`)) await once(out, "drain")
  }
  out.end()
  await once(out, "finish")
}

const folder = mkdtempSync(join(tmpdir(), "consortium-bench-"))
console.log("rows      peak MiB   matrix MiB   beyond it MiB   bytes a row beyond it")
let first: { readonly rows: number; readonly beyond: number } | undefined
for (const rows of sizes) {
  const file = join(folder, `${rows}.jsonl`)
  await write(file, rows)
  const run = spawnSync(
    process.execPath,
    [
      "--import",
      hook,
      bin,
      "run",
      file,
      "--out",
      join(folder, `out-${rows}`),
      "--target",
      "16",
      "--member",
      "simulated/plain",
      "--judge",
      "simulated/careful"
    ],
    { encoding: "utf8", maxBuffer: 1 << 26 }
  )
  if (run.status !== 0) throw new Error(run.stderr)
  const peak = Number(/peakKiB (\d+)/.exec(run.stderr)?.[1]) / 1024
  const matrix = (rows * dimension * 4) / 2 ** 20
  const beyond = peak - matrix
  const slope = first === undefined ? "–" : (((beyond - first.beyond) * 2 ** 20) / (rows - first.rows)).toFixed(0)
  first ??= { rows, beyond }
  console.log(
    `${String(rows).padEnd(10)}${peak.toFixed(0).padStart(8)}${matrix.toFixed(0).padStart(13)}${beyond.toFixed(0).padStart(16)}${slope.padStart(24)}`
  )
  if (JSON.parse(readFileSync(join(folder, `out-${rows}`, "run.json"), "utf8")).ledger.rows !== rows)
    throw new Error("rows are missing")
}
rmSync(folder, { recursive: true })
