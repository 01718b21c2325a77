import { ChatModel, type ChatRequest, fromLayer, make, type StreamPart, wrap } from "@consortium/core/ChatModel"
import { type Middleware } from "@consortium/core/Call"
import { Committed } from "@consortium/core/Deadline"
import { ModelError, RateLimited, ServerError } from "@consortium/core/ModelError"
import { message } from "@consortium/core/Prompt"
import { attempt, record } from "@consortium/core/Receipt"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { completion } from "./Synthetic.js"

const request: ChatRequest = { messages: [message("user", "why?")] }
const error = (reason: ModelError["reason"]) => new ModelError({ vendor: "synthetic", model: "m", reason, detail: "" })
const limited = error(new RateLimited({ scope: "requests" }))
const broken = error(new ServerError({}))

/** Streams the words of each attempt's script; an error in a script breaks the stream there. */
const scripted = (...scripts: ReadonlyArray<ReadonlyArray<string | number | ModelError>>) => {
  const seen = { calls: 0, open: 0 }
  const model = make<ModelError>({
    ref: "synthetic/m",
    complete: () => Effect.succeed(completion("whole")),
    stream: () =>
      Stream.unwrap(
        Effect.map(
          Effect.acquireRelease(
            Effect.sync(() => {
              seen.open++
              return scripts[seen.calls++] ?? []
            }),
            () => Effect.sync(() => seen.open--)
          ),
          (script) =>
            Stream.fromIterable([...script, "Done"]).pipe(
              Stream.rechunk(1),
              Stream.mapEffect((step): Effect.Effect<ReadonlyArray<StreamPart>, ModelError> => {
                if (step === "Done") return Effect.succeed([{ _tag: "Done", completion: completion("whole") }])
                if (typeof step === "number") return Effect.as(Effect.sleep(step), [])
                return typeof step === "string" ? Effect.succeed([{ _tag: "Text", delta: step }]) : Effect.fail(step)
              }),
              Stream.flatMap((parts) => Stream.fromIterable(parts))
            )
        )
      )
  })
  return { model, seen }
}

const heardOf = (model: ChatModel<ModelError>) =>
  Effect.gen(function* () {
    const heard: Array<string> = []
    const fiber = yield* model.stream(request).pipe(
      Stream.runForEach((part) =>
        Effect.sync(() =>
          heard.push(part._tag === "Done" ? "Done" : part._tag === "ToolCall" ? "ToolCall" : part.delta)
        )
      ),
      Effect.exit,
      Effect.forkChild
    )
    yield* TestClock.adjust("1 hour")
    const exit = yield* Fiber.join(fiber)
    return { heard, exit }
  })

/** As a careful middleware repeats: not what a reader has begun to hear. */
const twice: Middleware = (call) => (input) =>
  Effect.withFiber((fiber) => {
    const committed = fiber.getRef(Committed)
    return Effect.catch(call(input), (failed) => (committed?.done === true ? Effect.fail(failed) : call(input)))
  })
const careless: Middleware = (call) => (input) => Effect.catch(call(input), () => call(input))

describe("make", () => {
  it.effect("streams the whole answer where there is no stream, tool calls and all", () =>
    Effect.gen(function* () {
      const answer = {
        ...completion("text"),
        parts: [
          { _tag: "Reasoning", text: "hm" },
          { _tag: "Text", text: "text" },
          { _tag: "ToolCall", id: "1", name: "f", arguments: "{}" }
        ]
      } as const
      const model = make({ ref: "synthetic/m", complete: () => Effect.succeed(answer) })
      assert.deepStrictEqual(yield* Stream.runCollect(model.stream(request)), [
        { _tag: "Reasoning", delta: "hm" },
        { _tag: "Text", delta: "text" },
        { _tag: "ToolCall", index: 2, id: "1", name: "f", delta: "{}" },
        { _tag: "Done", completion: answer }
      ])
      assert.strictEqual(model.wire, "custom")
    })
  )

  it.effect("a layer of a model joins as a value", () =>
    Effect.gen(function* () {
      const { model } = scripted([])
      assert.strictEqual(yield* fromLayer(Layer.succeed(ChatModel, model)), model)
    })
  )
})

describe("wrap", () => {
  it.effect("lifts one middleware to both verbs: one attempt each, until the last part", () =>
    Effect.gen(function* () {
      const wrapped = wrap(scripted(["a", 700, "b"]).model, attempt)
      const [whole, one] = yield* record(wrapped.complete)(request)
      assert.deepStrictEqual(whole, Result.succeed(completion("whole")))
      assert.strictEqual(one.attempts, 1)
      const [streamed, two] = yield* record(() => heardOf(wrapped))(undefined)
      assert.deepStrictEqual(Result.isSuccess(streamed) && streamed.success.heard, ["a", "b", "Done"])
      assert.deepStrictEqual(
        two.events.map((event) => event._tag === "Attempt" && event.millis),
        [700]
      )
    })
  )

  it.effect("a refusal before the first part may be repeated", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted([limited], ["a", "b"])
      const { heard, exit } = yield* heardOf(wrap(model, twice))
      assert.deepStrictEqual([heard, exit._tag, seen.calls], [["a", "b", "Done"], "Success", 2])
    })
  )

  it.effect("a break after a part reaches the reader as it is, after what was said", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted(["a", broken], ["b"])
      const { heard, exit } = yield* heardOf(wrap(model, twice))
      assert.deepStrictEqual([heard, seen.calls], [["a"], 1])
      assert.isTrue(
        exit._tag === "Failure" &&
          exit.cause.reasons.some((reason) => reason._tag === "Fail" && reason.error === broken)
      )
    })
  )

  it.effect("a middleware that repeats a heard stream dies, and no text is said twice", () =>
    Effect.gen(function* () {
      const { model } = scripted(["a", broken], ["a", "b"])
      const { heard, exit } = yield* heardOf(wrap(model, careless))
      assert.deepStrictEqual(heard, ["a"])
      assert.isTrue(exit._tag === "Failure" && exit.cause.reasons.some((reason) => reason._tag === "Die"))
    })
  )

  const hedge: Middleware = (call) => (input) => Effect.race(call(input), Effect.delay(call(input), 100))

  it.effect("of two racing attempts the first that speaks owns the stream", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted([500, "slow"], [50, "fast", 900, "and on"])
      const { heard } = yield* heardOf(wrap(model, hedge))
      assert.deepStrictEqual(heard, ["fast", "and on", "Done"])
      assert.strictEqual(seen.open, 0)
    })
  )

  it.effect("answers a stored completion as its text and Done", () =>
    Effect.gen(function* () {
      const stored = wrap(scripted([]).model, () => () => Effect.succeed(completion("stored")))
      assert.deepStrictEqual((yield* heardOf(stored)).heard, ["stored", "Done"])
    })
  )

  it.effect("a reader that leaves closes the call behind it", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted(["a", 1000, "b"])
      const first = yield* wrap(model, attempt).stream(request).pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(first, [{ _tag: "Text", delta: "a" }])
      assert.strictEqual(seen.open, 0)
    })
  )

  it.effect("`Done` carries what the middleware answers, and a stream without one is a defect", () =>
    Effect.gen(function* () {
      const loud: typeof attempt = attempt
      const renamed = wrap(
        scripted(["a"]).model,
        (call) => (input) => Effect.map(loud(call)(input), (answer) => ({ ...answer, model: "renamed" }))
      )
      const last = yield* Stream.runLast(renamed.stream(request))
      assert.strictEqual(last._tag === "Some" && last.value._tag === "Done" && last.value.completion.model, "renamed")
      const endless = make<ModelError>({
        ref: "synthetic/m",
        complete: () => Effect.fail(broken),
        stream: () => Stream.empty
      })
      const { exit } = yield* heardOf(wrap(endless, attempt))
      assert.isTrue(exit._tag === "Failure" && exit.cause.reasons.some((reason) => reason._tag === "Die"))
    })
  )
})
