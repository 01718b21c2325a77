/** From a chat request to the body of `POST /api/chat`. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import { type ImagePart, type Message, textOf, type ToolCallPart, type ToolResultPart } from "@consortium/core/Prompt"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

type Body = Record<string, Schema.Json>

/** `data:image/png;base64,…` */
const inline = /^data:[^;,]+;base64,(.*)$/s

/** A picture's bytes; nothing where it is known by an address of the web only. */
const bytesOf = ({ source }: ImagePart): string | undefined =>
  source._tag === "Base64" ? source.data : inline.exec(source.url)?.[1]

const imagesOf = (said: Message): ReadonlyArray<ImagePart> =>
  said.role === "user" ? said.parts.filter((part) => part._tag === "Image") : []

/** Why a request can't be said on this wire; nothing where it can. */
export const unsayable = ({ messages }: ChatRequest): string | undefined =>
  messages.some((said) => imagesOf(said).some((image) => bytesOf(image) === undefined))
    ? "Ollama takes pictures as bytes, not by their address: load the picture and send it as base64"
    : undefined

const decodeObject = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.JsonObject))

/** Arguments are an object here; words that are none are kept as one. */
const argumentsOf = (written: string): Schema.JsonObject =>
  Option.getOrElse(decodeObject(written), () => (written.trim() === "" ? {} : { arguments: written }))

const call = ({ arguments: written, id, name }: ToolCallPart): Body => ({
  ...(id !== "" && { id }),
  type: "function",
  function: { name, arguments: argumentsOf(written) }
})

const assistant = (said: Extract<Message, { role: "assistant" }>): Body => {
  const thoughts = said.parts.flatMap((part) => (part._tag === "Reasoning" && part.text !== "" ? [part.text] : []))
  const calls = said.parts.filter((part) => part._tag === "ToolCall")
  return {
    role: "assistant",
    content: textOf(said),
    ...(thoughts.length > 0 && { thinking: thoughts.join("\n") }),
    ...(calls.length > 0 && { tool_calls: calls.map(call) })
  }
}

/** Results are known by their tool's name, and by the call's id to servers that keep it. */
const result = ({ id, name, text }: ToolResultPart, names: ReadonlyMap<string, string>): Body => {
  const tool = name ?? names.get(id)
  return {
    role: "tool",
    content: text,
    ...(tool !== undefined && { tool_name: tool }),
    ...(id !== "" && { tool_call_id: id })
  }
}

const user = (said: Message): Body => {
  const images = imagesOf(said).flatMap((image) => bytesOf(image) ?? [])
  return { role: said.role, content: textOf(said), ...(images.length > 0 && { images }) }
}

const conversation = (messages: ReadonlyArray<Message>): ReadonlyArray<Body> => {
  const names = new Map<string, string>()
  return messages.flatMap((said): ReadonlyArray<Body> => {
    if (said.role === "tool") return said.parts.map((part) => result(part, names))
    if (said.role !== "assistant") return [user(said)]
    for (const part of said.parts) if (part._tag === "ToolCall" && part.id !== "") names.set(part.id, part.name)
    return [assistant(said)]
  })
}

/** The wire can't force a call: none are offered where none may be made, and one alone where it is named. */
const tools = ({ toolChoice, tools }: ChatRequest): Body => {
  const offered = (tools ?? []).filter(({ name }) => typeof toolChoice !== "object" || name === toolChoice.name)
  if (toolChoice === "none" || offered.length === 0) return {}
  return {
    tools: offered.map(({ description, name, parameters }) => ({
      type: "function",
      function: { name, parameters, ...(description !== undefined && { description }) }
    }))
  }
}

const options = (request: ChatRequest): Body => {
  const { frequencyPenalty, maxTokens, presencePenalty, seed, stop, temperature, topK, topP } = request
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(maxTokens !== undefined && { num_predict: maxTokens }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && { stop })
  }
}

/**
 * Words that servers know for every model that thinks; `true` would be its default (docs/capabilities/thinking.mdx of
 * ollama/ollama). A model's own words go by `providerOptions`.
 */
const thinks = { none: false, minimal: "low", low: "low", medium: "medium", high: "high", max: "high" } as const

const isFields = (value: unknown): value is Schema.JsonObject => Predicate.isObject(value) && !Array.isArray(value)

/**
 * The body. `sample` is ours alone and never sent; `providerOptions` have the last word, save on `stream`, and their
 * `options` join those of the request.
 */
export const body = (request: ChatRequest, model: string, stream: boolean): Body => {
  const { messages, providerOptions = {}, reasoningEffort, responseSchema } = request
  const given = providerOptions.options
  const all: Body = { ...options(request), ...(isFields(given) ? given : {}) }
  return {
    model,
    messages: conversation(messages),
    ...tools(request),
    ...(responseSchema !== undefined && { format: responseSchema.schema }),
    ...(reasoningEffort !== undefined && { think: thinks[reasoningEffort] }),
    ...providerOptions,
    ...(Object.keys(all).length > 0 && { options: all }),
    // It streams where nothing is said.
    stream
  }
}
