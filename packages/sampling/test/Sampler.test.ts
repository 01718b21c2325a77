import { Halted } from "@consortium/core/Call"
import type { Candidate, Member } from "@consortium/core/Candidates"
import { Sampler } from "@consortium/core/Candidates"
import * as ChatModel from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { MemberId } from "@consortium/core/Ids"
import { ModelError, Overloaded } from "@consortium/core/ModelError"
import { fromText, message } from "@consortium/core/Prompt"
import { attempt } from "@consortium/core/Receipt"
import * as Seed from "@consortium/core/Seed"
import * as CheckRule from "@consortium/sampling/CheckRule"
import * as Sampling from "@consortium/sampling/Sampler"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"

const seed = Seed.Seed.make(7)
const prompt = fromText("p", "Why?")

const completion = (text: string): Completion => ({
  parts: [{ _tag: "Text", text }],
  finish: { kind: "stop", raw: "stop" },
  usage: {},
  model: "m"
})
type Answer = (request: ChatModel.ChatRequest) => Effect.Effect<Completion, ModelError | Halted>
const member = (id: string, answer: Answer, more: Partial<Member> = {}): Member => ({
  id: MemberId.make(id),
  model: ChatModel.make({ ref: `fake/${id}`, complete: attempt(answer) }),
  samples: 1,
  ...more
})
const says =
  (text: string): Answer =>
  () =>
    Effect.succeed(completion(text))
const overloaded = new ModelError({ vendor: "fake", model: "m", reason: new Overloaded(), detail: "" })

const sample = (options: Omit<Sampling.Options, "seed">) =>
  Sampler.use((sampler) => sampler.sample(prompt)).pipe(Effect.provide(Sampling.layer({ seed, ...options })))

describe("Sampler", () => {
  it.effect("asks each seat for each sample, with system text, sampling and a seed of its own", () =>
    Effect.gen(function* () {
      const asked: Array<ChatModel.ChatRequest> = []
      const echo: Answer = (request) => Effect.sync(() => completion(`answer ${asked.push(request)}`))
      const own = member("a", echo, { samples: 2, system: "Be brief.", sampling: { temperature: 0.5 } })
      const candidates = yield* sample({ members: [own, member("b", echo, { sampling: { seed: 5 } })] })
      assert.deepStrictEqual(
        candidates.all.map((candidate) => candidate.id),
        ["p/a/0", "p/a/1", "p/b/0"]
      )
      const [first, second, third] = asked
      assert.deepStrictEqual(first?.messages, [message("system", "Be brief."), ...prompt.messages])
      assert.deepStrictEqual(third?.messages, prompt.messages)
      assert.deepStrictEqual(
        asked.map((request) => request.sample),
        [0, 1, 0]
      )
      assert.deepStrictEqual([first?.temperature, third?.temperature], [0.5, undefined])
      assert.strictEqual(third?.seed, 5)
      const seeds = [first?.seed ?? -1, second?.seed ?? -1]
      assert.notStrictEqual(seeds[0], seeds[1])
      for (const one of seeds) assert.isTrue(Number.isInteger(one) && one >= 0 && one < 2 ** 31)
      assert.strictEqual(seeds[0], Sampling.requestFor(seed, { member: own, sample: 0 }, prompt).seed)
    })
  )

  it.effect("puts candidates in the order of seats, and tells of them in the order of settling", () =>
    Effect.gen(function* () {
      const late: Answer = () => Effect.delay(Effect.succeed(completion("late")), "10 millis")
      const heard: Array<string> = []
      const onCandidate = (candidate: Candidate) => Effect.sync(() => void heard.push(candidate.member))
      const run = sample({ members: [member("slow", late), member("quick", says("quick"))], onCandidate })
      const candidates = yield* TestClock.withLive(run)
      assert.deepStrictEqual(
        candidates.all.map((candidate) => candidate.member),
        ["slow", "quick"]
      )
      assert.deepStrictEqual(heard, ["quick", "slow"])
    })
  )

  it.effect("keeps a failed member as a value, with its receipt", () =>
    Effect.gen(function* () {
      const candidates = yield* sample({
        members: [member("bad", () => Effect.fail(overloaded)), member("good", says("ok"))]
      })
      const [bad] = candidates.all
      assert.isTrue(Result.isFailure(bad.outcome) && bad.outcome.failure.reason === "Overloaded")
      assert.strictEqual(bad.receipt.attempts, 1)
      assert.deepStrictEqual(
        candidates.eligible.map((candidate) => candidate.member),
        ["good"]
      )
    })
  )

  it.effect("fails below the quorum, after every candidate was told of", () =>
    Effect.gen(function* () {
      const heard: Array<Candidate> = []
      const error = yield* Effect.flip(
        sample({
          members: [
            member("bad", () => Effect.fail(overloaded)),
            member("empty", says(" \n")),
            member("good", says("ok"))
          ],
          quorum: 2,
          onCandidate: (candidate) => Effect.sync(() => void heard.push(candidate))
        })
      )
      if (error._tag !== "QuorumNotMet") throw error
      assert.deepStrictEqual([error.needed, error.eligible, error.failures.length], [2, 1, 2])
      assert.strictEqual(heard.length, 3)
      assert.deepStrictEqual(heard[1]?.checks, [{ by: "not-empty", passed: false, note: "the answer has no text" }])
    })
  )

  it.effect("marks what fails a check, and asks nothing of an empty one", () =>
    Effect.gen(function* () {
      const candidates = yield* sample({
        members: [member("a", says("4")), member("b", says("five")), member("c", says(""))],
        checks: [
          CheckRule.fromText("is a number", (text) => /^\d+$/.test(text)),
          CheckRule.fromText("is even", (text) => Number(text) % 2 === 0)
        ]
      })
      assert.deepStrictEqual(
        candidates.all.map((candidate) => candidate.checks.map((check) => [check.by, check.passed])),
        [
          [
            ["is a number", true],
            ["is even", true]
          ],
          [
            ["is a number", false],
            ["is even", false]
          ],
          [["not-empty", false]]
        ]
      )
      assert.deepStrictEqual(
        candidates.eligible.map((candidate) => candidate.member),
        ["a"]
      )
    })
  )

  it.effect("raises Halted instead of folding it", () =>
    Effect.gen(function* () {
      const halted = new Halted({ why: "budget", detail: "spent: raise the budget" })
      const error = yield* Effect.flip(
        sample({ members: [member("a", says("ok")), member("b", () => Effect.fail(halted))] })
      )
      assert.strictEqual(error, halted)
    })
  )

  it("refuses two members with one id, and none that is asked", () => {
    assert.throws(
      () => Sampling.make({ seed, members: [member("a", says("x")), member("a", says("y"))] }),
      /two members with one id/
    )
    assert.throws(() => Sampling.make({ seed, members: [member("a", says("x"), { samples: 0 })] }), /samples/)
  })
})
