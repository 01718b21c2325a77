/**
 * A run at its full size: prompts in, a collection of them selected, every call made on a simulated server in a process
 * of its own; peak memory by stage, time by stage, the store's size. Then the store is given a million calls more, and
 * the same command is started again. The guard is off: these prompts are near-copies of each other, of which it
 * would leave a handful. `node benchmarks/scale.ts [prompts] [selected] [stored calls]`
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { serve } from "./internal/process.ts"

const said = (at: number, otherwise: number) => Number(process.argv[at] ?? otherwise)
const prompts = said(2, 1_000_000)
const selected = said(3, 10_000)
const calls = said(4, 1_000_000)
const bin = fileURLToPath(new URL("../packages/cli/dist/bin.js", import.meta.url))
const dimension = 384
const words = "river stone market signal winter orchard engine paper coast lantern theory garden ledger copper".split(
  " "
)

const folder = mkdtempSync(join(tmpdir(), "consortium-scale-"))
const file = join(folder, "prompts.jsonl")
const write = async () => {
  const out = createWriteStream(file)
  for (let i = 0; i < prompts; i++) {
    const text = Array.from({ length: 12 }, (_, j) => words[(i * 31 + j * j * 7 + ((i >> 3) % 11)) % words.length])
    if (!out.write(`${JSON.stringify({ prompt: `${i}: ${text.join(" ")}` })}\n`)) await once(out, "drain")
  }
  out.end()
  await once(out, "finish")
}

/** The peak so far of a process, in MiB. */
const peak = (pid: number): number => {
  const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
  return Number(kib) / 1024
}

const start = async (url: string) => {
  const started = performance.now()
  const child = spawn(
    process.execPath,
    [
      ...[bin, "run", file, "--out", join(folder, "out"), "--target", String(selected), "--json", "--guard", "off"],
      ...["scholar", "plain", "sloppy", "scholar#2", "plain#2", "sloppy#2"].flatMap((name) => [
        "--member",
        `simulated/${name.split("#")[0]}`
      ]),
      ...["careful", "brisk", "rambler", "plain"].flatMap((name) => ["--judge", `simulated/${name}`])
    ],
    { env: { ...process.env, SIMULATED_BASE_URL: url }, stdio: ["ignore", "pipe", "ignore"] }
  )
  const rows: Array<readonly [string, number, number]> = []
  let most = 0
  const look = () => {
    try {
      most = Math.max(most, peak(child.pid ?? 0))
    } catch {
      // It has ended.
    }
  }
  const timer = setInterval(look, 100)
  let finished: { readonly calls: number; readonly stored: number } | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const [, tag = ""] = /^\{"_tag":"(\w+)"/.exec(line) ?? []
    if (
      tag === "Embedded" ||
      tag === "Selected" ||
      tag === "Finished" ||
      (tag === "Read" && line.includes('"done":true'))
    ) {
      look()
      rows.push([tag, (performance.now() - started) / 1000, most])
    }
    if (tag === "Finished") finished = JSON.parse(line)
  }
  clearInterval(timer)
  return { rows, seconds: (performance.now() - started) / 1000, most, finished }
}

const table = ({ finished, most, rows, seconds }: Awaited<ReturnType<typeof start>>) => {
  for (const [tag, at, mib] of rows)
    console.log(`  ${tag.padEnd(10)} ${at.toFixed(1).padStart(7)} s  peak ${mib.toFixed(0)} MiB`)
  console.log(
    `  ended      ${seconds.toFixed(1).padStart(7)} s  peak ${most.toFixed(0)} MiB, ${finished?.calls} calls made, ${finished?.stored} stored`
  )
}

const server = await serve(0)
try {
  await write()
  const matrix = (prompts * dimension * 4) / 2 ** 20
  console.log(
    `${prompts} prompts, ${selected} selected, 6 members, 4 judges; the matrix is ${matrix.toFixed(0)} MiB, the selector's int8 rows a quarter of it`
  )
  const whole = await start(server.url)
  table(whole)
  const db = join(folder, "out", "run.db")
  const made = whole.finished?.calls ?? 0
  console.log(
    `  store ${(statSync(db).size / 2 ** 20).toFixed(0)} MiB, with the rows and outcomes ${(statSync(db).size / Math.max(1, made)).toFixed(0)} bytes a call`
  )
  const database = new DatabaseSync(db)
  database.exec(`INSERT INTO calls (key, json) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${calls})
    SELECT hex(randomblob(32)), '{"parts":[{"_tag":"Text","text":"' || hex(zeroblob(400)) || '"}]}' FROM n`)
  database.close()
  console.log(`the same command again, with ${calls} stored calls more`)
  table(await start(server.url))
} finally {
  server.stop()
  rmSync(folder, { recursive: true, force: true })
}
