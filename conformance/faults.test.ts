/** Servers and judges that fail in every way, through the built command: others go on, and nobody's rank is made up. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { balances } from "@consortium/core/RunEvent"
import type { DatasetRow, RejectedRow } from "@consortium/pipeline/DatasetFile"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type Ended, run } from "./internal/command.js"
import { faulty, type Faulty, rubbish } from "./internal/faulty.js"
import { folders } from "./internal/places.js"
import { serve, type Server } from "./internal/simulated.js"
import { print } from "./internal/table.js"

const attempts = 5
/** The longest wait for an attempt. */
const timeout = "1 second"

const folder = folders()
let simulated: Server
let vendor: Faulty
const env: Record<string, string> = {}
let config: string

beforeAll(async () => {
  simulated = await serve({ latencyScale: 0 })
  vendor = await faulty(simulated.url)
  env.SIMULATED_BASE_URL = simulated.url
  env.OPENROUTER_BASE_URL = vendor.url
  env.OPENROUTER_API_KEY = "dummy"
  // Nothing listens there.
  env.OLLAMA_BASE_URL = "http://127.0.0.1:9/v1"
  config = join(folder(), "consortium.config.json")
  writeFileSync(config, JSON.stringify({ timeout, concurrency: 64, seed: 7 }))
})
afterAll(async () => {
  vendor.stop()
  await simulated.stop()
})

const table: Array<ReadonlyArray<string | number>> = []
afterAll(() => print("faults", ["what fails", "how often", "what became of it"], table))

const lines = <A>(file: string): ReadonlyArray<A> => {
  const text = readFileSync(file, "utf8")
  return text === ""
    ? []
    : text
        .trimEnd()
        .split("\n")
        .map((line): A => JSON.parse(line))
}

interface Built extends Ended {
  readonly rows: ReadonlyArray<DatasetRow>
  readonly rejected: ReadonlyArray<RejectedRow>
  readonly bytes: string
}

const build = async (
  out: string,
  prompts: ReadonlyArray<string>,
  members: ReadonlyArray<string>,
  judges: ReadonlyArray<string>
): Promise<Built> => {
  const file = join(out, "prompts.txt")
  writeFileSync(file, `${prompts.join("\n")}\n`)
  const ended = await run(
    [
      ...[file, "--out", join(out, "run"), "--config", config, "--target", String(prompts.length)],
      ...members.flatMap((name) => ["--member", name]),
      ...judges.flatMap((name) => ["--judge", name])
    ],
    { cwd: out, env }
  )
  const last = ended.events.at(-1)
  if (last?._tag !== "Finished") throw new Error(`the run did not come to its end:\n${ended.stderr}`)
  expect(last.outcome).toBe("done")
  expect(balances(last.ledger)).toBe(true)
  expect(last.ledger.examples + last.ledger.rejected).toBe(prompts.length)
  const dataset = join(out, "run", "dataset.jsonl")
  return {
    ...ended,
    rows: lines<DatasetRow>(dataset),
    rejected: lines<RejectedRow>(join(out, "run", "rejected.jsonl")),
    bytes: readFileSync(dataset, "utf8")
  }
}

const three = ["Why is the sky blue?", "How do bees find home?", "What makes bread rise?"]
const good = ["simulated/scholar", "simulated/plain", "simulated/sloppy"]
const times = (model: string) => vendor.asked.filter((one) => one.model === model).length

/** Each way to fail, by which name it goes (an error's reason, or its tag), and how often it is tried. */
const ways = [
  ["openrouter/hang", "TimedOut", attempts],
  ["openrouter/trickle", "TimedOut", attempts],
  ["openrouter/reset", "Network", attempts],
  ["openrouter/truncate", "Network", attempts],
  ["openrouter/html", "MalformedOutput", attempts],
  ["openrouter/other-json", "MalformedOutput", attempts],
  ["openrouter/bad-gateway", "ServerError", attempts],
  ["openrouter/unauthorised", "Authentication", 1],
  ["ollama/nobody", "Network", attempts],
  ["simulated/dead", "ServerError or Overloaded", attempts]
] as const

it("members that fail in any way leave the others' answers standing", async () => {
  const members = [...ways.map(([name]) => name), ...good]
  const { code, events, rejected, rows } = await build(folder(), three, members, [
    "simulated/careful",
    "simulated/brisk"
  ])
  expect(code).toBe(0)
  expect(rows).toHaveLength(three.length)
  expect(rejected).toEqual([])
  for (const [name, called, tried] of ways) {
    const model = name.slice(name.indexOf("/") + 1)
    const told = events.filter((event) => event._tag === "Answered" && event.member === name)
    expect(told.map((event) => "attempts" in event && event.attempts)).toEqual(three.map(() => tried))
    if (name.startsWith("openrouter/")) expect(times(model)).toBe(three.length * tried)
    const failures = rows.map((row) => row.candidates.find(({ member }) => member === name)?.failure)
    for (const failure of failures) expect(called.split(" or ")).toContain(failure?.reason ?? failure?.tag)
    table.push([`member ${name}`, `${tried} attempts a prompt`, `${called}; ${rows.length} of ${rows.length} examples`])
  }
  for (const row of rows) {
    const answered = row.candidates.flatMap(({ failure, id }) => (failure === undefined ? [id] : []))
    expect(answered).toHaveLength(good.length)
    expect(row.ranking.flatMap(({ candidates }) => candidates).sort()).toEqual(answered.sort())
  }
})

it("a judge that answers rubbish is asked once more and is then absent", async () => {
  const kinds = Object.keys(rubbish)
  const judges = [...kinds.map((kind) => `openrouter/rubbish-${kind}`), "openrouter/mends", "simulated/careful"]
  const out = folder()
  const { bytes, code, rejected, rows } = await build(out, three, good, judges)
  expect(code).toBe(0)
  expect(rejected).toEqual([])
  expect(rows).toHaveLength(three.length)
  const passes = rows
    .map((row) => 1 + Math.max(...row.judges.map(({ pass }) => pass)))
    .reduce((sum, one) => sum + one, 0)
  for (const kind of kinds) {
    const asked = vendor.asked.filter(({ model }) => model === `rubbish-${kind}`)
    expect(asked).toHaveLength(2 * passes)
    // The second time it hears what was wrong in its answer.
    expect(asked.filter(({ text }) => text.includes("not a valid order"))).toHaveLength(passes)
    const votes = rows.flatMap((row) => row.judges.filter(({ judge }) => judge === `openrouter/rubbish-${kind}`))
    expect(votes).toHaveLength(passes)
    for (const vote of votes) {
      expect(vote.absent?.tag).toBe("InvalidBallot")
      expect(vote.order).toBeUndefined()
    }
    table.push([`judge that says ${kind}`, "asked twice a pass", `absent in ${votes.length} of ${votes.length} passes`])
  }
  const mended = rows.flatMap((row) => row.judges.filter(({ judge }) => judge === "openrouter/mends"))
  for (const { mended: notes } of mended) expect(notes?.join()).toMatch(/asked twice/)
  table.push(["judge that mends its rubbish", "asked twice a pass", `${mended.length} orders, each marked`])
  // Who gave no order has no say.
  for (const { agreement, judges: votes } of rows) {
    expect(agreement.of).toBe(2)
    expect(new Set(votes.flatMap(({ judge, order }) => (order === undefined ? [] : [judge])))).toEqual(
      new Set(["openrouter/mends", "simulated/careful"])
    )
  }
  // Rubbish is an answer too: it was paid for, and is not asked for again.
  const asked = vendor.asked.length
  expect((await build(out, three, good, judges)).bytes).toBe(bytes)
  expect(vendor.asked).toHaveLength(asked)
})

it("a prompt that no judge can order is rejected, the run goes on, and the same command tries again", async () => {
  const prompts = [...three, "Tell an unjudgeable story."]
  const judges = ["openrouter/moody-refusing", "openrouter/moody-breaking"]
  const out = folder()
  vendor.trouble = "unjudgeable"
  const first = await build(out, prompts, good, judges)
  expect(first.code).toBe(3)
  expect(first.rows).toHaveLength(3)
  expect(first.rejected.map(({ prompt, why }) => [prompt, why])).toEqual([[prompts[3], "no-quorum"]])
  expect(first.rejected[0]?.candidates.map(({ text }) => text !== undefined)).toEqual(good.map(() => true))
  expect(first.rejected[0]?.judges.map(({ absent }) => absent !== undefined)).not.toContain(false)
  expect(first.stderr).toContain("no-quorum")

  vendor.trouble = ""
  const before = { vendor: vendor.asked.length, members: simulated.stats().members.scholar?.calls }
  const second = await build(out, prompts, good, judges)
  expect(second.code).toBe(0)
  expect(second.rejected).toEqual([])
  expect(second.rows).toHaveLength(4)
  // Only what had failed is asked anew.
  expect(simulated.stats().members.scholar?.calls).toBe(before.members)
  expect(vendor.asked.slice(before.vendor).every(({ text }) => text.includes("unjudgeable"))).toBe(true)
  const anew = vendor.asked.length - before.vendor
  const whole = await build(folder(), prompts, good, judges)
  expect(second.bytes).toBe(whole.bytes)
  table.push(["all judges, on one of four prompts", "", "rejected: no-quorum; 3 examples"])
  table.push(["… and then nobody", `${anew} calls`, "4 examples, as if nothing had been"])
})

it.each([
  ["every judge, always", good, ["simulated/rubbish-judge", "ollama/nobody"], "no-quorum"],
  ["every member, always", ["simulated/dead", "openrouter/html"], ["simulated/careful"], "no-candidate"]
] as const)("%s: nothing is made up, and the command says so", async (what, members, judges, why) => {
  const asked = simulated.stats().members.careful?.calls
  const { bytes, code, rejected, stderr } = await build(folder(), three, members, judges)
  expect(code).toBe(1)
  expect(bytes).toBe("")
  expect(rejected.map((row) => row.why)).toEqual(three.map(() => why))
  expect(stderr).toMatch(/no prompt gave an example/)
  if (why === "no-candidate") expect(simulated.stats().members.careful?.calls).toBe(asked)
  table.push([what, "", `rejected: ${why}; exit code 1`])
})
