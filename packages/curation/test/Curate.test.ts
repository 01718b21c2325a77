import { fromText, message, type Prompt } from "@consortium/core/Prompt"
import { SourceError, type SourceRow } from "@consortium/core/PromptSource"
import { PromptId } from "@consortium/core/Ids"
import * as Curate from "@consortium/curation/Curate"
import { detector, languages } from "@consortium/curation/Language"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const sourceOf = (name: string, prompts: ReadonlyArray<Prompt | SourceError>) => ({
  name,
  stream: Stream.fromIterable(
    prompts.map(
      (of, at): SourceRow =>
        of instanceof SourceError
          ? { _tag: "Invalid", number: at + 1, error: of }
          : { _tag: "Prompt", number: at + 1, prompt: of }
    )
  )
})
const texts = (...all: ReadonlyArray<string>) => all.map((text, at) => fromText(`p${at + 1}`, text))

/** `p1`, `p2 note`, `p3 -why of: detail`, or `!`. */
const brief = (row: SourceRow): string => {
  if (row._tag === "Invalid") return "!"
  if (row._tag === "Prompt") return `${row.prompt.id}${row.note === undefined ? "" : ` ${row.note}`}`
  return `${row.prompt.id} -${row.why} ${row.of ?? ""}: ${row.detail}`
}
const curated = (prompts: ReadonlyArray<Prompt | SourceError>, options: Curate.Options) =>
  Effect.map(Stream.runCollect(Curate.source(sourceOf("in", prompts), options).stream), (rows) => rows.map(brief))

const tides = "Explain in detail how ocean tides work and why there are two each day, please."

describe("repetitions", () => {
  it.effect("name the row that is kept, which is the first", () =>
    Effect.gen(function* () {
      const prompts = texts(
        tides,
        tides.toUpperCase(),
        tides.replace("ocean", "the ocean"),
        "Something else.",
        tides.replace("ocean", "the OCEAN")
      )
      assert.deepStrictEqual(yield* curated(prompts, { dedupe: "normalised" }), [
        "p1",
        "p2 -duplicate p1: normalised",
        "p3",
        "p4",
        "p5 -duplicate p3: normalised"
      ])
      assert.deepStrictEqual(yield* curated(prompts, { dedupe: "near" }), [
        "p1",
        "p2 -duplicate p1: normalised",
        "p3 -duplicate p1: 0.88 alike",
        "p4",
        "p5 -duplicate p1: normalised"
      ])
      assert.deepStrictEqual((yield* curated(prompts, { dedupe: "near", alike: 0.95 }))[2], "p3")
    })
  )

  it.effect(
    "are of the whole conversation: another system is another prompt, and signs are words where nothing else is",
    () =>
      Effect.gen(function* () {
        const of = (id: string, system: string): Prompt => ({
          id: PromptId.make(id),
          messages: [message("system", system), message("user", "Go.")]
        })
        const signs = [fromText("c", "+++"), fromText("d", "---"), fromText("e", "+++")]
        assert.deepStrictEqual(yield* curated([of("a", "One."), of("b", "Two."), ...signs], { dedupe: "near" }), [
          "a",
          "b",
          "c",
          "d",
          "e -duplicate c: normalised"
        ])
      })
  )
})

describe("what is left out", () => {
  it.effect("is too short, too long, or in another language; what is too short to tell stays", () =>
    Effect.gen(function* () {
      const prompts = texts(
        "Hi",
        tides,
        "Wie funktionieren die Gezeiten, und warum gibt es zwei?",
        "x".repeat(200),
        "Ok"
      )
      assert.deepStrictEqual(yield* curated(prompts, { minLength: 2, maxLength: 100, languages: ["en"] }), [
        "p1",
        "p2",
        "p3 -language : de",
        "p4 -length : 200 characters",
        "p5"
      ])
    })
  )

  it.effect("is a leak, with where the held-out text stands, or only noted", () =>
    Effect.gen(function* () {
      const heldOut = [sourceOf("eval.jsonl", texts("Unrelated words in some order.", tides))]
      const prompts = texts(`Hello! ${tides}`, "Something else.")
      assert.deepStrictEqual(yield* curated(prompts, { heldOut }), ["p1 -leak eval.jsonl:2: 100% of its pieces", "p2"])
      assert.deepStrictEqual(yield* curated(prompts, { heldOut, onLeak: "report" }), [
        "p1 leak of eval.jsonl:2, 100% of its pieces",
        "p2"
      ])
      const broken = [sourceOf("eval.jsonl", [new SourceError({ file: "eval.jsonl", line: 1, reason: "broken" })])]
      assert.strictEqual((yield* Effect.flip(curated(prompts, { heldOut: broken }))).message, "eval.jsonl:1: broken")
    })
  )

  it.effect("is a secret, whose place is noted and not its value; repetitions are seen without it", () =>
    Effect.gen(function* () {
      const rows = yield* curated(
        texts("Write to jo@example.org about tides.", "Write to al@example.org about tides."),
        {
          scrub: true,
          dedupe: "normalised"
        }
      )
      assert.deepStrictEqual(rows, ["p1 scrubbed email 9+14 in messages[0]", "p2 -duplicate p1: normalised"])
    })
  )

  it.effect("is nothing where nothing is asked for; rows that are no prompts go through", () =>
    Effect.gen(function* () {
      const error = new SourceError({ file: "in", line: 2, reason: "broken" })
      assert.deepStrictEqual(yield* curated([fromText("a", tides), error, fromText("b", tides)], {}), ["a", "!", "b"])
    })
  )
})

describe("without Effect", () => {
  it("rows go in and out as async iterables, and errors come through", async () => {
    const of = async function* (): AsyncGenerator<SourceRow> {
      yield { _tag: "Prompt", number: 1, prompt: fromText("a", tides) }
      yield { _tag: "Prompt", number: 2, prompt: fromText("b", tides) }
      throw new SourceError({ file: "in", reason: "gone" })
    }
    const seen: Array<string> = []
    const reading = async () => {
      for await (const row of Curate.rows(of(), { dedupe: "normalised" })) seen.push(brief(row))
    }
    const error = await reading().catch((thrown: unknown) => thrown)
    assert.instanceOf(error, SourceError)
    assert.deepStrictEqual(seen, ["a", "b -duplicate a: normalised"])
  })
})

describe("languages", () => {
  it.effect("are those that the detector says it knows", () =>
    Effect.gen(function* () {
      const detect = yield* detector
      const said = ["How do ocean tides work?", "Comment fonctionnent les marées ?", "潮汐是怎么形成的？", ""].map(
        (text) => detect(text).language
      )
      assert.deepStrictEqual(said, ["en", "fr", "zh", ""])
      assert.strictEqual(languages.length, 60)
    })
  )
})
