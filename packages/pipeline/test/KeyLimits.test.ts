import * as Fakes from "@consortium/testing/Fakes"
import { planDataset } from "@consortium/pipeline/BuildDataset"
import { keyOf, leastMillis } from "@consortium/pipeline/KeyLimits"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { fakeConfig, folder, memberOf, promptsOf, run, services, sourceOf } from "./road.js"

describe("limits of keys", () => {
  it("the closest name counts, and no name covers half a word", () => {
    const limits = { openai: {}, "openai/gpt-5": {}, "router/openai": {} }
    assert.strictEqual(keyOf(limits, "openai/gpt-5"), "openai/gpt-5")
    assert.strictEqual(keyOf(limits, "openai/gpt-5.1"), "openai")
    assert.strictEqual(keyOf(limits, "openai.responses/gpt-5"), "openai")
    assert.strictEqual(keyOf(limits, "router/openai/gpt-5"), "router/openai")
    assert.strictEqual(keyOf(limits, "openai-like/gpt-5"), undefined)
    assert.strictEqual(leastMillis({ requestsPerMinute: 60, tokensPerMinute: 1000 }, 120, 500), 120_000)
    assert.strictEqual(leastMillis({}, 120, 500), 0)
  })

  it.live("are shared by the models of a vendor, and the plan knows them", () =>
    Effect.gen(function* () {
      const config = fakeConfig(`${yield* folder}/run`, {
        members: [
          memberOf(Fakes.chatModel("fake/short", () => "short")),
          memberOf(Fakes.chatModel("fake/long", () => "rather long")),
          memberOf(Fakes.chatModel("free/other", () => "of another key"))
        ],
        limits: { fake: { requestsPerMinute: 1200 } }
      })
      const plan = yield* planDataset(config)
      assert.deepStrictEqual(plan.millis, { low: 400, expected: 400, high: 400 })
      const slow = { ...config, limits: { fake: { tokensPerMinute: 60 } } }
      const tokens = plan.lines.filter(({ ref }) => ref.startsWith("fake/"))
      const expected = tokens.reduce((sum, line) => sum + line.inputTokens.expected + line.outputTokens.expected, 0)
      assert.strictEqual((yield* planDataset(slow)).millis?.expected, expected * 1000)
      // The allowance of six seconds goes at once, 120 calls of the two models; the 20 others wait their turn.
      const many = { source: sourceOf(promptsOf(70)), stop: { targetSize: 70 }, out: `${config.out}2` }
      const begun = yield* Clock.currentTimeMillis
      assert.strictEqual((yield* run({ ...config, ...many })).rows.length, 70)
      assert.isAtLeast((yield* Clock.currentTimeMillis) - begun, 950)
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
