/** From a recorded body of Ollama's `/api/chat` to our request. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import { type Fields, fields, isFields, list, text } from "../json.js"
import { functions, only, others, request, textPart } from "./word.js"

const call = (given: unknown): Fields => {
  const { id, function: asked } = fields(given)
  const { arguments: written, name } = fields(asked)
  return { _tag: "ToolCall", id: text(id), name: text(name), arguments: JSON.stringify(written) }
}

const assistant = (said: Fields): ReadonlyArray<Fields> => {
  only(said, "an assistant's message", "role", "content", "thinking", "tool_calls")
  return [
    ...(said.thinking === undefined ? [] : [{ _tag: "Reasoning", text: text(said.thinking) }]),
    textPart(said.content),
    ...list(said.tool_calls).map(call)
  ]
}

const picture = (data: unknown): Fields => ({
  _tag: "Image",
  source: { _tag: "Base64", mediaType: "image/png", data: text(data) }
})

const message = (said: Fields): Fields => {
  if (said.role === "assistant") return { role: "assistant", parts: assistant(said) }
  if (said.role === "tool") {
    only(said, "a tool's message", "role", "content", "tool_name", "tool_call_id")
    const name = said.tool_name === undefined ? {} : { name: said.tool_name }
    const result = { _tag: "ToolResult", id: text(said.tool_call_id), text: text(said.content), ...name }
    return { role: "tool", parts: [result] }
  }
  only(said, "a message", "role", "content", "images")
  return { role: said.role, parts: [textPart(said.content), ...list(said.images).map(picture)] }
}

const tool = (given: Fields): Fields => {
  only(given, "a tool", "type", "function")
  const { description, name, parameters } = fields(given.function)
  return { name, parameters, ...(description !== undefined && { description }) }
}

const efforts: ReadonlyArray<unknown> = ["low", "medium", "high"]
const effortOf = (think: unknown): unknown => (think === false ? "none" : efforts.includes(think) ? think : undefined)

const knownOptions = [
  "temperature",
  "top_p",
  "top_k",
  "presence_penalty",
  "frequency_penalty",
  "num_predict",
  "seed",
  "stop"
]

export const decode = (body: Fields): ChatRequest => {
  const tools = functions(body.tools, ({ type }) => type === "function")
  const options = fields(body.options)
  const more = others(options, knownOptions)
  const effort = effortOf(body.think)
  const own = {
    ...others(body, [
      ...["model", "messages", "stream", "options"],
      ...(tools === undefined ? [] : ["tools"]),
      ...(isFields(body.format) ? ["format"] : []),
      ...(effort === undefined ? [] : ["think"])
    ]),
    ...(more !== undefined && { options: more })
  }
  return request({
    messages: list(body.messages).map((said) => message(fields(said))),
    tools: tools?.map(tool),
    responseSchema: isFields(body.format) ? { name: "answer", schema: body.format } : undefined,
    temperature: options.temperature,
    topP: options.top_p,
    topK: options.top_k,
    presencePenalty: options.presence_penalty,
    frequencyPenalty: options.frequency_penalty,
    maxTokens: options.num_predict,
    seed: options.seed,
    stop: typeof options.stop === "string" ? [options.stop] : options.stop,
    reasoningEffort: effort,
    providerOptions: Object.keys(own).length > 0 ? own : undefined
  })
}
