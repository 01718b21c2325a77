import { Ballot } from "@consortium/core/Ballot"
import type { Sheet } from "@consortium/core/Blind"
import { Failure, Halted } from "@consortium/core/Call"
import * as ChatModel from "@consortium/core/ChatModel"
import { JudgeId, Label, PromptId } from "@consortium/core/Ids"
import { type Judge, Panel, type Vote } from "@consortium/core/Judge"
import { ModelError, Overloaded } from "@consortium/core/ModelError"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import { message, textOf } from "@consortium/core/Prompt"
import * as Seed from "@consortium/core/Seed"
import { listwise } from "@consortium/judge-strategies/Listwise"
import * as PanelLayer from "@consortium/panel/Panel"
import { assert, describe, it } from "@effect/vitest"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"

const seed = Seed.Seed.make(7)
const sheetOf = (texts: NonEmpty<string>): Sheet => ({
  promptId: PromptId.make("p"),
  task: [message("user", "Why?")],
  options: map(texts, (text, index) => ({ label: Label.make(`R${index + 1}`), text }))
})
const sheet = sheetOf(["good", "fair", "bad"])

/** A judge that orders texts by its taste, and what it was shown. */
const judgeOf = (id: string, taste: string, wait: Duration.Input = 0) => {
  const shown: Array<Sheet> = []
  const judge: Judge = {
    id: JudgeId.make(id),
    judge: (on) =>
      Effect.sync(() => {
        shown.push(on)
        const order = taste.split(">")
        const sorted = [...on.options].sort((a, b) => order.indexOf(a.text) - order.indexOf(b.text))
        return Result.getOrThrow(Ballot.make(on, { tiers: sorted.map((option) => [option.label]) }))
      }).pipe(Effect.delay(wait))
  }
  return { judge, shown }
}
/** A judge that is for whatever stands first. */
const lazy = (id: string): Judge => ({
  id: JudgeId.make(id),
  judge: (on) =>
    Effect.sync(() => Result.getOrThrow(Ballot.make(on, { tiers: on.options.map((option) => [option.label]) })))
})
const overloaded = new ModelError({ vendor: "fake", model: "m", reason: new Overloaded(), detail: "" })
const absent = (id: string): Judge => ({ id: JudgeId.make(id), judge: () => Effect.fail(overloaded) })

const judged = (options: Omit<PanelLayer.Options, "seed">, on: Sheet = sheet) =>
  Panel.use((panel) => panel.judge(on)).pipe(Effect.provide(PanelLayer.layer({ seed, ...options })))
const order = (vote: Vote) =>
  Result.getOrThrow(vote.outcome)
    .tiers.map((tier) => tier.join("="))
    .join(">")

const normal = "good>fair>bad"

describe("Panel", () => {
  it.effect("asks each judge once where they agree, and gives their orders in the sheet's own labels", () =>
    Effect.gen(function* () {
      const judges = ["a", "b", "c"].map((id) => judgeOf(id, normal))
      const [a, b, c] = judges
      if (a === undefined || b === undefined || c === undefined) throw new Error("three judges")
      const ballots = yield* judged({ judges: [a.judge, b.judge, c.judge] })
      assert.deepStrictEqual(
        ballots.votes.map((vote) => [vote.judge, vote.pass]),
        [
          ["a", 0],
          ["b", 0],
          ["c", 0]
        ]
      )
      for (const vote of ballots.votes) assert.strictEqual(order(vote), "R1>R2>R3")
      // Each saw letters, and each another text at the top.
      assert.deepStrictEqual(
        a.shown[0]?.options.map((option) => option.label),
        ["A", "B", "C"]
      )
      assert.strictEqual(new Set(judges.map((judge) => judge.shown[0]?.options[0].text)).size, 3)
    })
  )

  it.effect("asks again in reverse order where it is not sure", () =>
    Effect.gen(function* () {
      const a = judgeOf("a", normal)
      const b = judgeOf("b", "fair>good>bad")
      const ballots = yield* judged({ judges: [a.judge, b.judge] })
      assert.deepStrictEqual(
        ballots.votes.map((vote) => [vote.judge, vote.pass]),
        [
          ["a", 0],
          ["b", 0],
          ["a", 1],
          ["b", 1],
          ["a", 2],
          ["a", 3]
        ]
      )
      const shown = ballots.votes.map((vote) => vote.order.join())
      assert.deepStrictEqual(shown[2]?.split(","), shown[0]?.split(",").reverse())
      assert.deepStrictEqual(
        a.shown[1]?.options.map((option) => option.text),
        a.shown[0]?.options.map((option) => option.text).reverse()
      )
    })
  )

  it.effect("stops where stopAt and maxPasses say", () =>
    Effect.gen(function* () {
      const judges = [judgeOf("a", normal).judge, judgeOf("b", normal).judge, judgeOf("c", normal).judge] as const
      const passes = (options: Partial<PanelLayer.Options>) =>
        Effect.map(judged({ judges, playOff: false, ...options }), ({ votes }) => votes.length / 3)
      assert.strictEqual(yield* passes({}), 1)
      assert.strictEqual(yield* passes({ stopAt: 1.1 }), 2)
      assert.strictEqual(yield* passes({ stopAt: 1.1, maxPasses: 3, maxVerdicts: 9 }), 3)
      assert.strictEqual(yield* passes({ stopAt: 1.1, maxPasses: 3, maxVerdicts: 8 }), 2, "a pass that does not fit")
      assert.strictEqual(yield* passes({ stopAt: 1.1, maxPasses: 1 }), 1)
    })
  )

  it.effect("is sure or not by the judges' weights", () =>
    Effect.gen(function* () {
      const judges = [judgeOf("a", normal).judge, judgeOf("b", "bad>fair>good").judge] as const
      const weight = (judge: string) => (judge === "a" ? 6 : 0)
      const calls = (options: Partial<PanelLayer.Options>) =>
        Effect.map(judged({ judges, playOff: false, ...options }), ({ votes }) =>
          votes.map((vote) => vote.judge).join("")
        )
      assert.strictEqual(yield* calls({}), "abab")
      assert.strictEqual(yield* calls({ weighting: { weight } }), "a", "who has no weight is not asked")
    })
  )

  it.effect("lets the heaviest judge compare the best two, in both orders, where all passes left them open", () =>
    Effect.gen(function* () {
      const a = judgeOf("a", "good>fair>bad")
      const b = judgeOf("b", "fair>good>bad")
      const judges = [a.judge, b.judge] as const
      const weight = (judge: string) => (judge === "b" ? 1.01 : 1)
      const { votes } = yield* judged({ judges, weighting: { weight } })
      const duel = votes.slice(4)
      assert.deepStrictEqual(
        duel.map((vote) => [vote.judge, vote.pass, [...vote.order].sort().join()]),
        [
          ["b", 2, "R1,R2"],
          ["b", 3, "R1,R2"]
        ]
      )
      assert.strictEqual(duel[1]?.order.join(), [...(duel[0]?.order ?? [])].reverse().join())
      const [last] = duel
      assert.isTrue(last !== undefined && Result.isSuccess(last.outcome))
      if (last !== undefined && Result.isSuccess(last.outcome))
        assert.deepStrictEqual(last.outcome.success.unranked, [Label.make("R3")], "no verdict on who was not shown")
      assert.strictEqual((yield* judged({ judges, maxVerdicts: 5 })).votes.length, 4, "the cap leaves no room for it")
      const two = yield* judged({ judges }, sheetOf(["good", "fair"]))
      assert.strictEqual(two.votes.length, 4, "two candidates have met in every pass already")
    })
  )

  it.effect("asks one judge after the other where it is told to, the heaviest first, until it is sure", () =>
    Effect.gen(function* () {
      const judges = [judgeOf("a", normal).judge, judgeOf("b", normal).judge, judgeOf("c", normal).judge] as const
      const weight = (judge: string) => ({ a: 1, b: 3, c: 2 })[judge] ?? 1
      const asked = (options: Partial<PanelLayer.Options>) =>
        Effect.map(judged({ judges, ask: "one-by-one", weighting: { weight }, ...options }), ({ votes }) =>
          votes.map((vote) => vote.judge).join("")
        )
      assert.strictEqual(yield* asked({ stopAt: 0 }), "b")
      assert.strictEqual(yield* asked({ stopAt: 1.1, maxPasses: 1, playOff: false }), "bca")
      assert.strictEqual(yield* asked({ stopAt: 1.1, maxVerdicts: 4, playOff: false }), "bcab")
      assert.isBelow((yield* asked({})).length, 3)
    })
  )

  it.effect("stops by a calibrated chance where it has a calibration", () =>
    Effect.gen(function* () {
      const judges = [judgeOf("a", normal).judge, judgeOf("b", normal).judge, judgeOf("c", normal).judge] as const
      const calls = (temperature: number) =>
        Effect.map(judged({ judges, calibration: { temperature }, playOff: false }), ({ votes }) => votes.length)
      assert.strictEqual(yield* calls(1), 3)
      assert.strictEqual(yield* calls(8), 6, "certainties that were far too high")
    })
  )

  it.effect("judges many candidates in groups, whose best two meet in a final", () =>
    Effect.gen(function* () {
      const texts = Array.from({ length: 11 }, (_, at) => `t${String(at).padStart(2, "0")}`)
      const many = sheetOf([texts[0] ?? "", ...texts.slice(1)])
      const a = judgeOf("a", texts.join(">"))
      const { votes } = yield* judged({ judges: [a.judge], maxPasses: 1, playOff: false }, many)
      assert.deepStrictEqual(
        votes.map((vote) => vote.order.length),
        [3, 4, 4, 6]
      )
      const heats = votes.slice(0, 3).flatMap((vote) => vote.order)
      assert.strictEqual(new Set(heats).size, 11, "everybody is in one heat")
      const best = Result.getOrThrow((votes[3] as Vote).outcome).tiers[0]
      assert.deepStrictEqual(best, [Label.make("R1")], "the best of all wins the final")
    })
  )

  it.effect("asks nobody about a single candidate", () =>
    Effect.gen(function* () {
      const a = judgeOf("a", normal)
      const ballots = yield* judged({ judges: [a.judge] }, sheetOf(["only"]))
      assert.deepStrictEqual([ballots.labels.length, ballots.votes.length, a.shown.length], [1, 0, 0])
    })
  )

  it.effect("keeps an absent judge as a value, and tells of every vote", () =>
    Effect.gen(function* () {
      const heard: Array<string> = []
      const onVote = (vote: Vote) => Effect.sync(() => void heard.push(`${vote.judge}${vote.pass}`))
      const ballots = yield* judged({ judges: [absent("a"), lazy("b")], onVote, playOff: false })
      const [first] = ballots.votes
      assert.isTrue(first !== undefined && Result.isFailure(first.outcome) && first.outcome.failure instanceof Failure)
      assert.deepStrictEqual([...heard].sort(), ["a0", "a1", "b0", "b1"])
    })
  )

  it.effect("gives the same ballots whoever answers first", () =>
    Effect.gen(function* () {
      const bare = (waits: ReadonlyArray<Duration.Input>) =>
        Effect.map(
          judged({
            judges: [judgeOf("a", normal, waits[0]).judge, judgeOf("b", "fair>bad>good", waits[1]).judge, absent("c")],
            playOff: false
          }),
          ({ votes }) => votes.map(({ receipt: _, ...vote }) => vote)
        )
      const one = yield* TestClock.withLive(bare([0, 15]))
      const other = yield* TestClock.withLive(bare([15, 0]))
      assert.deepStrictEqual(one, other)
      assert.strictEqual(one.length, 6)
    })
  )

  it.effect("raises Halted instead of folding it", () =>
    Effect.gen(function* () {
      const halted = new Halted({ why: "deadline", detail: "over: allow more time" })
      const stop: Judge = { id: JudgeId.make("b"), judge: () => Effect.fail(halted) }
      assert.strictEqual(yield* Effect.flip(judged({ judges: [lazy("a"), stop] })), halted)
    })
  )

  it.effect("works with chat models as judges, over their own letters and words", () =>
    Effect.gen(function* () {
      const model = ChatModel.make({
        ref: "fake/reader",
        complete: ({ messages }) => {
          // Reads the sheet as a model would and ranks by the text alone.
          const asked = messages.map(textOf).join("\n")
          const found = [...asked.matchAll(/^<candidate id="(\w+)" fence="\w+">\n(\w+)$/gm)]
          const ids = normal
            .split(">")
            .flatMap((text) => found.filter(([, , shown]) => shown === text).map(([, id]) => [id]))
          return Effect.succeed({
            parts: [{ _tag: "Text", text: `\`\`\`json\n${JSON.stringify({ ranking: ids })}\n\`\`\`` }],
            finish: { kind: "stop", raw: null },
            usage: {},
            model: "reader"
          })
        }
      })
      const ballots = yield* judged({
        judges: [listwise(model, { id: "a" }), listwise(model, { id: "b" }), listwise(model, { id: "c" })]
      })
      assert.deepStrictEqual(ballots.votes.map(order), ["R1>R2>R3", "R1>R2>R3", "R1>R2>R3"])
    })
  )

  it("refuses two judges with one id", () => {
    assert.throws(() => PanelLayer.make({ seed, judges: [lazy("a"), lazy("a")] }), /two judges with one id/)
  })
})
