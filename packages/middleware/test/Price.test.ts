import { wrap } from "@consortium/core/ChatModel"
import type { Embedder } from "@consortium/core/Embedder"
import { stated } from "@consortium/core/PriceBook"
import { record } from "@consortium/core/Receipt"
import { chatPrice, embedPrice } from "@consortium/middleware/Price"
import { retry } from "@consortium/middleware/Retry"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { inTime, limited, request, scripted } from "./Synthetic.js"

const perToken = {
  usd: (ref: string, usage: { readonly inputTokens?: number; readonly outputTokens?: number }) =>
    ref === "synthetic/synthetic-1" ? ((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)) / 1000 : undefined
}

describe("price", () => {
  it.effect("tells what an answered attempt cost, whole or streamed, and nothing for a failed one", () =>
    Effect.gen(function* () {
      const { model } = scripted([{ fails: limited() }, { text: "yes" }])
      const priced = wrap(model, (call) => retry()(chatPrice(perToken, model.ref)(call)))
      const [, receipt] = yield* inTime(record(priced.complete)(request()))
      assert.deepStrictEqual(
        receipt.events.filter((event) => event._tag === "Cost"),
        [{ _tag: "Cost", usd: 0.03 }]
      )
      const [, streamed] = yield* record(() => Stream.runDrain(priced.stream(request())))(undefined)
      assert.strictEqual(streamed.usd, 0.03)
    })
  )

  it.effect("tells nothing where no price is known", () =>
    Effect.gen(function* () {
      const { model } = scripted([{}])
      const [, receipt] = yield* record(chatPrice(perToken, "synthetic/other")(model.complete))(request())
      assert.isUndefined(receipt.usd)
      const [, own] = yield* record(chatPrice(stated, "synthetic/other")(model.complete))(request())
      assert.strictEqual(own.usd, 0.5)
    })
  )

  it.effect("prices a batch by its input tokens", () =>
    Effect.gen(function* () {
      const batch = { space: { model: "m", dimension: 1 }, data: new Float32Array(1) }
      const embed =
        (inputTokens?: number): Embedder<never>["embed"] =>
        () =>
          Effect.succeed({ ...batch, ...(inputTokens !== undefined && { inputTokens }) })
      const [, known] = yield* record(embedPrice(perToken, "synthetic/synthetic-1")(embed(7)))(["a"])
      assert.strictEqual(known.usd, 0.007)
      const [, unknown] = yield* record(embedPrice(perToken, "synthetic/synthetic-1")(embed()))(["a"])
      assert.isUndefined(unknown.usd)
    })
  )
})
