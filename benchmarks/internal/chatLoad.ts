/** What the cases of `chatCall.ts` and `chatStream.ts` share: the load, and how it is measured. */
import * as Effect from "effect/Effect"
import type { HttpClient } from "effect/http/HttpClient"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"

export const inFlight = 64
export const model = "synthetic"
export const apiKey = "sk-synthetic-0123456789"
export const prompt = "Why is the sky blue? Answer in a few sentences, and name the effect."

/** Asks so many times, 64 in flight. */
export type Run = (times: number) => Promise<void>

export const load =
  (ask: () => Promise<void>): Run =>
  async (times) => {
    let left = times
    const worker = async () => {
      while (left-- > 0) await ask()
    }
    await Promise.all(Array.from({ length: inFlight }, worker))
  }

export const fibers = <E>(
  asking: Effect.Effect<Effect.Effect<void, E>, never, HttpClient>,
  layer: Layer.Layer<HttpClient>
): Run => {
  const asked = ManagedRuntime.make(layer).runPromise(asking)
  return async (times) => {
    const one = await asked
    const all = Array.from({ length: times }, () => one)
    await Effect.runPromise(Effect.all(all, { concurrency: inFlight, discard: true }))
  }
}

/** Prints the CPU of so many calls, when what is compiled on the way has been. */
export const measured = async (make: (() => Run) | undefined, calls: number): Promise<void> => {
  if (make === undefined) throw new Error("no such case")
  const run = make()
  await run(Math.ceil(calls / 3))
  const before = process.cpuUsage()
  await run(calls)
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ calls, cpuMicros: user + system }))
  process.exit(0)
}
