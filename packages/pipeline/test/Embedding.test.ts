import type { Embedder } from "@consortium/core/Embedder"
import { ContextOverflow, ModelError, ServerError } from "@consortium/core/ModelError"
import { fromText } from "@consortium/core/Prompt"
import { Seed } from "@consortium/core/Seed"
import { layerOf } from "@consortium/pipeline/Inspect"
import { selectPrompts } from "@consortium/pipeline/SelectPrompts"
import * as Prices from "@consortium/pricing/Prices"
import { Selector } from "@consortium/core/Selection"
import { layer as fenceLayer } from "@consortium/selector/Fence"
import { RunStore } from "@consortium/store/RunStore"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { fakeConfig, folder, promptsOf, run, services, sourceOf } from "./road.js"

/** Of a priced name, since the catalogue knows embeddings too; it counts what it is asked. */
const priced = (fails: (text: string) => ModelError["reason"] | undefined = () => undefined) => {
  const asked: Array<ReadonlyArray<string>> = []
  const fake = Fakes.embedder({ ref: "openai/text-embedding-3-small", maxBatch: 4 })
  const value: Embedder<ModelError> = {
    ...fake,
    wire: "fake",
    embed: (texts) =>
      Effect.suspend(() => {
        asked.push(texts)
        const reason = texts.map(fails).find((one) => one !== undefined)
        return reason === undefined
          ? Effect.map(fake.embed(texts), (batch) => ({ ...batch, inputTokens: 1000 * texts.length }))
          : Effect.fail(new ModelError({ vendor: "openai", model: "m", reason, detail: "" }))
      })
  }
  return { value, asked }
}
/** What members say is free, so that the sum is that of embedding. */
const prices = Prices.make({ own: { "fake/*": { input: 0, output: 0 } } })
/** 0.02 dollars a million tokens. */
const perText = (1000 * 0.02) / 1e6

const detailOf = (out: string, id: string) =>
  RunStore.use(({ rows }) =>
    Effect.map(rows.find(fromText(id, "").id), (place) => Option.getOrThrow(place).detail)
  ).pipe(Effect.provide(layerOf(out)))

describe("what embedding takes", () => {
  it.live("a run counts calls and cost of embedding, within its budget and for later starts", () =>
    Effect.gen(function* () {
      const at = yield* folder
      const { asked, value } = priced()
      const config = fakeConfig(`${at}/run`, { embedder: value, source: sourceOf(promptsOf(10)), prices })
      const { summary } = yield* run(config)
      assert.lengthOf(asked, 3)
      assert.closeTo(summary.usd ?? -1, 10 * perText, 1e-12)
      const { spending } = yield* RunStore.use((store) =>
        Effect.map(store.spending, (spending) => ({ spending }))
      ).pipe(Effect.provide(layerOf(`${at}/run`)))
      const embed = spending.find(({ purpose }) => purpose === "embed")
      assert.deepInclude(embed, { ref: value.ref, answered: 3, attempts: 3, inputTokens: 10_000 })
      assert.closeTo(embed?.usd ?? -1, 10 * perText, 1e-12)
      const short = { ...config, out: `${at}/short`, budget: { usd: perText } }
      const stopped = yield* run(short)
      assert.strictEqual(stopped.summary.stopped?.why, "budget")
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("runs and selections share a cache: what one was answered, no other asks", () =>
    Effect.gen(function* () {
      const at = yield* folder
      const embeddingCache = { directory: `${at}/cache` }
      const first = priced()
      const config = fakeConfig(`${at}/a`, {
        embedder: first.value,
        source: sourceOf(promptsOf(10)),
        prices,
        embeddingCache
      })
      yield* run(config)
      assert.lengthOf(first.asked.flat(), 10)
      const second = priced()
      const again = yield* run({ ...config, out: `${at}/b`, embedder: second.value, source: sourceOf(promptsOf(12)) })
      assert.lengthOf(second.asked.flat(), 2)
      const embedded = again.events.find((event) => event._tag === "Embedded")
      assert.isTrue(embedded?._tag === "Embedded" && embedded.kept === 10)
      assert.closeTo(again.summary.usd ?? -1, 2 * perText, 1e-12)
      const third = priced()
      const selector = yield* Effect.provide(Selector, fenceLayer({ stop: { targetSize: 3 } }))
      const selected = yield* selectPrompts({
        input: { source: sourceOf(promptsOf(12)), embedder: third.value, prices, embeddingCache },
        out: `${at}/c`,
        selector,
        seed: Seed.make(1)
      })
      assert.deepStrictEqual([third.asked.length, selected.calls, selected.stored, selected.usd], [0, 0, 3, 0])
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("a selection says what its embedding cost", () =>
    Effect.gen(function* () {
      const at = yield* folder
      const selector = yield* Effect.provide(Selector, fenceLayer({ stop: { targetSize: 3 } }))
      const input = { source: sourceOf(promptsOf(6)), embedder: priced().value, prices }
      const one = { input, out: at, selector, seed: Seed.make(1) }
      const first = yield* selectPrompts(one)
      assert.deepStrictEqual([first.calls, first.stored, first.failed], [2, 0, 0])
      assert.closeTo(first.usd ?? -1, 6 * perText, 1e-12)
      const again = yield* selectPrompts(one)
      assert.deepStrictEqual([again.calls, again.stored, again.usd], [0, 2, 0])
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("long prompts become what they are told to, and event, ledger, run.json and summary say so", () =>
    Effect.gen(function* () {
      const at = yield* folder
      const long = fromText("long", "word ".repeat(40))
      const source = sourceOf([...promptsOf(3), long])
      const tooLong = (text: string) => (text.length > 100 ? new ContextOverflow({}) : undefined)
      for (const [how, detail] of [
        ["cut", "too long: embedded by its beginning"],
        ["mean", "too long: embedded as the mean of its parts"]
      ] as const) {
        const out = `${at}/${how}`
        const config = fakeConfig(out, { embedder: priced(tooLong).value, source, tooLong: how })
        const { events, summary } = yield* run(config)
        const embedded = events.find((event) => event._tag === "Embedded")
        const counts = how === "cut" ? { cut: 1 } : { cut: 0, averaged: 1 }
        assert.deepInclude(embedded, { prompts: 4, failed: 0, ...counts })
        assert.deepInclude(summary, { averaged: 0, ...counts })
        assert.strictEqual(yield* detailOf(out, "long"), detail)
        assert.deepInclude((yield* run(config)).summary, { averaged: 0, ...counts })
      }
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("a prompt that breaks the embedder, also when it is asked again, fails alone and the run goes on", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const { value } = priced((text) => (text.includes("Question 2") ? new ServerError({}) : undefined))
      const { summary } = yield* run(
        fakeConfig(out, { embedder: value, source: sourceOf(promptsOf(6)), stop: { targetSize: 6 } })
      )
      assert.deepInclude(summary.ledger, { rows: 6, failed: 1, selected: 5, examples: 5 })
      assert.include(yield* detailOf(out, "q2"), "ServerError")
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
