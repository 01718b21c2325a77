/**
 * The law of bridges: a model that goes out into another library and comes back says the same, hears the same and fails
 * in the same way. Proven over synthetic answers, questions and failures.
 */
import * as ChatModel from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import type { ModelError } from "@consortium/core/ModelError"
import * as Arbitrary from "effect/Arbitrary"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { type Case, failure } from "./internal/failures.js"
import { request } from "./internal/requests.js"
import * as synthetic from "./internal/synthetic.js"

export type { Case } from "./internal/failures.js"

type Model = ChatModel.ChatModel<ModelError>

export interface Subject<R> {
  /** Out over the bridge, and back. */
  readonly through: (model: Model) => Effect.Effect<Model, unknown, R | Scope.Scope>
  /** What the other library has words for of a request. @default all of it */
  readonly carried?: (request: ChatModel.ChatRequest) => ChatModel.ChatRequest
}

export interface Options {
  /** How many answers, questions and failures are tried. @default 200 */
  readonly runs?: number
  /** Other seeds draw others. @default 1 */
  readonly seed?: number
}

const defaults = { runs: 200, seed: 1 } satisfies Options

const sayingAs = (stream: Model["stream"], complete: Model["complete"]): Model =>
  ChatModel.make({ ref: "synthetic/m", wire: "synthetic", complete, stream })

/** Says this, whole and in pieces. */
const saying = (completion: Completion): Model =>
  sayingAs(
    () => Stream.fromIterable(synthetic.streamed(completion)),
    () => Effect.succeed(completion)
  )

const text = (parts: ReadonlyArray<ChatModel.StreamPart>, tag: "Text" | "Reasoning" | "ToolCall"): string =>
  parts.flatMap((part) => (part._tag === tag ? [part.delta] : [])).join("")

const sameError = (found: ModelError, meant: ModelError) => {
  deepStrictEqual(found.reason, meant.reason)
  strictEqual(found.isRetryable, meant.isRetryable)
  const wait = found.retryAfter === undefined ? undefined : Duration.toMillis(found.retryAfter)
  strictEqual(wait, meant.retryAfter === undefined ? undefined : Duration.toMillis(meant.retryAfter))
  strictEqual(found.message, meant.message)
}

/** The promises of one bridge, for a test file to loop over. */
export const cases = <R>(subject: Subject<R>, options: Options = {}): ReadonlyArray<Case<R>> => {
  const { runs, seed } = { ...defaults, ...options }
  const carried = subject.carried ?? ((of: ChatModel.ChatRequest) => of)

  /** Dies with the smallest value that breaks it. */
  const forAll = <A>(
    name: string,
    values: Arbitrary.Arbitrary<A>,
    property: (value: A) => Effect.Effect<void, unknown, R | Scope.Scope>
  ): Case<R> => ({
    name,
    run: Effect.gen(function* () {
      const checked = yield* Arbitrary.checkEffect(
        values,
        (value) =>
          Effect.as(
            Effect.catchDefect(property(value), (defect) => Effect.fail(defect)),
            true
          ),
        { runs, seed }
      )
      const broken = Arbitrary.formatCheckFailure(checked)
      if (broken !== undefined) return yield* Effect.die(new Error(broken))
    })
  })

  return [
    forAll("a whole answer comes back as it was", synthetic.completions, (meant) =>
      Effect.gen(function* () {
        const model = yield* subject.through(saying(meant))
        deepStrictEqual(yield* model.complete(request), meant)
      })
    ),
    forAll("a stream says the same, and its completion is the same", synthetic.completions, (drawn) =>
      Effect.gen(function* () {
        const meant = synthetic.apart(drawn)
        const model = yield* subject.through(saying(meant))
        const parts = yield* Stream.runCollect(model.stream(request))
        for (const tag of ["Text", "Reasoning", "ToolCall"] as const) {
          strictEqual(text(parts, tag), text(synthetic.streamed(meant), tag))
        }
        deepStrictEqual(parts.at(-1), { _tag: "Done", completion: meant })
        strictEqual(parts.filter(({ _tag }) => _tag === "Done").length, 1)
      })
    ),
    forAll("a failure keeps its reason, its words and whether it is worth a retry", synthetic.errors, (meant) =>
      Effect.gen(function* () {
        const failing = sayingAs(
          () => Stream.fail(meant),
          () => Effect.fail(meant)
        )
        const model = yield* subject.through(failing)
        sameError(yield* failure(model.complete(request)), meant)
        sameError(yield* failure(Stream.runDrain(model.stream(request))), meant)
      })
    ),
    forAll("a stream that breaks hands on what it said, and its failure", synthetic.errors, (meant) =>
      Effect.gen(function* () {
        const breaking = sayingAs(
          () => Stream.concat(Stream.succeed({ _tag: "Text", delta: "Blue" } as const), Stream.fail(meant)),
          () => Effect.fail(meant)
        )
        const model = yield* subject.through(breaking)
        const heard: Array<ChatModel.StreamPart> = []
        const drained = Stream.runForEach(model.stream(request), (part) => Effect.sync(() => heard.push(part)))
        sameError(yield* failure(drained), meant)
        strictEqual(text(heard, "Text"), "Blue")
      })
    ),
    forAll("a question arrives as it was asked", synthetic.requests, (meant) =>
      Effect.gen(function* () {
        const heard: Array<ChatModel.ChatRequest> = []
        const said: Completion = {
          parts: [{ _tag: "Text", text: '{"colour":"blue"}' }],
          finish: { kind: "stop", raw: "stop" },
          usage: {},
          model: "m"
        }
        const listening = sayingAs(
          (asked) => Stream.suspend(() => Stream.fromIterable((heard.push(asked), synthetic.streamed(said)))),
          (asked) => Effect.sync(() => (heard.push(asked), said))
        )
        const model = yield* subject.through(listening)
        yield* model.complete(meant)
        yield* Stream.runDrain(model.stream(meant))
        deepStrictEqual(heard, [carried(meant), carried(meant)])
      })
    ),
    ...(["complete", "stream"] as const).map(
      (verb): Case<R> => ({
        name: `interruption reaches the model: ${verb}`,
        run: Effect.gen(function* () {
          const asked = yield* Deferred.make<void>()
          const cut = yield* Deferred.make<void>()
          const hanging = Effect.andThen(Deferred.succeed(asked, undefined), Effect.never).pipe(
            Effect.onInterrupt(() => Deferred.succeed(cut, undefined))
          )
          const model = yield* subject.through(
            sayingAs(
              () => Stream.fromEffect(hanging),
              () => hanging
            )
          )
          const fiber = yield* Effect.forkChild(
            verb === "complete" ? model.complete(request) : Stream.runDrain(model.stream(request))
          )
          yield* Deferred.await(asked)
          yield* Fiber.interrupt(fiber)
          yield* Deferred.await(cut)
        })
      })
    )
  ]
}
