/** The promise over any body: a call ends in time, with what it promises or with a `ModelError`; it never dies. */
import { ModelError } from "@consortium/core/ModelError"
import * as Effect from "effect/Effect"
import { inspect } from "node:util"

/** What is wrong with how a call ended; nothing where it kept its promise. */
const blame = (
  exit: { readonly _tag: string },
  found: unknown,
  error: unknown,
  isPromised: (found: unknown) => boolean
): string | undefined => {
  if (exit._tag === "Success") return isPromised(found) ? undefined : `no such answer: ${inspect(found, { depth: 6 })}`
  return error instanceof ModelError ? undefined : `no ModelError: ${inspect(exit, { depth: 6 })}`
}

/** Waits by the wall clock, also where a test has its own. */
const tooLate = (millis: number) =>
  Effect.callback<never, "too late">((resume) => {
    const timer = setTimeout(() => resume(Effect.fail("too late")), millis)
    return Effect.sync(() => clearTimeout(timer))
  })

/** Dies with the mutant's name and bytes where a call over it breaks its promise. */
export const keepsPromise = (
  name: string,
  body: Uint8Array,
  call: Effect.Effect<unknown, ModelError>,
  isPromised: (found: unknown) => boolean,
  withinMillis: number
): Effect.Effect<void> =>
  Effect.flatMap(Effect.exit(Effect.raceFirst(call, tooLate(withinMillis))), (exit) => {
    const failed = exit._tag === "Failure" ? exit.cause.reasons.find((reason) => reason._tag === "Fail") : undefined
    const wrong = blame(exit, exit._tag === "Success" ? exit.value : undefined, failed?.error, isPromised)
    if (wrong === undefined) return Effect.void
    return Effect.die(new Error(`${name}: ${wrong}\nthe body: ${Buffer.from(body).toString("utf8").slice(0, 2000)}`))
  })
