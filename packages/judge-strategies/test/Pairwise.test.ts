import type { Sheet } from "@consortium/core/Blind"
import * as ChatModel from "@consortium/core/ChatModel"
import { InvalidBallot } from "@consortium/core/Ballot"
import { Label, PromptId } from "@consortium/core/Ids"
import { ModelError, Overloaded } from "@consortium/core/ModelError"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import { message, textOf } from "@consortium/core/Prompt"
import { bySize } from "@consortium/judge-strategies/BySize"
import { pairwise } from "@consortium/judge-strategies/Pairwise"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

const sheetOf = (texts: NonEmpty<string>): Sheet => ({
  promptId: PromptId.make("p"),
  task: [message("user", "Which number is largest?")],
  options: map(texts, (text, at) => ({ label: Label.make(String.fromCharCode(65 + at)), text }))
})

interface Shown {
  readonly id: string
  readonly text: string
}

/** A model that reads the sheet as it is shown and says what the rule says. */
const reader = (say: (shown: ReadonlyArray<Shown>, call: number) => unknown) => {
  const seen: Array<{ readonly ids: string; readonly system: string; readonly last: string }> = []
  const model = ChatModel.make({
    ref: "fake/reader",
    complete: ({ messages }) =>
      Effect.suspend(() => {
        const asked = messages.map(textOf).join("\n")
        const shown = [...asked.matchAll(/^<candidate id="(\w+)" fence="\w+">\n(.*)$/gm)].map(
          ([, id = "", text = ""]) => ({
            id,
            text
          })
        )
        const [system, user] = messages
        seen.push({
          ids: shown.map(({ id }) => id).join(""),
          system: textOf(system),
          last: (user === undefined ? "" : textOf(user)).split("\n").at(-1) ?? ""
        })
        const said = say(shown, seen.length)
        if (said instanceof ModelError) return Effect.fail(said)
        return Effect.succeed({
          parts: [{ _tag: "Text", text: typeof said === "string" ? said : JSON.stringify(said) }],
          finish: { kind: "stop", raw: null },
          usage: {},
          model: "reader"
        } as const)
      })
  })
  return { model, seen }
}
/** Prefers the larger number; equal ones tie. */
const larger = (shown: ReadonlyArray<Shown>) => {
  const sorted = [...shown].sort((a, b) => Number(b.text) - Number(a.text))
  const tie = new Set(shown.map(({ text }) => text)).size === 1
  return { ranking: tie ? [sorted.map(({ id }) => id)] : sorted.map(({ id }) => [id]) }
}
const tiers = (ballot: { readonly tiers: ReadonlyArray<ReadonlyArray<string>> }) =>
  ballot.tiers.map((tier) => [...tier].sort().join("=")).join(">")

describe("pairwise", () => {
  it.effect("compares two in one call, in its own words", () =>
    Effect.gen(function* () {
      const { model, seen } = reader(larger)
      const judge = pairwise(model, { family: "f" })
      assert.strictEqual(tiers(yield* judge.judge(sheetOf(["1", "2"]))), "B>A")
      assert.deepStrictEqual([judge.id, judge.family], ["pairwise:fake/reader", "f"])
      assert.strictEqual(seen.length, 1)
      assert.include(seen[0]?.system, "which one is better")
      assert.strictEqual(seen[0]?.last, "Compare A and B.")
    })
  )

  it.effect("compares every pair of more, each once, and ranks by points; ties share a tier", () =>
    Effect.gen(function* () {
      const { model, seen } = reader(larger)
      assert.strictEqual(tiers(yield* pairwise(model).judge(sheetOf(["2", "9", "2", "1"]))), "B>A=C>D")
      assert.strictEqual(new Set(seen.map(({ ids }) => [...ids].sort().join(""))).size, 6)
      const firsts = seen.map(({ ids }) => ids[0])
      assert.isTrue(
        seen.some(({ ids }) => ids > [...ids].reverse().join("")),
        "who stands first takes turns"
      )
      assert.isAbove(new Set(firsts).size, 1)
    })
  )

  it.effect("goes on without a pair that can't be read, and says so", () =>
    Effect.gen(function* () {
      const { model } = reader((shown) =>
        shown.some(({ text }) => text === "1") && shown.some(({ text }) => text === "2") ? "?" : larger(shown)
      )
      const ballot = yield* pairwise(model).judge(sheetOf(["1", "2", "3"]))
      assert.strictEqual(ballot.tiers[0]?.[0], "C")
      assert.deepStrictEqual(ballot.mended, ["1 of 3 pairs without a verdict"])
      const none = yield* Effect.flip(pairwise(reader(() => "?").model).judge(sheetOf(["1", "2", "3"])))
      assert.instanceOf(none, InvalidBallot)
    })
  )

  it.effect("fails as its model fails", () =>
    Effect.gen(function* () {
      const down = new ModelError({ vendor: "fake", model: "m", reason: new Overloaded(), detail: "" })
      const { model } = reader((shown, call) => (call === 2 ? down : larger(shown)))
      assert.strictEqual(yield* Effect.flip(pairwise(model).judge(sheetOf(["1", "2", "3"]))), down)
    })
  )

  it.effect("calls unacceptable what more than half of its pairs call so", () =>
    Effect.gen(function* () {
      const { model } = reader((shown) => {
        const bad = shown.filter(({ text }) => text === "0").map(({ id }) => id)
        return { ranking: shown.filter(({ id }) => !bad.includes(id)).map(({ id }) => [id]), unacceptable: bad }
      })
      const ballot = yield* pairwise(model).judge(sheetOf(["1", "0", "3"]))
      assert.deepStrictEqual(ballot.unacceptable, [Label.make("B")])
    })
  )
})

describe("bySize", () => {
  it.effect("compares two, and lists more", () =>
    Effect.gen(function* () {
      const { model, seen } = reader(larger)
      const judge = bySize(model)
      assert.strictEqual(judge.id, "fake/reader")
      yield* judge.judge(sheetOf(["1", "2"]))
      yield* judge.judge(sheetOf(["1", "2", "3"]))
      assert.deepStrictEqual(
        seen.map(({ last }) => last),
        ["Compare A and B.", "Rank A, B, C."]
      )
    })
  )
})
