/** `kill -9` at many moments of a run of the built command; the same command then goes on, and pays for nothing twice. */
import type { ChildProcess } from "node:child_process"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import type { RunEvent } from "@consortium/core/RunEvent"
import { draws, Seed } from "@consortium/core/Seed"
import { afterAll, beforeAll, expect, it } from "vitest"
import { run } from "./internal/command.js"
import { embeddings, type Embeddings } from "./internal/embeddings.js"
import { folders } from "./internal/places.js"
import { promptLines } from "./internal/prompts.js"
import { type Postgres, start } from "./internal/postgres.js"
import { type Left, look, lookIn } from "./internal/runDb.js"
import { serve, type Server } from "./internal/simulated.js"
import { print } from "./internal/table.js"

type Stage = "store" | "intake" | "embedding" | "selection" | "sampling" | "judging" | "writing"

const rows = 3000
const target = 24
const concurrency = 8
/** Batches that are embedded at a time. */
const embedding = 8
const draw = draws(Seed.make(20), "kills")

/** As runs come through them. */
const order: ReadonlyArray<Stage> = ["store", "intake", "embedding", "selection", "sampling", "judging", "writing"]

/** The stages at which each run is killed, one start after the other; a hundred kills over all stages. */
const plan: ReadonlyArray<ReadonlyArray<Stage>> = Array.from({ length: 34 }, (_, run) => {
  const stages = [order[run % 7], order[(run + 2) % 7], order[(run + 4) % 7]]
  return order.filter((stage) => stages.includes(stage))
})

/** The moment at which a start is killed: the n-th sign of its stage, and some milliseconds after it. */
interface Moment {
  readonly stage: Stage
  readonly sign: number
  readonly millis: number
}

const most: Record<Stage, { readonly sign: number; readonly millis: number }> = {
  store: { sign: 1, millis: 10 },
  intake: { sign: 10, millis: 10 },
  embedding: { sign: 30, millis: 10 },
  selection: { sign: 1, millis: 12 },
  sampling: { sign: 12, millis: 30 },
  judging: { sign: 12, millis: 30 },
  writing: { sign: 1, millis: 3 }
}

const momentIn = (stage: Stage): Moment => ({
  stage,
  sign: 1 + Math.floor(draw() * most[stage].sign),
  millis: Math.floor(draw() * (most[stage].millis + 1))
})

const isSign = (stage: Stage, event: RunEvent): boolean => {
  switch (event._tag) {
    case "Read":
      return stage === "intake" && !event.done
    case "Embedded":
      return stage === "selection"
    case "Answered":
      return stage === "sampling" && !event.cached
    case "Judged":
      return stage === "judging" && !event.cached
    case "Ranked":
      return stage === "writing" && event.done === event.of
    default:
      return false
  }
}

const folder = folders()
let server: Server
let vectors: Embeddings
let prompts: string
const env: Record<string, string> = {}

beforeAll(async () => {
  server = await serve({ latencyScale: 0.02, log: true })
  vectors = await embeddings(server.url, 8)
  env.SIMULATED_BASE_URL = server.url
  env.OLLAMA_BASE_URL = vectors.url
  prompts = join(folder(), "prompts.jsonl")
  writeFileSync(prompts, promptLines(rows))
})
afterAll(async () => {
  vectors.stop()
  await server.stop()
})

/** Where the runs of a suite are kept. */
interface Kept {
  readonly name: string
  readonly words: ReadonlyArray<string>
  readonly look: (out: string) => Left
  /** The signs that a store has begun to be made. */
  readonly begun: (out: string) => boolean
  /** Answers that may be on their way to the store at a time. */
  readonly writing: number
  /** Forgets what other runs have been answered. */
  readonly clear: () => void
}

const expected = { rows, picks: target }
const inFile: Kept = {
  name: "SQLite",
  writing: 0,
  words: [],
  look: (out) => look(out, expected),
  begun: (out) => existsSync(join(out, "run.db")),
  clear: () => {}
}
const inDatabase = (postgres: Postgres): Kept => ({
  name: "PostgreSQL",
  // As many as there are connections.
  writing: 10,
  words: ["--store", postgres.url],
  look: (out) => lookIn(postgres, basename(out), expected),
  begun: (out) =>
    postgres.rows(`SELECT 1 AS n FROM information_schema.schemata WHERE schema_name = 'run_${basename(out)}'`).length >
    0,
  clear: () => postgres.execute("TRUNCATE consortium_calls.calls")
})

const words = (out: string, kept: Kept): ReadonlyArray<string> => [
  ...kept.words,
  ...[prompts, "--out", out, "--target", String(target), "--seed", "7", "--concurrency", String(concurrency)],
  ...["--embedder", "ollama.openai/made-up"],
  ...["scholar", "plain", "sloppy"].flatMap((name) => ["--member", `simulated/${name}`]),
  ...["careful", "brisk", "rambler"].flatMap((name) => ["--judge", `simulated/${name}`])
]

/** Starts the command and kills it at a moment; false where it was quicker. */
const startAndKill = async (out: string, kept: Kept, moment: Moment): Promise<boolean> => {
  let left = moment.sign
  let child: ChildProcess | undefined
  let timer: NodeJS.Timeout | undefined
  const sign = () => {
    if (--left === 0) timer = setTimeout(() => child?.kill("SIGKILL"), moment.millis)
  }
  const watch = setInterval(() => {
    if (moment.stage !== "store" || !kept.begun(out)) return
    clearInterval(watch)
    sign()
  }, 1)
  vectors.onBatch = () => {
    if (moment.stage === "embedding") sign()
  }
  const onEvent = (event: RunEvent) => {
    if (isSign(moment.stage, event)) sign()
  }
  const { code } = await run(words(out, kept), { cwd: out, env, onEvent }, (started) => {
    child = started
  })
  clearInterval(watch)
  clearTimeout(timer)
  vectors.onBatch = () => {}
  // What was still under way to the servers arrives.
  await wait(30)
  return code === null
}

/** What the servers were asked so far, as names of requests: of chats, then of batches to embed. */
const arrived = () => ({
  chats: (server.stats().log ?? []).map(({ digest }) => digest.slice(0, 16)),
  batches: vectors.batches.map((batch) => batch.vectors)
})

/** Hands out the names that arrived since it was last asked. */
const arrivals = () => {
  let { batches, chats } = arrived()
  return (): { readonly chats: ReadonlyArray<string>; readonly batches: ReadonlyArray<string> } => {
    const before = { chats: chats.length, batches: batches.length }
    ;({ batches, chats } = arrived())
    return { chats: chats.slice(before.chats), batches: batches.slice(before.batches) }
  }
}

const files = ["dataset.jsonl", "rejected.jsonl", "selection.jsonl", "run.json"]

/** All that a run wrote: its files, and the names of whatever else stands in its folder. */
const written = (out: string) => ({
  names: readdirSync(out).sort(),
  files: Object.fromEntries(files.map((name) => [name, readFileSync(join(out, name), "utf8")]))
})

interface Kill {
  readonly stage: Stage
  readonly found: Left["stage"]
  readonly wrong: ReadonlyArray<string>
  /** Requests that had been sent and had no stored answer when the process died. */
  readonly chats: number
  readonly batches: number
}

interface Told {
  readonly kills: ReadonlyArray<Kill>
  /** Stages whose start ended before it was killed. */
  readonly missed: ReadonlyArray<Stage>
  readonly sent: number
  /** Requests that were sent although their answer was stored. */
  readonly needless: number
  /** Requests that were sent once more, because a kill had lost their answer. */
  readonly again: number
  readonly written: ReturnType<typeof written>
}

/** One run through its kills to its end. */
const through = async (kept: Kept, stages: ReadonlyArray<Stage>): Promise<Told> => {
  kept.clear()
  const out = folder()
  const next = arrivals()
  const all: Array<string> = []
  const kills: Array<Kill> = []
  const missed: Array<Stage> = []
  let stored: ReadonlySet<string> = new Set()
  let needless = 0
  const settle = (stage: Stage | undefined): void => {
    const { batches, chats } = next()
    all.push(...chats, ...batches)
    // Against what was stored before this start.
    needless += [...chats, ...batches].filter((name) => stored.has(name)).length
    const { wrong, stage: found, ...left } = kept.look(out)
    stored = new Set([...left.chats, ...left.batches])
    const open = (names: ReadonlyArray<string>) => new Set(names.filter((name) => !stored.has(name))).size
    if (stage !== undefined) kills.push({ stage, found, wrong, chats: open(chats), batches: open(batches) })
  }
  for (const stage of stages) {
    const killed = await startAndKill(out, kept, momentIn(stage))
    if (!killed) missed.push(stage)
    settle(killed ? stage : undefined)
  }
  const { code, stderr } = await run(words(out, kept), { cwd: out, env })
  if (code !== 0) throw new Error(`the run did not finish:\n${stderr}`)
  settle(undefined)
  expect([...new Set(all)].sort(), "every request has a stored answer").toEqual([...stored].sort())
  return { kills, missed, sent: all.length, needless, again: all.length - stored.size, written: written(out) }
}

const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((total, one) => total + one, 0)

/** Kills runs through all stages, and holds them against one that was left alone. */
const prove = async (kept: Kept, plan: ReadonlyArray<ReadonlyArray<Stage>>) => {
  const started = performance.now()
  const whole = await through(kept, [])
  expect(whole.needless + whole.again).toBe(0)
  const told: Array<Told> = []
  const left = [...plan]
  for (let stages = left.shift(); stages !== undefined; stages = left.shift()) {
    const one = await through(kept, stages)
    told.push(one)
    if (told.length < 2 * plan.length) left.push(...one.missed.map((stage) => [stage]))
  }
  const kills = told.flatMap((one) => one.kills)
  const stages = Object.keys(most)
  print(
    `${kept.name}: ${kills.length} kills in ${told.length} runs of ${whole.sent} requests, ${((performance.now() - started) / 1000).toFixed(0)} s`,
    ["killed while", "kills", "store at the kill", "in flight: chats", "batches", "faults"],
    stages.map((stage) => {
      const of = kills.filter((kill) => kill.stage === stage)
      return [
        stage,
        of.length,
        [...new Set(of.map(({ found }) => found))].join(", "),
        sum(of.map(({ chats }) => chats)),
        sum(of.map(({ batches }) => batches)),
        sum(of.map(({ wrong }) => wrong.length))
      ]
    })
  )
  const again = sum(told.map((one) => one.again))
  const lost = sum(kills.map(({ batches, chats }) => batches + chats))
  console.log(
    `  sent although stored: ${sum(told.map((one) => one.needless))}; sent again after ${lost} lost answers: ${again}`
  )

  expect(kills.length).toBeGreaterThanOrEqual(sum(plan.map((stages) => stages.length)))
  expect(kills.flatMap(({ wrong }) => wrong)).toEqual([])
  const found = new Set(kills.map((kill) => kill.found))
  for (const state of ["intake", "before selection", "on the road", "after the last prompt"])
    expect(found).toContain(state)
  for (const kill of kills) {
    expect(kill.chats).toBeLessThanOrEqual(concurrency + kept.writing)
    expect(kill.batches).toBeLessThanOrEqual(embedding)
  }
  for (const one of told) {
    expect(one.needless).toBe(0)
    expect(one.again).toBeLessThanOrEqual(sum(one.kills.map(({ batches, chats }) => batches + chats)))
    expect(one.written).toEqual(whole.written)
  }
}

it("a run that is killed a hundred times is as good as one that was left alone", () => prove(inFile, plan))

it("the same in a PostgreSQL database", async (test) => {
  const postgres = await start()
  if (postgres === undefined) return test.skip()
  try {
    postgres.execute("CREATE SCHEMA consortium_calls")
    postgres.execute(
      "CREATE TABLE consortium_calls.calls (key TEXT PRIMARY KEY, json TEXT NOT NULL, bytes BYTEA, took TEXT, crc INTEGER)"
    )
    await prove(inDatabase(postgres), plan)
  } finally {
    await postgres.stop()
  }
})
