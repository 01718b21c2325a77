import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import type { RunEvent } from "@consortium/core/RunEvent"
import { embedder as lexical } from "@consortium/embedders-lexical/Lexical"
import { buildDataset, buildDatasetPromise, type Options } from "../src/BuildDataset.js"
import { folders, quickVendor } from "./command.js"

const folder = folders()
const vendor = quickVendor()

const options = (out: string): Options => ({
  prompts: join(out, "p.txt"),
  out: join(out, "o"),
  members: ["ollama/scholar", "ollama/sloppy"],
  judges: ["ollama/careful"],
  select: { targetSize: 2 },
  seed: 7
})
const input = { "p.txt": "What is rain?\nWhy do cats purr?\nWhat is a prime?\n" }
/** The variables as a program has them from its own provider. */
const variables = () => ConfigProvider.layer(ConfigProvider.fromEnv({ env: vendor }))

describe("buildDataset", () => {
  it.effect("runs with the services and variables that the program provides, and tells every event", () =>
    Effect.gen(function* () {
      const cwd = folder(input)
      const events: Array<RunEvent> = []
      const onEvent = (event: RunEvent) => Effect.sync(() => void events.push(event))
      const summary = yield* buildDataset({ ...options(cwd), onEvent })
      assert.strictEqual(summary.outcome, "done")
      assert.deepInclude(summary.ledger, { rows: 3, selected: 2, notSelected: 1, examples: 2 })
      assert.deepStrictEqual(
        summary.judges.map(({ id, absent }) => [id, absent]),
        [["ollama/careful", 0]]
      )
      assert.strictEqual(events.filter(({ _tag }) => _tag === "Answered").length, 4)
      assert.strictEqual(events.at(-1)?._tag, "Finished")
      assert.strictEqual(readFileSync(join(cwd, "o/dataset.jsonl"), "utf8").split("\n").length, 3)
    }).pipe(Effect.provide([NodeServices.layer, variables()]))
  )

  it.effect("fails with what to say instead", () =>
    Effect.gen(function* () {
      const { select: _, ...rest } = options(folder(input))
      const nothing = yield* Effect.flip(buildDataset(rest))
      assert.strictEqual(nothing._tag, "UsageError")
      const unknown = yield* Effect.flip(buildDataset({ ...rest, select: { targetSize: 0 } }))
      assert.match(unknown.message, /select\.targetSize: .*greater than 0/)
    }).pipe(Effect.provide([NodeServices.layer, variables()]))
  )
})

describe("held-out prompts", () => {
  it.effect("are compared by meaning without the secrets in them, where the scrub is asked for", () =>
    Effect.gen(function* () {
      const token = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`
      const held = `My key ${token} leaked, what now?`
      const cwd = folder({ ...input, "held.jsonl": `${JSON.stringify({ prompt: held })}\n` })
      const seen: Array<string> = []
      const embedder = {
        ...lexical,
        embed: (texts: NonEmpty<string>) => {
          seen.push(...texts)
          return lexical.embed(texts)
        }
      }
      const intake = { heldOut: [join(cwd, "held.jsonl")], scrub: true }
      yield* buildDataset({ ...options(cwd), embedder, intake, leakCosine: 0.9 })
      assert.lengthOf(seen, 4)
      assert.include(seen, "My key [github-1] leaked, what now?")
      assert.notInclude(seen.join(), token)
    }).pipe(Effect.provide([NodeServices.layer, variables()]))
  )
})

describe("buildDatasetPromise", () => {
  const simulated = (out: string): Options => ({
    ...options(out),
    members: ["simulated/brisk"],
    judges: ["simulated/brisk"],
    select: { targetSize: 1 }
  })

  it("resolves to the summary", async () => {
    const summary = await buildDatasetPromise(simulated(folder(input)))
    assert.deepInclude(summary.ledger, { selected: 1, examples: 1 })
    assert.isTrue(summary.simulated)
  })

  it("rejects with the very error", async () => {
    const { message, _tag } = await buildDatasetPromise({ ...simulated(folder()), prompts: "no.txt" }).catch(
      (error) => error
    )
    assert.strictEqual(_tag, "SourceError")
    assert.match(message, /no\.txt: .*no such file/)
  })

  it("stops at the signal", async () => {
    const stop = new AbortController()
    const onEvent = (event: RunEvent) => Effect.sync(() => event._tag === "Selected" && stop.abort())
    const hanging: Options = {
      ...simulated(folder(input)),
      members: ["simulated/silent"],
      onEvent: (event) => Effect.asVoid(onEvent(event))
    }
    const outcome = await buildDatasetPromise(hanging, { signal: stop.signal }).then(
      () => "resolved",
      () => "rejected"
    )
    assert.strictEqual(outcome, "rejected")
  })
})
