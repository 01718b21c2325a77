import { Failure, Halted } from "@consortium/core/Call"
import {
  Authentication,
  ContextOverflow,
  InvalidRequest,
  MalformedOutput,
  ModelError,
  Network,
  Overloaded,
  QuotaExhausted,
  RateLimited,
  type Reason,
  ServerError,
  TimedOut
} from "@consortium/core/ModelError"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const of = (reason: Reason) =>
  new ModelError({
    vendor: "synthetic",
    model: "m",
    reason,
    detail: "the vendor's words",
    status: 429,
    requestId: "r1"
  })

describe("ModelError", () => {
  it("says what happened, where, and what to do next", () => {
    assert.strictEqual(
      of(new QuotaExhausted({})).message,
      "synthetic/m: QuotaExhausted: the vendor's words (status 429, request r1); add credit or raise the plan's limit"
    )
    const bare = new ModelError({ vendor: "synthetic", model: "m", reason: new Network({}), detail: "" })
    assert.strictEqual(bare.message, "synthetic/m: Network; check the connection and the base URL")
  })

  it("is worth a retry where time can help, and nowhere else", () => {
    const retryable = [
      new RateLimited({ scope: "unknown" }),
      new Overloaded({}),
      new ServerError({}),
      new Network({}),
      new TimedOut({}),
      new MalformedOutput({})
    ]
    const hopeless = [new Authentication({}), new InvalidRequest({}), new ContextOverflow({}), new QuotaExhausted({})]
    assert.isTrue(retryable.every((reason) => of(reason).isRetryable))
    assert.isTrue(hopeless.every((reason) => !of(reason).isRetryable))
  })

  it("passes on how long the vendor asked to wait", () => {
    const { retryAfter } = of(new RateLimited({ scope: "tokens", retryAfterMillis: 1500 }))
    assert.strictEqual(retryAfter && Duration.toMillis(retryAfter), 1500)
    assert.isUndefined(of(new RateLimited({ scope: "tokens" })).retryAfter)
    assert.isUndefined(of(new Authentication({})).retryAfter)
  })

  it("survives being written down", () => {
    const json = Schema.fromJsonString(ModelError)
    const error = of(new Overloaded({ retryAfterMillis: 10 }))
    const back = Schema.decodeUnknownResult(json)(Schema.encodeSync(json)(error))
    assert.isTrue(Result.isSuccess(back) && back.success.message === error.message && back.success.isRetryable)
  })
})

describe("Failure.from", () => {
  it("keeps the tag, the reason where there is one, and whether a retry is worth it", () => {
    const kept = Failure.from(of(new Overloaded({})))
    assert.deepStrictEqual([kept.tag, kept.reason, kept.isRetryable], ["ModelError", "Overloaded", true])
    const halted = Failure.from(new Halted({ why: "budget", detail: "5 USD are spent; raise --budget" }))
    assert.deepStrictEqual(
      [halted.tag, "reason" in halted, halted.message],
      ["Halted", false, "stopped (budget): 5 USD are spent; raise --budget"]
    )
  })
})
