/** From a chat request to the body of `POST /responses`. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import type { AssistantPart, ImagePart, Message, ReasoningPart, TextPart } from "@consortium/core/Prompt"
import { textOf } from "@consortium/core/Prompt"
import type * as Schema from "effect/Schema"
import { type Family, fit } from "./Family.js"
import * as marks from "./internal/marks.js"
import { formatOf } from "./internal/schemaFormat.js"
import * as strict from "./internal/strict.js"

type Body = Record<string, Schema.Json>

const image = ({ source }: ImagePart): Body => ({
  type: "input_image",
  detail: "auto",
  image_url: source._tag === "Url" ? source.url : `data:${source.mediaType};base64,${source.data}`
})

const user = ({ parts: [first, ...more] }: Extract<Message, { role: "user" }>): Body => ({
  role: "user",
  content:
    first._tag === "Text" && more.length === 0
      ? first.text
      : [first, ...more].map((part) => (part._tag === "Text" ? { type: "input_text", text: part.text } : image(part)))
})

const said = ([first, ...more]: ReadonlyArray<TextPart>): Body => {
  const phase = first === undefined ? undefined : marks.phaseOf(first)
  return {
    role: "assistant",
    content:
      first !== undefined && more.length === 0
        ? first.text
        : [first, ...more].flatMap((part) => (part === undefined ? [] : [{ type: "output_text", text: part.text }])),
    ...(phase !== undefined && { phase })
  }
}

/**
 * The parts of one item are told by its id; the last of them holds what the vendor encrypted. Since nothing is stored
 * there, an item without it would be asked for in vain, and refused.
 */
const thought = (parts: ReadonlyArray<ReasoningPart>): ReadonlyArray<Body> => {
  const signed = parts.findLast(marks.isOurs)
  if (signed === undefined) return []
  return [
    {
      type: "reasoning",
      ...(signed.id !== undefined && { id: signed.id }),
      summary: parts.flatMap(({ text }) => (text === "" ? [] : [{ type: "summary_text", text }])),
      encrypted_content: signed.signature
    }
  ]
}

const isOneItem = (before: AssistantPart | undefined, part: AssistantPart): boolean => {
  if (before?._tag === "Text") return part._tag === "Text" && before.signature === part.signature
  return before?._tag === "Reasoning" && part._tag === "Reasoning" && part.id !== undefined && before.id === part.id
}

/** Parts that stood in one item, side by side. */
const itemsOf = (parts: ReadonlyArray<AssistantPart>): ReadonlyArray<ReadonlyArray<AssistantPart>> => {
  const items: Array<Array<AssistantPart>> = []
  for (const part of parts) {
    const last = items.at(-1)
    if (last !== undefined && isOneItem(last.at(-1), part)) last.push(part)
    else items.push([part])
  }
  return items
}

const assistant = (item: ReadonlyArray<AssistantPart>): ReadonlyArray<Body> => {
  const call = item.find((part) => part._tag === "ToolCall")
  if (call !== undefined)
    return [{ type: "function_call", call_id: call.id, name: call.name, arguments: call.arguments }]
  const thoughts = item.filter((part) => part._tag === "Reasoning")
  return thoughts.length > 0 ? thought(thoughts) : [said(item.filter((part) => part._tag === "Text"))]
}

const input = (message: Message, family: Family): ReadonlyArray<Body> => {
  switch (message.role) {
    case "system":
      return [{ role: family.reasons ? "developer" : "system", content: textOf(message) }]
    case "user":
      return [user(message)]
    case "assistant":
      return itemsOf(message.parts).flatMap(assistant)
    case "tool":
      return message.parts.map(({ id, text }) => ({ type: "function_call_output", call_id: id, output: text }))
  }
}

/** Left to itself the wire makes every function strict, and so rewrites schemas that are not. */
const tools = ({ toolChoice, tools }: ChatRequest): Body => ({
  ...(tools !== undefined && {
    tools: tools.map(({ description, name, parameters }) => ({
      type: "function",
      name,
      ...(description !== undefined && { description }),
      parameters,
      strict: strict.allows(parameters)
    }))
  }),
  ...(toolChoice !== undefined && {
    tool_choice: typeof toolChoice === "string" ? toolChoice : { type: "function", name: toolChoice.name }
  })
})

const sampling = (request: ChatRequest, family: Family): Body => {
  const { maxTokens, reasoningEffort, temperature, topP } = fit(request, family)
  const effort = reasoningEffort === undefined ? undefined : family.efforts[reasoningEffort]
  return {
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(effort !== undefined && { reasoning: { effort } })
  }
}

/** Objects of the body that a request's own options add to; all other options stand in for what they name. */
const merging = ["reasoning", "text"]

const isObject = (value: Schema.Json | undefined): value is Schema.JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const merged = (body: Body, options: Body): Body => {
  const out: Body = { ...body, ...options }
  for (const name of merging) {
    const [own, other] = [body[name], options[name]]
    if (isObject(own) && isObject(other)) out[name] = { ...own, ...other }
  }
  return out
}

/**
 * The body. Nothing is stored at the vendor, so reasoning is asked for in the encrypted form that can be sent back.
 * The wire has no penalties, `topK`, `seed`, `stop` or cache marks: they are left out, as is `sample`, which is ours.
 * `providerOptions` have the last word, save on `stream`.
 */
export const body = (request: ChatRequest, family: Family, model: string, stream: boolean): Body => {
  const { messages, providerOptions, responseSchema } = request
  const built: Body = {
    model,
    input: messages.flatMap((message) => input(message, family)),
    ...sampling(request, family),
    ...tools(request),
    ...(responseSchema !== undefined && { text: { format: { type: "json_schema", ...formatOf(responseSchema) } } }),
    store: false,
    ...(family.reasons && { include: ["reasoning.encrypted_content"] })
  }
  const whole = providerOptions === undefined ? built : merged(built, providerOptions)
  return stream || whole.stream !== undefined ? { ...whole, stream } : whole
}
