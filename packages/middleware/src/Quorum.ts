/** Asks several at once and answers when enough have, after a grace for those who are nearly there. */
import { type Call, type CallFailure, Halted } from "@consortium/core/Call"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import type { Named } from "./Fallback.js"

/** So many have failed that enough answers can't come any more. */
export class TooFewAnswers extends Schema.TaggedError<TooFewAnswers>()("TooFewAnswers", {
  enough: Schema.Int,
  answered: Schema.Array(Schema.String),
  /** `name: error`, one for each that failed. */
  failed: Schema.Array(Schema.String),
  /** Whether one of the failures is worth a repeat. */
  isRetryable: Schema.Boolean
}) {
  override get message(): string {
    return `${this.answered.length} answers where ${this.enough} are needed (${this.failed.join("; ")}); ask more, need fewer, or try again`
  }
}

export interface Options {
  /** Answers after which the grace begins. @default all: nobody is left out */
  readonly enough?: number
  /**
   * How long the others may still take; a number is a part of the time so far, so that slow questions have more.
   * @default 0.25
   */
  readonly grace?: Duration.Input | { readonly partOfElapsed: number }
}

const defaults = { grace: { partOfElapsed: 0.25 } } as const

/** What came of it; every call is in exactly one of the three, in the order in which they were given. */
export interface Answers<out A, out E> {
  readonly answered: ReadonlyArray<{ readonly ref: string; readonly answer: A }>
  readonly failed: ReadonlyArray<{ readonly ref: string; readonly error: E }>
  /** Had not answered when the grace was over, and were interrupted. */
  readonly late: ReadonlyArray<string>
}

const graceMillis = (grace: NonNullable<Options["grace"]>, elapsed: number): number =>
  typeof grace === "object" && "partOfElapsed" in grace
    ? elapsed * grace.partOfElapsed
    : Math.max(0, Duration.toMillis(grace))

/**
 * Makes one call of several that are made at once. When `enough` have answered, the others have the grace; then they
 * are named and interrupted, so that their connections close. A defect or a `Halted` ends all of them. Where nothing
 * may depend on who is faster, as in a run that has to be repeatable, leave `enough` out.
 */
export const quorum = <I, A, E extends CallFailure, R>(
  calls: NonEmpty<Named<I, A, E, R>>,
  options: Options = {}
): Call<I, Answers<A, E>, TooFewAnswers | Extract<E, Halted>, R> => {
  const { enough, grace } = { enough: calls.length, ...defaults, ...options }
  if (!Number.isInteger(enough) || enough < 1 || enough > calls.length) {
    throw new RangeError(`enough: ${enough} of ${calls.length} calls; give an integer from 1 to ${calls.length}`)
  }
  return (input) =>
    Effect.scopedWith((scope) =>
      Effect.gen(function* () {
        const clock = yield* Clock.Clock
        const startedAt = clock.currentTimeMillisUnsafe()
        const exits = new Map<number, Exit.Exit<A, E>>()
        let good = 0
        let bad = 0
        let heard: (() => void) | undefined
        const fibers = yield* Effect.forEach(calls, ({ call }, index) =>
          call(input).pipe(
            Effect.onExit((exit) =>
              Effect.sync(() => {
                exits.set(index, exit)
                if (Exit.isSuccess(exit)) good++
                else bad++
                heard?.()
              })
            ),
            Effect.forkIn(scope, { startImmediately: true })
          )
        )
        const halted = () => [...exits.values()].find((exit) => Exit.isFailure(exit) && !isFailure(exit))
        /** Ends when this holds, looked at after each end. */
        const until = (holds: () => boolean) =>
          Effect.callback<void>((resume) => {
            const look = () => {
              if (holds()) resume(Effect.void)
            }
            heard = look
            look()
          })
        yield* until(
          () => good >= enough || good + bad === calls.length || bad > calls.length - enough || halted() !== undefined
        )
        const over = () => good + bad === calls.length || halted() !== undefined
        if (good >= enough && !over()) {
          const millis = graceMillis(grace, clock.currentTimeMillisUnsafe() - startedAt)
          if (millis > 0) yield* Effect.raceFirst(until(over), Effect.sleep(Math.ceil(millis)))
        }
        const ended = new Map(exits)
        yield* Fiber.interruptAll(fibers)
        return yield* sum(calls, enough, ended)
      })
    )
}

/** Whether a call simply failed, so that the others still count. */
const isFailure = <A, E extends CallFailure>(exit: Exit.Exit<A, E>): boolean =>
  Exit.isFailure(exit) &&
  exit.cause.reasons.every((reason) => reason._tag === "Fail" && !(reason.error instanceof Halted))

const sum = <I, A, E extends CallFailure, R>(
  calls: NonEmpty<Named<I, A, E, R>>,
  enough: number,
  exits: ReadonlyMap<number, Exit.Exit<A, E>>
): Effect.Effect<Answers<A, E>, TooFewAnswers | Extract<E, Halted>> => {
  const answered: Array<{ readonly ref: string; readonly answer: A }> = []
  const failed: Array<{ readonly ref: string; readonly error: E }> = []
  const late: Array<string> = []
  for (const [index, { ref }] of calls.entries()) {
    const exit = exits.get(index)
    if (exit === undefined) late.push(ref)
    else if (Exit.isSuccess(exit)) answered.push({ ref, answer: exit.value })
    else {
      for (const reason of exit.cause.reasons) {
        if (reason._tag === "Die") return Effect.die(reason.defect)
        if (reason._tag === "Interrupt") return Effect.interrupt
        if (isHalted(reason.error)) return Effect.fail(reason.error)
        failed.push({ ref, error: reason.error })
      }
    }
  }
  if (answered.length >= enough) return Effect.succeed({ answered, failed, late })
  return Effect.fail(
    new TooFewAnswers({
      enough,
      answered: answered.map((one) => one.ref),
      failed: failed.map((one) => `${one.ref}: ${one.error.message}`),
      isRetryable: failed.some((one) => one.error.isRetryable)
    })
  )
}

const isHalted = <E>(error: E): error is Extract<E, Halted> => error instanceof Halted
