/** What every chat model promises, whatever its wire: proven over a real server that speaks the wire by synthetic exchanges. */
import type { ChatModel, StreamPart } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import type { ModelError } from "@consortium/core/ModelError"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { type Asked, type Exchange, everyByte, serve } from "./Exchanges.js"
import { type Address, at, type Case, failure, failureCases, secret, type SpellError } from "./internal/failures.js"
import { conversation, question, request, spoken, structured } from "./internal/requests.js"

export type { Address, Case } from "./internal/failures.js"

/** An answer in the words of no vendor; a wire spells it. */
export interface Said {
  readonly text: string
  readonly reasoning?: string
  readonly toolCall?: { readonly id: string; readonly name: string; readonly arguments: string }
  readonly finish: "stop" | "length" | "tool-calls"
  readonly inputTokens: number
  readonly outputTokens: number
}

/** How a wire writes and reads. Bodies are what a server of the vendor would send. */
export interface Spelling {
  /** The body of a whole answer. */
  readonly whole: (said: Said) => string
  /** The body of a streamed answer, in several events, its lines ended by `\n`. */
  readonly streamed: (said: Said) => string
  readonly error: SpellError
  /** A stream that says the text, then an error. */
  readonly brokenStream: (text: string, error: string) => string
  /** A stream that says the text and stops as if it were whole, without its own last words. */
  readonly cutStream: (text: string) => string
  /** The model, the user's text and the key that a request carries. */
  readonly read: (asked: Asked) => { readonly model: unknown; readonly text: unknown; readonly key: unknown }
  /** The content type of a streamed answer. @default "text/event-stream" */
  readonly streamType?: string
  /** The bytes of a streamed answer that is more than its text. @default UTF-8 */
  readonly pack?: (written: string) => Uint8Array
}

/** The body of a streamed answer, as a server sends it. */
export const packed = ({ pack }: Spelling, written: string): string | Uint8Array => pack?.(written) ?? written

export interface Subject<R> {
  /** The model under proof, of the name `modelName`, at an address. */
  readonly make: (at: Address) => Effect.Effect<ChatModel<ModelError>, unknown, R | Scope.Scope>
  readonly spelling: Spelling
}

/** The model's name that a subject asks for. */
export const modelName = "synthetic-model"

const answers: Readonly<Record<string, Said>> = {
  "a text": { text: "Blue – „himmelblau“ 🦉 蓝.\nTwo lines.", finish: "stop", inputTokens: 12, outputTokens: 7 },
  "reasoning and a text": { reasoning: "It is day.", text: "Blue.", finish: "stop", inputTokens: 12, outputTokens: 9 },
  "a text that is cut": { text: "Blue, bec", finish: "length", inputTokens: 12, outputTokens: 3 },
  "a tool call": {
    text: "",
    toolCall: { id: "call_a1", name: "look", arguments: '{"at":"sky — 天"}' },
    finish: "tool-calls",
    inputTokens: 12,
    outputTokens: 5
  }
}
const plain: Said = { text: "Blue – 蓝.", finish: "stop", inputTokens: 12, outputTokens: 7 }

const checkCompletion = (completion: Completion.Completion, said: Said) => {
  strictEqual(Completion.text(completion), said.text)
  strictEqual(Completion.reasoning(completion), said.reasoning ?? "")
  const calls = completion.parts.filter((part) => part._tag === "ToolCall")
  deepStrictEqual(calls, said.toolCall === undefined ? [] : [{ _tag: "ToolCall", ...said.toolCall }])
  strictEqual(completion.finish.kind, said.finish)
  ok(completion.finish.raw !== null, "the vendor's own word is kept")
  strictEqual(completion.usage.inputTokens, said.inputTokens)
  strictEqual(completion.usage.outputTokens, said.outputTokens)
  strictEqual(completion.model, modelName)
}

const doneOf = (parts: ReadonlyArray<StreamPart>): Completion.Completion => {
  const last = parts.at(-1)
  strictEqual(parts.filter((part) => part._tag === "Done").length, 1)
  if (last?._tag !== "Done") throw new Error("the last part of a stream is Done")
  return last.completion
}

const said = (parts: ReadonlyArray<StreamPart>, tag: "Text" | "Reasoning" | "ToolCall"): string =>
  parts.flatMap((part) => (part._tag === tag ? [part.delta] : [])).join("")

/** The promises of one model, for a test file to loop over. */
export const cases = <R>(subject: Subject<R>): ReadonlyArray<Case<R>> => {
  const { spelling } = subject
  const type = spelling.streamType ?? "text/event-stream"
  const events = { "content-type": type }
  const onlyEvents = <A>(items: ReadonlyArray<A>) => (type === "text/event-stream" ? items : [])
  const streamed = (body: string, more: Partial<Exchange> = {}): Exchange => ({
    headers: events,
    body: packed(spelling, body),
    ...more
  })
  const complete = (where: Address) => Effect.flatMap(subject.make(where), (model) => model.complete(request))
  const drain = (where: Address) =>
    Effect.flatMap(subject.make(where), (model) => Stream.runCollect(model.stream(request)))

  const wholeCase = ([name, answer]: readonly [string, Said]): Case<R> => ({
    name: `complete: ${name}`,
    run: Effect.gen(function* () {
      const player = yield* serve([{ body: spelling.whole(answer) }])
      checkCompletion(yield* complete(at(player)), answer)
    })
  })

  const streamCase = ([name, answer]: readonly [string, Said]): Case<R> => ({
    name: `stream says what complete says: ${name}`,
    run: Effect.gen(function* () {
      const player = yield* serve([streamed(spelling.streamed(answer)), { body: spelling.whole(answer) }])
      const parts = yield* drain(at(player))
      const done = doneOf(parts)
      checkCompletion(done, answer)
      strictEqual(said(parts, "Text"), answer.text)
      strictEqual(said(parts, "Reasoning"), answer.reasoning ?? "")
      strictEqual(said(parts, "ToolCall"), answer.toolCall?.arguments ?? "")
      deepStrictEqual(done, yield* complete(at(player)))
    })
  })

  const shapes: ReadonlyArray<readonly [string, (body: string) => Exchange]> = [
    ["each byte alone", (body) => streamed(body, { splitAt: everyByte(packed(spelling, body)) })],
    ["lines ended by CRLF", (body) => streamed(body.replaceAll("\n", "\r\n"))],
    ["comments between events", (body) => streamed(body.replaceAll("\n\n", "\n\n: keep-alive\n\n"))],
    ["a byte order mark", (body) => streamed(`\uFEFF${body}`)],
    ["no empty line at the end", (body) => streamed(body.trimEnd())]
  ]
  const shapeCase = ([name, exchange]: (typeof shapes)[number]): Case<R> => ({
    name: `stream with ${name}`,
    run: Effect.gen(function* () {
      const player = yield* serve([exchange(spelling.streamed(plain))])
      const parts = yield* drain(at(player))
      strictEqual(said(parts, "Text"), plain.text)
      checkCompletion(doneOf(parts), plain)
    })
  })

  const sent: Case<R> = {
    name: "the request is a POST with the model, the text and the key",
    run: Effect.gen(function* () {
      const player = yield* serve([{ body: spelling.whole(plain) }, streamed(spelling.streamed(plain))])
      yield* complete(at(player))
      yield* drain(at(player))
      strictEqual(player.asked.length, 2)
      for (const asked of player.asked) {
        strictEqual(asked.method, "POST")
        deepStrictEqual(spelling.read(asked), { model: modelName, text: question, key: secret })
        strictEqual(asked.headers.traceparent ?? asked.headers.b3, undefined, "no trace headers go to a third party")
      }
    })
  }

  const talked: Case<R> = {
    name: "the request carries every turn in order, the tools and their results",
    run: Effect.gen(function* () {
      const player = yield* serve([{ body: spelling.whole(plain) }])
      const model = yield* subject.make(at(player))
      yield* model.complete(conversation)
      const body = player.asked[0]?.body ?? ""
      for (const words of ["look_up", "description-words", "where", "321", ...spoken])
        ok(body.includes(words), `${words} is sent: ${body}`)
      // Some wires have a place of its own for the system's words.
      const turns = spoken.slice(1).map((words) => body.indexOf(words))
      deepStrictEqual(
        turns,
        turns.toSorted((a, b) => a - b)
      )
    })
  }

  const schemed: Case<R> = {
    name: "a schema is sent, and the answer in it comes back as it is",
    run: Effect.gen(function* () {
      const answer: Said = { ...plain, text: '{"hue_of_sky":"blue – 蓝"}' }
      const player = yield* serve([{ body: spelling.whole(answer) }, streamed(spelling.streamed(answer))])
      const model = yield* subject.make(at(player))
      checkCompletion(yield* model.complete(structured), answer)
      checkCompletion(doneOf(yield* Stream.runCollect(model.stream(structured))), answer)
      strictEqual(player.asked.length, 2)
      for (const { body } of player.asked) ok(body.includes("hue_of_sky"), `the schema is sent: ${body}`)
    })
  }

  const late: Case<R> = {
    name: "a first byte that comes late is waited for",
    run: Effect.gen(function* () {
      const waitMillis = 60
      const player = yield* serve([
        { body: spelling.whole(plain), waitMillis },
        streamed(spelling.streamed(plain), { waitMillis })
      ])
      checkCompletion(yield* complete(at(player)), plain)
      checkCompletion(doneOf(yield* drain(at(player))), plain)
    })
  }

  const streamFailure = (name: string, exchange: Exchange, reason: string, text: string): Case<R> => ({
    name,
    run: Effect.gen(function* () {
      const player = yield* serve([exchange])
      const parts: Array<StreamPart> = []
      const model = yield* subject.make(at(player))
      const error = yield* failure(
        Stream.runForEach(model.stream(request), (part) => Effect.sync(() => parts.push(part)))
      )
      strictEqual(error.reason._tag, reason)
      strictEqual(said(parts, "Text"), text, "what was said before is handed on")
    })
  })

  const hanging: Case<R> = {
    name: "interruption in a stream closes the socket",
    run: Effect.gen(function* () {
      const player = yield* serve([streamed(spelling.cutStream("Blue"), { end: "hang" })])
      const model = yield* subject.make(at(player))
      const fiber = yield* Effect.forkChild(Stream.runDrain(model.stream(request)))
      yield* player.arrived(1)
      yield* Fiber.interrupt(fiber)
      yield* player.hungUp(1)
    })
  }

  const left: Case<R> = {
    name: "a reader that leaves a stream closes the socket",
    run: Effect.gen(function* () {
      const player = yield* serve([streamed(spelling.cutStream("Blue"), { end: "hang" })])
      const model = yield* subject.make(at(player))
      const parts = yield* Stream.runCollect(Stream.take(model.stream(request), 1))
      strictEqual(parts.length, 1)
      yield* player.hungUp(1)
    })
  }

  return [
    ...Object.entries(answers).map(wholeCase),
    ...Object.entries(answers).map(streamCase),
    ...shapes.slice(0, type === "text/event-stream" ? shapes.length : 1).map(shapeCase),
    sent,
    talked,
    schemed,
    late,
    {
      name: "white space before the JSON",
      run: Effect.gen(function* () {
        const player = yield* serve([{ body: `\n   \n\n${spelling.whole(plain)}`, splitAt: [2, 4] }])
        checkCompletion(yield* complete(at(player)), plain)
      })
    },
    {
      name: "half a JSON body is MalformedOutput",
      run: Effect.gen(function* () {
        const player = yield* serve([{ body: spelling.whole(plain).slice(0, -5) }])
        strictEqual((yield* failure(complete(at(player)))).reason._tag, "MalformedOutput")
      })
    },
    streamFailure(
      "an error in a stream",
      streamed(spelling.brokenStream("Blue", "synthetic trouble")),
      "ServerError",
      "Blue"
    ),
    streamFailure("a stream that stops early is Network", streamed(spelling.cutStream("Blue")), "Network", "Blue"),
    streamFailure(
      "a stream that breaks is Network",
      streamed(spelling.cutStream("Blue"), { end: "reset", splitAt: [] }),
      "Network",
      "Blue"
    ),
    ...onlyEvents([
      streamFailure(
        "rubbish in a stream is MalformedOutput",
        streamed(`${spelling.cutStream("Blue")}data: {"half\n\n`),
        "MalformedOutput",
        "Blue"
      )
    ]),
    hanging,
    left,
    ...failureCases(complete, spelling.error).map((one) => ({ ...one, name: `complete: ${one.name}` })),
    ...failureCases(drain, spelling.error).map((one) => ({ ...one, name: `stream: ${one.name}` }))
  ]
}
