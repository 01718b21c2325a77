import { Halted } from "@consortium/core/Call"
import type { Embedder } from "@consortium/core/Embedder"
import { Authentication, ContextOverflow } from "@consortium/core/ModelError"
import type { Pool } from "@consortium/core/Selection"
import { Selector } from "@consortium/core/Selection"
import { buildDataset } from "@consortium/pipeline/BuildDataset"
import * as Fence from "@consortium/selector/Fence"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { fakeConfig, folder, promptsOf, run, services, sourceOf } from "./road.js"

const live = (name: string, body: () => Effect.Effect<void, unknown, never>) => it.live(name, body, 60_000)

/** An embedder with the batches that it was asked for; it can be out of money after some. */
const counted = (batches = Infinity) => {
  const inner = Fakes.embedder({ maxBatch: 4 })
  const asked: Array<ReadonlyArray<string>> = []
  const embedder: Embedder = {
    ...inner,
    embed: (texts) =>
      Effect.suspend((): ReturnType<Embedder["embed"]> => {
        if (asked.length >= batches) return Effect.fail(new Halted({ why: "budget", detail: "spent" }))
        asked.push(texts)
        return inner.embed(texts)
      })
  }
  return { asked, embedder }
}

describe("embedding and selection", () => {
  live("are done once, whatever the later starts are for", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const { asked, embedder } = counted()
      const pools: Array<Pool> = []
      const selector = Layer.effect(
        Selector,
        Effect.map(Selector, (inner) => ({
          ...inner,
          select: (pool: Pool) => Effect.suspend(() => (pools.push(pool), inner.select(pool)))
        }))
      ).pipe(Layer.provide(Fence.layer({ stop: { targetSize: 3 } })))
      const config = fakeConfig(out, {
        source: sourceOf(promptsOf(10)),
        stop: { targetSize: 3 },
        embedder,
        stages: { selector },
        members: [{ ...fakeConfig(out).members[0], model: Fakes.chatModel("fake/off", () => Fakes.modelError()) }]
      })
      const first = yield* run(config)
      assert.deepInclude(first.summary.ledger, { selected: 3, notSelected: 7, rejected: 3 })
      const second = yield* run(config)
      assert.deepInclude(second.summary.ledger, { selected: 3, rejected: 3 })
      assert.deepStrictEqual([asked.length, pools.length], [3, 1])
      const chosen = (events: typeof first.events) => events.filter((event) => event._tag === "Selected")
      assert.deepStrictEqual(chosen(second.events), chosen(first.events))
      assert.deepStrictEqual(
        second.events.flatMap(({ _tag }) => (_tag === "Embedded" ? [_tag] : [])),
        []
      )
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("go on after a halt with the batches that are stored", () =>
    Effect.gen(function* () {
      const source = sourceOf(promptsOf(30))
      const whole = yield* run(fakeConfig(`${yield* folder}/run`, { source, embedder: counted().embedder }))
      const out = `${yield* folder}/run`
      const first = counted(3)
      const stopped = yield* run(fakeConfig(out, { source, embedder: first.embedder, concurrency: 1 }))
      assert.strictEqual(stopped.summary.outcome, "stopped")
      assert.deepInclude(stopped.summary.ledger, { rows: 30, pending: 30, selected: 0 })
      assert.deepStrictEqual(stopped.rows, [])
      const second = counted()
      const done = yield* run(fakeConfig(out, { source, embedder: second.embedder, concurrency: 1 }))
      assert.strictEqual(done.bytes, whole.bytes)
      assert.deepStrictEqual([first.asked.length, second.asked.length], [3, 5])
      assert.deepStrictEqual([done.summary.stored, done.summary.calls], [3, 5 + 2 * 4])
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("leave out a text that is too long for the embedder, and that one alone", () =>
    Effect.gen(function* () {
      const embedder = Fakes.embedder({
        vector: (text) =>
          /Question [36]:/.test(text)
            ? Fakes.modelError(new ContextOverflow({}))
            : [text.length, ...Array<number>(15).fill(1)]
      })
      const { events, summary } = yield* run(
        fakeConfig(`${yield* folder}/run`, {
          source: sourceOf(promptsOf(9)),
          stop: { targetSize: 9 },
          // All its vectors are near-duplicates.
          stages: { selector: Fence.layer({ stop: { targetSize: 9 }, guard: "off" }) },
          embedder
        })
      )
      assert.deepInclude(summary.ledger, { rows: 9, failed: 2, selected: 7, notSelected: 0, examples: 7 })
      assert.deepInclude(
        events.find((event) => event._tag === "Embedded"),
        { prompts: 7, failed: 2 }
      )
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("stop the run where the embedder fails as a whole, or refuses every text", () =>
    Effect.gen(function* () {
      const failing = Fakes.embedder({ vector: () => Fakes.modelError(new Authentication({}), "no such key") })
      const error = yield* Effect.flip(buildDataset(fakeConfig(`${yield* folder}/run`, { embedder: failing })))
      assert.strictEqual(error._tag, "EmbedderFailed")
      assert.match(error.message, /fake\/letters failed: .*no such key.*the same command goes on/)
      const refusing = Fakes.embedder({ vector: () => Fakes.modelError(new ContextOverflow({})) })
      const none = yield* Effect.flip(buildDataset(fakeConfig(`${yield* folder}/run`, { embedder: refusing })))
      assert.match(none.message, /^embedding empty: all 4 texts failed, the first with: .*ContextOverflow/)
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("of a run that grows are measured as a whole", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const selectionOf = (out: string) =>
        Effect.map(files.readFileString(`${out}/run.json`), (text): unknown => JSON.parse(text).selection)
      const config = (out: string, targetSize: number) =>
        fakeConfig(out, { source: sourceOf(promptsOf(12)), stop: { targetSize }, guard: "off" })
      const [grown, whole] = [`${yield* folder}/run`, `${yield* folder}/run`]
      yield* run(config(grown, 4))
      yield* run({ ...config(grown, 8), grow: true })
      yield* run(config(whole, 8))
      const { coverage, of } = Object(yield* selectionOf(whole))
      assert.strictEqual(of, 12)
      assert.isBelow(coverage.chosen.radius, 2)
      assert.deepStrictEqual(Object(yield* selectionOf(grown)).coverage, coverage)
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
