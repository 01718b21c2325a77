/** Tells what each attempt cost, where a price is known. */
import type { Middleware } from "@consortium/core/Call"
import type { Completion } from "@consortium/core/Completion"
import type { Batch } from "@consortium/core/Embedder"
import type { PriceBook } from "@consortium/core/PriceBook"
import { CallLog } from "@consortium/core/Receipt"
import * as Effect from "effect/Effect"

/** The book of prices as a value. */
export type Prices = PriceBook["Service"]

/** Tells the `Cost` of every attempt that answered, in US dollars; an unknown price tells nothing, since it is not 0. */
export const price =
  <A>(usd: (answer: A) => number | undefined): Middleware<never, never, unknown, A> =>
  (call) =>
  (input) =>
    Effect.withFiber((fiber) => {
      const log = fiber.getRef(CallLog)
      if (log === undefined) return call(input)
      return Effect.tap(call(input), (answer) =>
        Effect.sync(() => {
          const cost = usd(answer)
          if (cost !== undefined) log.push({ _tag: "Cost", usd: cost })
        })
      )
    })

/** The price of a chat model's answers, by the usage that they state. */
export const chatPrice = (prices: Prices, ref: string): Middleware<never, never, unknown, Completion> =>
  price<Completion>((completion) => prices.usd(ref, completion.usage))

/** The price of an embedder's batches, by the input tokens that they state. */
export const embedPrice = (prices: Prices, ref: string): Middleware<never, never, unknown, Batch> =>
  price<Batch>((batch) =>
    batch.inputTokens === undefined ? undefined : prices.usd(ref, { inputTokens: batch.inputTokens })
  )
