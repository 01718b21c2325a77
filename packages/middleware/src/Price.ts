/** Tells what each attempt cost, where a price is known. */
import type { Middleware } from "@consortium/core/Call"
import type { ChatRequest } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import type { Batch } from "@consortium/core/Embedder"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import type { PriceBook } from "@consortium/core/PriceBook"
import { CallLog } from "@consortium/core/Receipt"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { isRefusal } from "./internal/blame.js"
import { chatMetering, embedMetering, type Metering, type Options } from "./Worst.js"

/** The book of prices as a value. */
export type Prices = PriceBook["Service"]

/**
 * Tells the `Cost` of every attempt in US dollars: of one that answered what it says; of one that broke or was cut off
 * the most that it can cost, marked `estimated`, since the vendor may have worked for it; of one that was refused nothing. An unknown price tells nothing, since it is not 0.
 */
export const price =
  <I, A>(metering: Metering<I, A>): Middleware<never, never, I, A> =>
  (call) =>
  (input) =>
    Effect.withFiber((fiber) => {
      const log = fiber.getRef(CallLog)
      if (log === undefined) return call(input)
      return Effect.onExit(call(input), (exit) => {
        if (exit._tag === "Success") {
          const usd = metering.actual(exit.value).usd
          if (usd !== undefined) log.push({ _tag: "Cost", usd })
        } else {
          const failed = exit.cause.reasons.find(Cause.isFailReason)
          if (failed !== undefined && isRefusal(failed.error)) return Effect.void
          const usd = metering.worst(input).usd
          if (usd !== undefined) log.push({ _tag: "Cost", usd, estimated: true })
        }
        return Effect.void
      })
    })

/** The price of a chat model's answers, by the usage that they state. */
export const chatPrice = (
  prices: Prices,
  ref: string,
  options?: Options
): Middleware<never, never, ChatRequest, Completion> => price(chatMetering(prices, ref, options))

/** The price of an embedder's batches, by the input tokens that they state. */
export const embedPrice = (
  prices: Prices,
  ref: string,
  options?: Options
): Middleware<never, never, NonEmpty<string>, Batch> => price(embedMetering(prices, ref, options))
