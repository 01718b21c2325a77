import { Ballot } from "@consortium/core/Ballot"
import type { Usage } from "@consortium/core/Completion"
import { JudgeId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { ContextOverflow } from "@consortium/core/ModelError"
import type { RunEvent } from "@consortium/core/RunEvent"
import { listwise } from "@consortium/judge-strategies/Listwise"
import type { RunConfig } from "@consortium/pipeline/RunConfig"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fakeConfig, folder, memberOf, run, services } from "./road.js"

const live = (name: string, body: () => Effect.Effect<void, unknown, never>) => it.live(name, body, 60_000)

const rubbish = (asked: Array<number> = [], ref = "fake/rubbish") => ({
  model: Fakes.chatModel(ref, (_, index) => (asked.push(index), "I like them all.")),
  strategy: listwise
})

const donesOf = (events: ReadonlyArray<RunEvent>) =>
  events.flatMap((event) => (event._tag === "Ranked" || event._tag === "Rejected" ? [event.done] : []))

describe("a prompt that gives no example", () => {
  const rejectedBy = Effect.fnUntraced(function* (more: Partial<RunConfig>) {
    const out = `${yield* folder}/run`
    const first = yield* run(fakeConfig(out, more))
    const second = yield* run(fakeConfig(out, more))
    assert.strictEqual(second.bytes, first.bytes)
    assert.deepStrictEqual(second.rejected, first.rejected)
    return { first, second, open: first.summary.open }
  })

  live("is final where another try would be told the same: rubbish of judges, answers without text, refusals", () =>
    Effect.gen(function* () {
      const asked: Array<number> = []
      const noOrder = yield* rejectedBy({ judges: [rubbish(asked)] })
      assert.deepInclude(noOrder.first.summary.ledger, { examples: 0, rejected: 4 })
      assert.strictEqual(noOrder.first.rejected[0]?.why, "no-quorum")
      assert.strictEqual(noOrder.first.rejected[0]?.judges[0]?.absent?.tag, "InvalidBallot")
      assert.deepStrictEqual([noOrder.open, noOrder.second.summary.calls], [0, 0])
      // Four prompts, two passes, asked once more each.
      assert.strictEqual(asked.length, 16)

      const silent = memberOf(Fakes.chatModel("fake/silent", () => "<think>only thoughts</think>  "))
      const empty = yield* rejectedBy({ members: [silent] })
      assert.strictEqual(empty.first.rejected[0]?.why, "no-candidate")
      assert.deepStrictEqual(empty.first.rejected[0]?.candidates[0]?.checks, [
        { by: "not-empty", passed: false, note: "the answer has no text" }
      ])
      assert.deepStrictEqual([empty.open, empty.second.summary.calls], [0, 0])

      const strict: Judge = {
        id: JudgeId.make("strict"),
        judge: (sheet) =>
          Effect.fromResult(Ballot.make(sheet, { tiers: [], unacceptable: sheet.options.map(({ label }) => label) }))
      }
      const refused = yield* rejectedBy({ judges: [{ judge: strict }] })
      assert.strictEqual(refused.first.rejected[0]?.why, "unacceptable")
      assert.deepStrictEqual([refused.open, refused.second.summary.calls], [0, 0])
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("is open where a call failed, and only those calls are made again", () =>
    Effect.gen(function* () {
      const good = Fakes.chatModel("fake/good", () => "fine")
      const off = Fakes.chatModel("fake/off", () => Fakes.modelError())
      const { open, second } = yield* rejectedBy({ members: [memberOf(good), memberOf(off)], quorum: 2 })
      assert.strictEqual(open, 4)
      assert.deepStrictEqual([second.summary.calls, second.summary.stored], [4, 4])
      assert.deepStrictEqual([good.asked.length, off.asked.length], [4, 8])
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})

describe("a prompt that is too long for one of the members", () => {
  live("has that member's failure in its row, and the answers of the others", () =>
    Effect.gen(function* () {
      const narrow = memberOf(Fakes.chatModel("fake/narrow", () => Fakes.modelError(new ContextOverflow({}))))
      const { rows, summary } = yield* run(
        fakeConfig(`${yield* folder}/run`, { members: [narrow, memberOf(Fakes.chatModel("fake/wide", () => "fine"))] })
      )
      assert.deepInclude(summary.ledger, { examples: 4, rejected: 0 })
      for (const row of rows) {
        assert.deepInclude(row, { completion: "fine", judged: false })
        assert.deepStrictEqual(row.candidates[0]?.failure, { tag: "ModelError", reason: "ContextOverflow" })
      }
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})

describe("the count of what is done", () => {
  live("rises by one with each prompt, and goes on from an earlier start's", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      let on = false
      const moody = Fakes.chatModel("fake/moody", ({ messages }) =>
        on || !JSON.stringify(messages).includes("Question 2") ? "fine" : Fakes.modelError()
      )
      const first = yield* run(fakeConfig(out, { members: [memberOf(moody)] }))
      assert.deepStrictEqual(donesOf(first.events), [1, 2, 3, 4])
      on = true
      const second = yield* run(fakeConfig(out, { members: [memberOf(moody)] }))
      assert.deepStrictEqual(donesOf(second.events), [4])
      assert.deepInclude(second.summary.ledger, { examples: 4, rejected: 0 })
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})

describe("what a start took", () => {
  /** A dollar for each call of a member, ten for each of the judge. */
  const prices = {
    usd: (ref: string, _: Usage) => (ref === "fake/rubbish" ? 10 : ref === "fake/unpriced" ? undefined : 1)
  }
  const usdOf = Effect.fnUntraced(function* (more: Partial<RunConfig>) {
    const { summary } = yield* run(fakeConfig(`${yield* folder}/run`, { prices, ...more }))
    return [summary.calls, summary.usd]
  })

  live("counts every answer, a judge's rubbish and vectors too; one unknown price makes the sum unknown", () =>
    Effect.gen(function* () {
      // 4 prompts of 2 members; the rubbish judge says 4 × 2 passes × 2 answers.
      assert.deepStrictEqual(yield* usdOf({}), [8, 8])
      assert.deepStrictEqual(yield* usdOf({ judges: [rubbish()] }), [8 + 16, 8 + 160])
      assert.deepStrictEqual(yield* usdOf({ judges: [rubbish([], "fake/unpriced")] }), [8 + 16, null])
      const off = memberOf(Fakes.chatModel("fake/unpriced", () => Fakes.modelError()))
      const [first, second] = fakeConfig("").members
      assert.deepStrictEqual(yield* usdOf({ members: [first, second ?? first, off] }), [12, 8])
      const dear = memberOf(Fakes.chatModel("fake/unpriced", () => "who knows"))
      assert.deepStrictEqual(yield* usdOf({ members: [first, dear] }), [8, null])
      const far = Fakes.embedder({ maxBatch: 3 })
      assert.deepStrictEqual(yield* usdOf({ embedder: far }), [8 + 2, null])
      const stated = {
        ...far,
        embed: (texts: Parameters<typeof far.embed>[0]) =>
          Effect.map(far.embed(texts), (batch) => ({ ...batch, inputTokens: 7 }))
      }
      assert.deepStrictEqual(yield* usdOf({ embedder: stated }), [8 + 2, 8 + 2])
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
