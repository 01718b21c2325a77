/** Asks another when one can't answer: the same model at another vendor, or another model. */
import type { Call, CallFailure } from "@consortium/core/Call"
import type { ChatModel } from "@consortium/core/ChatModel"
import { Committed } from "@consortium/core/Deadline"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { tell } from "@consortium/core/Receipt"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { isWorthAnother, wordOf } from "./internal/blame.js"

export interface Options {
  /**
   * After which error another is asked.
   * @default all but `Halted`, `InvalidRequest` and `ContentPolicy`, which are about the question
   */
  readonly when?: (error: CallFailure) => boolean
}

/** A call by the name that a receipt shows: a model's `ref`. */
export interface Named<in I, out A, out E, out R = never> {
  readonly ref: string
  readonly call: Call<I, A, E, R>
}

const defaults = { when: isWorthAnother } as const

/** How a receipt says that somebody else was asked, and why. */
const moved = (from: string, to: string, error: CallFailure) =>
  tell({ _tag: "Note", source: "fallback", data: { from, to, why: wordOf(error) } })

/**
 * Makes one call of several that are asked one after the other. The last error is the call's. Each step is a `Note`;
 * whoever needs to know the model finds it in the answer, as the vendor returned it.
 */
export const fallback =
  <I, A, E extends CallFailure, R>(calls: NonEmpty<Named<I, A, E, R>>, options: Options = {}): Call<I, A, E, R> =>
  (input) =>
    Effect.withFiber((fiber) => {
      const when = options.when ?? defaults.when
      const committed = fiber.getRef(Committed)
      const from = (index: number, { call, ref }: Named<I, A, E, R>): Effect.Effect<A, E, R> => {
        const next = calls[index + 1]
        if (next === undefined) return call(input)
        return Effect.catch(call(input), (error) =>
          committed?.done === true || !when(error)
            ? Effect.fail(error)
            : Effect.andThen(moved(ref, next.ref, error), from(index + 1, next))
        )
      }
      return from(0, calls[0])
    })

/** A chat model with others behind it, whole and streamed; a stream that has begun to speak is not taken over. */
export const chatFallback = <E extends CallFailure>(
  models: NonEmpty<ChatModel<E>>,
  options: Options = {}
): ChatModel<E> => {
  const when = options.when ?? defaults.when
  const [first, ...others] = models
  const named = (model: ChatModel<E>) => ({ ref: model.ref, call: model.complete })
  return {
    ref: first.ref,
    wire: first.wire,
    complete: fallback([named(first), ...others.map(named)], options),
    stream: (request) => {
      const from = (index: number, model: ChatModel<E>): ReturnType<ChatModel<E>["stream"]> => {
        const next = models[index + 1]
        if (next === undefined) return model.stream(request)
        return Stream.suspend(() => {
          let spoke = false
          return model.stream(request).pipe(
            Stream.tap((part) =>
              Effect.sync(() => {
                if (part._tag !== "Done") spoke = true
              })
            ),
            Stream.catch((error) =>
              spoke || !when(error)
                ? Stream.fail(error)
                : Stream.unwrap(Effect.as(moved(model.ref, next.ref, error), from(index + 1, next)))
            )
          )
        })
      }
      return from(0, first)
    }
  }
}
