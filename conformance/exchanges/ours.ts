/** Our clients under test: one request to the player, both verbs, brought to a `Result`. */
import type { ChatModel, ChatRequest, StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import type { ModelError } from "@consortium/core/ModelError"
import * as HttpClients from "@consortium/wire/HttpClients"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type Answered, parsed, type Refused } from "./result.js"

export type Make = Effect.Effect<ChatModel<ModelError>, never, HttpClients.HttpClient>

export const runtime = ManagedRuntime.make(HttpClients.layerDirect)

const textsOf = (completion: Completion, tag: "Text" | "Reasoning"): ReadonlyArray<string> =>
  completion.parts.flatMap((part) => (part._tag === tag && part.text !== "" ? [part.text] : []))

export const answered = (completion: Completion): Answered => ({
  _tag: "Answered",
  text: textsOf(completion, "Text").join(""),
  reasoning: textsOf(completion, "Reasoning").join("\n"),
  calls: completion.parts.flatMap((part) =>
    part._tag === "ToolCall" ? [{ id: part.id, name: part.name, arguments: parsed(part.arguments) }] : []
  ),
  finish: completion.finish,
  usage: completion.usage,
  model: completion.model,
  id: completion.id
})

const refused = (error: ModelError): Refused => ({ _tag: "Refused", kind: error.reason._tag })

/** The whole answer. */
export const complete = (make: Make, request: ChatRequest): Promise<Completion | Refused> =>
  runtime.runPromise(
    Effect.flatMap(make, (model) => Effect.result(model.complete(request))).pipe(
      Effect.map((said) => (Result.isSuccess(said) ? said.success : refused(said.failure)))
    )
  )

/** What the parts of a stream add up to. */
export interface Streamed {
  readonly text: string
  readonly reasoning: string
  readonly calls: ReadonlyArray<{ readonly name: string; readonly arguments: unknown }>
  readonly end: Completion | Refused
}

const added = (parts: ReadonlyArray<StreamPart>, end: Completion | Refused): Streamed => {
  const calls = new Map<number, { name: string; arguments: string }>()
  let text = ""
  let reasoning = ""
  for (const part of parts) {
    if (part._tag === "Text") text += part.delta
    else if (part._tag === "Reasoning") reasoning += part.delta
    else if (part._tag === "ToolCall") {
      const call = calls.get(part.index) ?? { name: "", arguments: "" }
      calls.set(part.index, { name: part.name ?? call.name, arguments: call.arguments + part.delta })
    }
  }
  const inOrder = [...calls].sort(([a], [b]) => a - b).map(([, call]) => call)
  return { text, reasoning, calls: inOrder.map((call) => ({ ...call, arguments: parsed(call.arguments) })), end }
}

/** The streamed answer. */
export const stream = (make: Make, request: ChatRequest): Promise<Streamed> =>
  runtime.runPromise(
    Effect.flatMap(make, (model) => {
      const parts: Array<StreamPart> = []
      return Effect.result(
        Stream.runForEach(model.stream(request), (part) => Effect.sync(() => parts.push(part)))
      ).pipe(
        Effect.map((said) => {
          if (Result.isFailure(said)) return added(parts, refused(said.failure))
          const last = parts.at(-1)
          if (last?._tag !== "Done") throw new Error("a stream without Done")
          return added(parts, last.completion)
        })
      )
    })
  )
