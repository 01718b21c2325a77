/** Real prompts through the built command: the same bytes twice, sums that agree, and how much memory it takes. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { balances, type Ledger } from "@consortium/core/RunEvent"
import type { DatasetRow, SelectionRow } from "@consortium/pipeline/DatasetFile"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { run } from "./internal/command.js"
import { folders, sharedFile } from "./internal/places.js"
import { serve, type Server } from "./internal/simulated.js"
import { print } from "./internal/table.js"

const instructions = sharedFile("data/prompts/alpaca_eval_805.jsonl")
const mixed = sharedFile("data/prompts/mixed_30k.jsonl.gz")

const folder = folders()
let server: Server
beforeAll(async () => {
  server = await serve({ latencyScale: 0 })
})
afterAll(() => server.stop())

const seats = [
  ...["scholar", "plain", "sloppy"].flatMap((name) => ["--member", `simulated/${name}`]),
  ...["careful", "brisk", "rambler"].flatMap((name) => ["--judge", `simulated/${name}`])
]

/** Writes the largest resident size of its process where the variable says. */
const measured = (file: string) => [
  "--import",
  `data:text/javascript,import{writeFileSync}from"node:fs";process.on("exit",()=>writeFileSync(${JSON.stringify(file)},String(process.resourceUsage().maxRSS)))`
]

interface RunFile {
  readonly ledger: Ledger
  readonly selection: { readonly stopped: string }
  readonly members: ReadonlyArray<{ readonly id: string; readonly answered: number; readonly chosen: number }>
  readonly judges: ReadonlyArray<{ readonly given: number; readonly absent: number }>
}

const lines = <A>(text: string): ReadonlyArray<A> =>
  text === ""
    ? []
    : text
        .trimEnd()
        .split("\n")
        .map((line): A => JSON.parse(line))

/** Runs to the end and reads what was written. */
const build = async (prompts: string, more: ReadonlyArray<string>) => {
  const out = folder()
  const memory = join(out, "memory")
  const started = performance.now()
  const { code, events, stderr } = await run([prompts, "--out", join(out, "run"), ...seats, ...more], {
    cwd: out,
    env: { SIMULATED_BASE_URL: server.url },
    node: measured(memory)
  })
  expect(stderr).not.toMatch(/rejected|defect/)
  expect(code, stderr).toBe(0)
  const text = (name: string) => readFileSync(join(out, "run", name), "utf8")
  const runFile: RunFile = JSON.parse(text("run.json"))
  return {
    seconds: (performance.now() - started) / 1000,
    megabytes: Number(readFileSync(memory, "utf8")) / 1024,
    events,
    bytes: { dataset: text("dataset.jsonl"), selection: text("selection.jsonl"), run: text("run.json") },
    rows: lines<DatasetRow>(text("dataset.jsonl")),
    rejected: lines(text("rejected.jsonl")).length,
    picks: lines<SelectionRow>(text("selection.jsonl")),
    run: runFile
  }
}
type Built = Awaited<ReturnType<typeof build>>

const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((total, one) => total + one, 0)

/** What the files and the last event say of each other. */
const agree = ({ events, picks, rejected, rows, run: { ledger, members, judges } }: Built): void => {
  expect(balances(ledger)).toBe(true)
  expect(ledger).toMatchObject({ pending: 0, unfinished: 0, examples: rows.length, rejected, selected: picks.length })
  const last = events.at(-1)
  expect(last).toMatchObject({ _tag: "Finished", outcome: "done", ledger })
  expect(rows.map(({ id }) => id)).toEqual(picks.map(({ id }) => id))
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  expect(sum(members.map(({ chosen }) => chosen))).toBe(rows.length)
  for (const { answered } of members) expect(answered).toBe(rows.length)
  expect(sum(judges.map(({ absent, given }) => given + absent))).toBe(sum(rows.map((row) => row.judges.length)))
  for (const row of rows) {
    const chosen = row.candidates.find(({ id }) => id === row.chosen.candidate)
    expect(chosen?.text).toBe(row.completion)
    expect(row.ranking[0]?.candidates).toContain(row.chosen.candidate)
    expect(row.ranking.flatMap(({ candidates }) => candidates)).toHaveLength(row.candidates.length)
    expect(sum(row.ranking.map(({ pBest }) => pBest))).toBeCloseTo(1, 6)
  }
}

const table: Array<ReadonlyArray<string | number>> = []
const note = (name: string, built: Built) => {
  const { ledger, selection } = built.run
  table.push([
    name,
    ...[ledger.rows, ledger.duplicate, ledger.notSelected, ledger.examples, ledger.rejected],
    selection.stopped,
    `${built.seconds.toFixed(1)} s`,
    `${Math.round(built.megabytes)} MB`
  ])
}
afterAll(() => {
  if (table.length > 0) {
    const head = [
      "prompts",
      "rows",
      "duplicate",
      "not selected",
      "examples",
      "rejected",
      "stopped by",
      "time",
      "peak memory"
    ]
    print("real prompts, simulated models", head, table)
  }
})

describe.skipIf(instructions === undefined)("805 instructions", () => {
  it("give 64 examples, and the same bytes twice", async () => {
    const words = ["--target", "64", "--seed", "7"]
    const [one, other] = [await build(instructions ?? "", words), await build(instructions ?? "", words)]
    for (const built of [one, other]) {
      note("805 instructions", built)
      agree(built)
      expect(built.rows).toHaveLength(64)
    }
    expect(other.bytes).toEqual(one.bytes)
  })

  it("give others with another seed or order of calls only where they should", async () => {
    const words = ["--target", "16", "--seed", "7"]
    const quick = await build(instructions ?? "", [...words, "--concurrency", "64"])
    const slow = await build(instructions ?? "", [...words, "--concurrency", "1"])
    expect(slow.bytes).toEqual(quick.bytes)
    const other = await build(instructions ?? "", ["--target", "16", "--seed", "8"])
    expect(other.bytes.dataset).not.toBe(quick.bytes.dataset)
  })
})

describe.skipIf(mixed === undefined)("30,000 mixed prompts", () => {
  it("give 100 examples in bounded memory", async () => {
    const prompts = join(folder(), "mixed.jsonl")
    writeFileSync(prompts, gunzipSync(readFileSync(mixed ?? "")))
    const built = await build(prompts, ["--target", "100", "--limit", "30000", "--seed", "7"])
    note("30,000 mixed", built)
    agree(built)
    expect(built.run.ledger.rows).toBe(30_000)
    expect(built.rows).toHaveLength(100)
    // The file has 21 MB and its vectors 46 MB; Node takes about 60 MB for itself.
    expect(built.megabytes).toBeLessThan(700)
  })
})
