import { Halted } from "@consortium/core/Call"
import { type ChatModel, make, type StreamPart, wrap } from "@consortium/core/ChatModel"
import { Deadline } from "@consortium/core/Deadline"
import { deadline, firstPart, silence, TimedOut, timeout } from "@consortium/middleware/Timeout"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { completion, inTime, request, scripted } from "./Synthetic.js"

const slow = (millis: number) => {
  const seen = { started: 0, interrupted: 0 }
  const call = (_: string) =>
    Effect.suspend(() => {
      seen.started++
      return Effect.onInterrupt(Effect.as(Effect.sleep(millis), "answer"), () =>
        Effect.sync(() => {
          seen.interrupted++
        })
      )
    })
  return { call, seen }
}

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  inTime(
    Effect.gen(function* () {
      const from = yield* Clock.currentTimeMillis
      const result = yield* Effect.result(effect)
      return { result, millis: (yield* Clock.currentTimeMillis) - from }
    })
  )

const errorOf = <A, E>(result: Result.Result<A, E>): E => {
  if (Result.isSuccess(result)) throw new Error("it succeeded")
  return result.failure
}

describe("timeout", () => {
  it.effect("lets an answer in time through", () =>
    Effect.gen(function* () {
      const { result, millis } = yield* timed(timeout("1 second")(slow(999).call)("q"))
      assert.deepStrictEqual(result, Result.succeed("answer"))
      assert.strictEqual(millis, 999)
    })
  )

  it.effect("fails at the limit with an error worth a retry, and interrupts the call", () =>
    Effect.gen(function* () {
      const { call, seen } = slow(5000)
      const { result, millis } = yield* timed(timeout("1 second")(call)("q"))
      const error = errorOf(result)
      assert.instanceOf(error, TimedOut)
      assert.isTrue(error.isRetryable)
      assert.strictEqual(error.message, "no answer within 1000 ms; allow more time or ask for less")
      assert.strictEqual(millis, 1000)
      assert.strictEqual(seen.interrupted, 1)
    })
  )

  it.effect("halts at a deadline that comes before the limit", () =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const { result, millis } = yield* timed(
        Effect.provideService(timeout("1 second")(slow(5000).call)("q"), Deadline, now + 400)
      )
      const error = errorOf(result)
      assert.instanceOf(error, Halted)
      assert.strictEqual(error.why, "deadline")
      assert.strictEqual(millis, 400)
    })
  )

  it.effect("does not start after the deadline", () =>
    Effect.gen(function* () {
      const { call, seen } = slow(1)
      const now = yield* Clock.currentTimeMillis
      const { result } = yield* timed(Effect.provideService(timeout("1 second")(call)("q"), Deadline, now))
      assert.instanceOf(errorOf(result), Halted)
      assert.strictEqual(seen.started, 0)
    })
  )

  it.effect("limits a streamed call until its first part only, however slow the reader is", () =>
    Effect.gen(function* () {
      // More parts than fit between the call and its reader.
      const { model } = scripted([{ text: "word ".repeat(40).trim() }])
      const read = wrap(model, timeout("1 second"))
        .stream(request())
        .pipe(
          Stream.tap(() => Effect.sleep("1 minute")),
          Stream.runCollect
        )
      const { result } = yield* timed(read)
      assert.isTrue(Result.isSuccess(result))
      const late = wrap(scripted([{ after: 2000, text: "a b" }]).model, timeout("1 second"))
      const { result: none, millis } = yield* timed(Stream.runCollect(late.stream(request())))
      assert.instanceOf(errorOf(none), TimedOut)
      assert.strictEqual(millis, 1000)
    })
  )

  it.effect("ends a stream that is being read at the deadline", () =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const model = wrap(scripted([{ after: 700, text: "a b c d e f" }]).model, timeout("1 second"))
      const heard: Array<StreamPart> = []
      const { result, millis } = yield* timed(
        Effect.provideService(
          Stream.runForEach(model.stream(request()), (part) => Effect.sync(() => heard.push(part))),
          Deadline,
          now + 3000
        )
      )
      assert.instanceOf(errorOf(result), Halted)
      assert.strictEqual(millis, 3000)
      assert.strictEqual(heard.length, 4)
    })
  )
})

describe("deadline", () => {
  it.effect("ends the whole call in time, and lets it be without one", () =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const ended = yield* timed(Effect.provideService(deadline(slow(5000).call)("q"), Deadline, now + 1500))
      assert.instanceOf(errorOf(ended.result), Halted)
      assert.strictEqual(ended.millis, 1500)
      const free = yield* timed(deadline(slow(5000).call)("q"))
      assert.deepStrictEqual(free.result, Result.succeed("answer"))
    })
  )
})

/** Waits before it has a stream, and before each of its parts. */
const hesitant = (open: number, ...waits: ReadonlyArray<number>): ChatModel<never> =>
  make({
    ref: "synthetic/hesitant",
    complete: () => Effect.succeed(completion("whole")),
    stream: () =>
      Stream.unwrap(
        Effect.as(
          Effect.sleep(open),
          Stream.concat(
            Stream.fromIterable(waits).pipe(
              Stream.rechunk(1),
              Stream.mapEffect(
                (wait): Effect.Effect<StreamPart> => Effect.as(Effect.sleep(wait), { _tag: "Text", delta: "." })
              )
            ),
            Stream.make<ReadonlyArray<StreamPart>>({ _tag: "Done", completion: completion("whole") })
          )
        )
      )
  })

describe("firstPart and silence", () => {
  it.effect("firstPart counts the opening of the stream, and nothing after the first part", () =>
    Effect.gen(function* () {
      const soon = yield* timed(Stream.runCount(firstPart("1 second")(hesitant(500, 400, 9000)).stream(request())))
      assert.deepStrictEqual(soon.result, Result.succeed(3))
      const late = yield* timed(Stream.runCount(firstPart("1 second")(hesitant(700, 400)).stream(request())))
      const error = errorOf(late.result)
      assert.instanceOf(error, TimedOut)
      assert.strictEqual(error.missing, "first part")
      assert.strictEqual(late.millis, 1000)
    })
  )

  it.effect("silence counts from part to part, and not before the first", () =>
    Effect.gen(function* () {
      const steady = yield* timed(Stream.runCount(silence("1 second")(hesitant(5000, 0, 900, 900)).stream(request())))
      assert.deepStrictEqual(steady.result, Result.succeed(4))
      const stuck = yield* timed(Stream.runCount(silence("1 second")(hesitant(5000, 0, 900, 1100)).stream(request())))
      const error = errorOf(stuck.result)
      assert.instanceOf(error, TimedOut)
      assert.strictEqual(error.missing, "next part")
      assert.strictEqual(stuck.millis, 6900)
    })
  )

  it.effect("does not count the time of a slow reader", () =>
    Effect.gen(function* () {
      const model = firstPart("1 second")(silence("1 second")(hesitant(100, 100, 100)))
      const read = model.stream(request()).pipe(
        Stream.tap(() => Effect.sleep("1 minute")),
        Stream.runCount
      )
      assert.deepStrictEqual((yield* timed(read)).result, Result.succeed(3))
    })
  )

  it.effect("meets the deadline as Halted", () =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const read = Stream.runCount(silence("1 second")(hesitant(0, 0, 5000)).stream(request()))
      const { result } = yield* timed(Effect.provideService(read, Deadline, now + 500))
      assert.instanceOf(errorOf(result), Halted)
    })
  )

  it.effect("leaves `complete` alone", () =>
    Effect.gen(function* () {
      const model = firstPart("1 second")(silence("1 second")(scripted([{ after: 9000 }]).model))
      const fiber = yield* Effect.forkChild(model.complete(request()))
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), completion("yes"))
    })
  )
})
