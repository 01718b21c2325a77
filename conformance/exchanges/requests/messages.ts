/** From a recorded body of the Messages wire to our request. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import { type Fields, fields, isFields, list, text } from "../json.js"
import { cacheOf, functions, NoWord, only, others, request, textPart } from "./word.js"

const sourceOf = (source: Fields): Fields => {
  if (source.type === "url") return { _tag: "Url", url: text(source.url) }
  if (source.type === "base64") return { _tag: "Base64", mediaType: text(source.media_type), data: text(source.data) }
  throw new NoWord(`a picture by \`${text(source.type)}\``)
}

const call = (part: Fields): Fields => ({
  _tag: "ToolCall",
  id: text(part.id),
  name: text(part.name),
  arguments: JSON.stringify(part.input),
  ...cacheOf(part)
})

const toolResult = (part: Fields): Fields => {
  if (typeof part.content !== "string") throw new NoWord("a tool's result in parts")
  return {
    _tag: "ToolResult",
    id: text(part.tool_use_id),
    text: part.content,
    ...(part.is_error !== undefined && { isError: part.is_error }),
    ...cacheOf(part)
  }
}

const block = (part: Fields): Fields => {
  switch (part.type) {
    case "text":
      only(part, "a text", "type", "text", "cache_control")
      return { ...textPart(part.text), ...cacheOf(part) }
    case "image":
      return { _tag: "Image", source: sourceOf(fields(part.source)), ...cacheOf(part) }
    case "thinking":
      return { _tag: "Reasoning", text: text(part.thinking), signature: text(part.signature) }
    case "redacted_thinking":
      return { _tag: "Reasoning", text: "", signature: text(part.data), redacted: true }
    case "tool_use":
      return call(part)
    case "tool_result":
      return toolResult(part)
    default:
      throw new NoWord(`a block \`${text(part.type)}\``)
  }
}

/** Results stand in the user's turn; with us they are a turn of their own. */
const turns = (said: Fields): ReadonlyArray<Fields> => {
  const blocks = list(said.content).map((part) => block(fields(part)))
  if (said.role === "assistant") return [{ role: "assistant", parts: blocks }]
  const out: Array<{ role: string; parts: Array<Fields> }> = []
  for (const part of blocks) {
    const role = part._tag === "ToolResult" ? "tool" : "user"
    const last = out.at(-1)
    if (last?.role === role) last.parts.push(part)
    else out.push({ role, parts: [part] })
  }
  return out
}

const choices: Readonly<Record<string, string>> = { auto: "auto", any: "required", none: "none" }

const choiceOf = (choice: unknown): unknown => {
  if (!isFields(choice)) return undefined
  only(choice, "a tool choice", "type", "name")
  return choice.type === "tool" ? { name: text(choice.name) } : choices[text(choice.type)]
}

const tool = (given: Fields): Fields => {
  only(given, "a tool", "name", "description", "input_schema", "cache_control")
  const { description, input_schema, name } = given
  return { name, parameters: input_schema, ...(description !== undefined && { description }), ...cacheOf(given) }
}

/** What our request has a word for. */
const known = [
  ...["model", "messages", "system", "stream", "max_tokens", "temperature", "top_p", "top_k", "stop_sequences"],
  // Said by the address where it is not Anthropic's own.
  ...["tool_choice", "output_config", "anthropic_version"]
]

export const decode = (body: Fields): ChatRequest => {
  const tools = functions(body.tools, ({ type }) => type === undefined)
  const system = list(body.system).map((part) => block(fields(part)))
  const { format, ...output } = fields(body.output_config)
  const options = {
    ...others(body, [...known, ...(tools === undefined ? [] : ["tools"])]),
    ...(Object.keys(output).length > 0 && { output_config: output })
  }
  return request({
    messages: [
      ...(system.length > 0 ? [{ role: "system", parts: system }] : []),
      ...list(body.messages).flatMap((said) => turns(fields(said)))
    ],
    tools: tools?.map(tool),
    toolChoice: choiceOf(body.tool_choice),
    responseSchema: isFields(format) ? { name: "answer", schema: format.schema } : undefined,
    temperature: body.temperature,
    topP: body.top_p,
    topK: body.top_k,
    maxTokens: body.max_tokens,
    stop: body.stop_sequences,
    providerOptions: Object.keys(options).length > 0 ? options : undefined
  })
}
