/**
 * Broken answers for any wire: bodies of a subject's own spelling, cut, garbled and with other types in their places.
 * Whatever comes, a call ends in time with a completion or with a `ModelError`; it never dies.
 */
import type { ChatModel, StreamPart } from "@consortium/core/ChatModel"
import { Completion } from "@consortium/core/Completion"
import type { ModelError } from "@consortium/core/ModelError"
import { Seed } from "@consortium/core/Seed"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { packed, type Said, type Subject } from "./ChatModelContract.js"
import { type Exchange, serve } from "./Exchanges.js"
import { keepsPromise } from "./internal/broken.js"
import { at, type Case } from "./internal/failures.js"
import { type Kind, kinds, type Mutant, mutants } from "./internal/mutants.js"
import { request } from "./internal/requests.js"

export { type Kind, kinds, type Mutant, mutants } from "./internal/mutants.js"

export interface Options {
  /** Other seeds give other mutants. @default 1 */
  readonly seed?: number
  /** How many mutants of each kind and body are tried. @default 40 */
  readonly mutants?: number
  /** How long one call may take, in milliseconds of the wall clock. @default 5000 */
  readonly withinMillis?: number
  /** The size of an answer that is larger than the subject allows, in bytes; 0 leaves these cases out. @default 0 */
  readonly flood?: number
}

const defaults = { seed: 1, mutants: 40, withinMillis: 5000, flood: 0 } satisfies Options

const saids: ReadonlyArray<Said> = [
  { reasoning: "It is day.", text: "Blue – 蓝 🦉.\nYes.", finish: "stop", inputTokens: 12, outputTokens: 7 },
  {
    text: "",
    toolCall: { id: "call_a1", name: "look", arguments: '{"at":"sky — 天"}' },
    finish: "tool-calls",
    inputTokens: 12,
    outputTokens: 5
  }
]

/** Kinds that break what is said, and no bytes. */
const written: ReadonlyArray<Kind> = ["types", "shapes", "repeats"]

const isCompletion = Schema.is(Completion)

type Ask = (model: ChatModel<ModelError>) => Effect.Effect<unknown, ModelError>

const lastOf = (parts: ReadonlyArray<StreamPart>): unknown => {
  const last = parts.at(-1)
  return last?._tag === "Done" ? last.completion : last
}
const complete: Ask = (model) => model.complete(request)
const drain: Ask = (model) => Effect.map(Stream.runCollect(model.stream(request)), lastOf)

/** The promises, for a test file to loop over: one case for each verb, kind of breakage and body. */
export const cases = <R>(subject: Subject<R>, options: Options = {}): ReadonlyArray<Case<R>> => {
  const { flood, mutants: count, seed, withinMillis } = { ...defaults, ...options }
  const { spelling } = subject
  const whole = { "content-type": "application/json" }
  const events = { "content-type": spelling.streamType ?? "text/event-stream" }

  const over = (
    name: string,
    ask: Ask,
    headers: Readonly<Record<string, string>>,
    bodies: ReadonlyArray<Mutant>
  ): Case<R> => ({
    name,
    run: Effect.gen(function* () {
      const player = yield* serve(bodies.map(({ body }): Exchange => ({ headers, body })))
      const model = yield* subject.make(at(player))
      for (const one of bodies)
        yield* keepsPromise(`${name}, ${one.name}`, one.body, ask(model), isCompletion, withinMillis)
    })
  })

  const of = (kind: Kind, ask: Ask, headers: Readonly<Record<string, string>>, body: string, of: string) =>
    over(`${of}, broken in its ${kind}`, ask, headers, mutants(body, kind, Seed.make(seed), count))

  /** What a stream says is broken before it is packed, what breaks its bytes after. */
  const ofStream = (kind: Kind, body: string, of: string) => {
    const { pack } = spelling
    const broken =
      pack === undefined || !written.includes(kind)
        ? mutants(packed(spelling, body), kind, Seed.make(seed), count)
        : mutants(body, kind, Seed.make(seed), count).map((one) => ({
            ...one,
            body: pack(Buffer.from(one.body).toString("utf8"))
          }))
    return over(`${of}, broken in its ${kind}`, drain, events, broken)
  }

  const floods = (verb: string, ask: Ask, headers: Readonly<Record<string, string>>, body: Uint8Array): Case<R> =>
    over(`${verb}: an answer that is too large`, ask, headers, [{ name: "flood", body }])

  return [
    ...kinds.flatMap((kind) =>
      saids.flatMap((said) => {
        const what = said.toolCall === undefined ? "a text" : "a tool call"
        return [
          of(kind, complete, whole, spelling.whole(said), `complete: ${what}`),
          ofStream(kind, spelling.streamed(said), `stream: ${what}`)
        ]
      })
    ),
    ...kinds.map((kind) => of(kind, complete, whole, spelling.error("synthetic"), "complete: an error in a 200")),
    ...(flood === 0
      ? []
      : [
          floods("complete", complete, whole, Buffer.alloc(flood, 32)),
          floods("stream", drain, events, Buffer.alloc(flood, 58))
        ])
  ]
}
