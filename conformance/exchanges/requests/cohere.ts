/** From a recorded body of Cohere's v2 chat to our request. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import { type Fields, fields, isFields, list, text } from "../json.js"
import { functions, imageOf, NoWord, only, others, request, textPart } from "./word.js"

const userPart = (part: Fields): Fields => {
  if (part.type === "text") {
    only(part, "a text", "type", "text")
    return textPart(part.text)
  }
  if (part.type === "image_url") return imageOf(text(fields(part.image_url).url))
  throw new NoWord(`a part \`${text(part.type)}\``)
}

const assistantPart = (part: Fields): Fields =>
  part.type === "thinking" ? { _tag: "Reasoning", text: text(part.thinking) } : userPart(part)

const partsOf = (content: unknown, part: (one: Fields) => Fields): ReadonlyArray<Fields> =>
  typeof content === "string" ? [textPart(content)] : list(content).map((one) => part(fields(one)))

const call = (given: unknown): Fields => {
  const { id, function: asked } = fields(given)
  const { arguments: written, name } = fields(asked)
  return { _tag: "ToolCall", id: text(id), name: text(name), arguments: text(written) }
}

const assistant = (said: Fields): ReadonlyArray<Fields> => {
  only(said, "an assistant's message", "role", "content", "tool_calls", "tool_plan")
  return [
    ...partsOf(said.content, assistantPart),
    ...(said.tool_plan === undefined ? [] : [{ _tag: "Reasoning", text: text(said.tool_plan), id: "tool_plan" }]),
    ...list(said.tool_calls).map(call)
  ]
}

const message = (said: Fields): Fields => {
  if (said.role === "assistant") return { role: "assistant", parts: assistant(said) }
  if (said.role === "tool") {
    only(said, "a tool's message", "role", "content", "tool_call_id")
    if (typeof said.content !== "string") throw new NoWord("a tool's result in documents")
    return { role: "tool", parts: [{ _tag: "ToolResult", id: text(said.tool_call_id), text: said.content }] }
  }
  only(said, "a message", "role", "content")
  return { role: said.role, parts: partsOf(said.content, userPart) }
}

const tool = (given: Fields): Fields => {
  only(given, "a tool", "type", "function")
  const { description, name, parameters } = fields(given.function)
  return { name, parameters, ...(description !== undefined && { description }) }
}

const choices: Readonly<Record<string, string>> = { REQUIRED: "required", NONE: "none" }

/** Thinking without a bound, or none at all. */
const effortOf = (thinking: unknown): string | undefined => {
  if (!isFields(thinking) || thinking.token_budget !== undefined) return undefined
  return thinking.type === "disabled" ? "none" : "max"
}

/** What our request has a word for. */
const known = [
  ...["model", "messages", "stream", "temperature", "p", "k", "presence_penalty", "frequency_penalty", "max_tokens"],
  ...["seed", "stop_sequences", "tool_choice"]
]

export const decode = (body: Fields): ChatRequest => {
  const tools = functions(body.tools, ({ type }) => type === "function")
  const schema = fields(body.response_format).json_schema
  const effort = effortOf(body.thinking)
  return request({
    messages: list(body.messages).map((said) => message(fields(said))),
    tools: tools?.map(tool),
    toolChoice: choices[text(body.tool_choice)],
    responseSchema: isFields(schema) ? { name: "answer", schema } : undefined,
    temperature: body.temperature,
    topP: body.p,
    topK: body.k,
    presencePenalty: body.presence_penalty,
    frequencyPenalty: body.frequency_penalty,
    maxTokens: body.max_tokens,
    seed: body.seed,
    stop: body.stop_sequences,
    reasoningEffort: effort,
    providerOptions: others(body, [
      ...known,
      ...(tools === undefined ? [] : ["tools"]),
      ...(isFields(schema) ? ["response_format"] : []),
      ...(effort === undefined ? [] : ["thinking"])
    ])
  })
}
