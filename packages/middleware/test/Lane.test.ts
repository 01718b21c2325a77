import { makeLane, makeLanes } from "@consortium/middleware/Lane"
import { assert, describe, it } from "@effect/vitest"

describe("makeLanes", () => {
  it("makes one lane for each model, once, of a kind for all or for each", () => {
    const lanes = makeLanes((ref) => (ref === "a/small" ? { concurrency: { start: 2 }, breaker: {} } : {}))
    assert.strictEqual(lanes.of("a/small"), lanes.of("a/small"))
    assert.notStrictEqual(lanes.of("a/small"), lanes.of("a/large"))
    assert.strictEqual(lanes.of("a/small").concurrency?.limit(), 2)
    assert.isDefined(lanes.of("a/small").breaker)
    assert.strictEqual(lanes.of("a/large").concurrency?.limit(), 8)
    assert.isUndefined(lanes.of("a/large").breaker)
  })

  it("asks for nothing that costs or fails calls unless it is told to", () => {
    const lane = makeLane("a/b")
    assert.isUndefined(lane.hedge)
    assert.isUndefined(lane.breaker)
    assert.strictEqual(lane.rateLimit.limits.key, "a/b")
    assert.isUndefined(makeLane("a/b", { concurrency: false }).concurrency)
  })
})
