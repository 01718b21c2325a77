/** From a recorded body of the chat wire to our request. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import { type Fields, fields, isFields, list, text } from "../json.js"
import { cacheOf, functions, imageOf, isEffort, NoWord, only, others, request, textPart } from "./word.js"

const userPart = (part: Fields): Fields => {
  if (part.type === "text") {
    only(part, "a text", "type", "text", "cache_control")
    return { ...textPart(part.text), ...cacheOf(part) }
  }
  if (part.type === "image_url") {
    only(part, "a picture", "type", "image_url", "cache_control")
    return { ...imageOf(text(fields(part.image_url).url)), ...cacheOf(part) }
  }
  throw new NoWord(`a part \`${text(part.type)}\``)
}

const partsOf = (content: unknown): ReadonlyArray<Fields> =>
  typeof content === "string" ? [textPart(content)] : list(content).map((part) => userPart(fields(part)))

/** Thoughts come back beside the content, or as parts with all their marks. */
const thoughts = (said: Fields): ReadonlyArray<Fields> => {
  const details = list(said.reasoning_details).map(fields)
  if (details.length > 0)
    return details.map(({ summary, text: words, ...rest }) => ({
      _tag: "Reasoning",
      text: text(words) || text(summary),
      signature: JSON.stringify(rest)
    }))
  const words = [text(said.reasoning_content), text(said.reasoning)].find((it) => it !== "")
  return words === undefined ? [] : [{ _tag: "Reasoning", text: words }]
}

const assistantPart = (part: Fields): ReadonlyArray<Fields> =>
  part.type === "thinking"
    ? list(part.thinking).map((one) => ({ _tag: "Reasoning", text: text(fields(one).text) }))
    : [userPart(part)]

const ownFields = [...["role", "content", "tool_calls"], ...["reasoning", "reasoning_content", "reasoning_details"]]

const assistant = (said: Fields): ReadonlyArray<Fields> => {
  only(said, "an assistant's message", ...ownFields)
  const { content } = said
  const calls = list(said.tool_calls).map((call) => {
    const { arguments: written, name } = fields(fields(call).function)
    return { _tag: "ToolCall", id: text(fields(call).id), name: text(name), arguments: text(written) }
  })
  return [
    ...thoughts(said),
    ...(typeof content === "string" ? [textPart(content)] : list(content).map(fields).flatMap(assistantPart)),
    ...calls
  ]
}

const toolResult = (said: Fields): Fields => {
  only(said, "a tool's message", "role", "content", "tool_call_id", "name")
  if (typeof said.content !== "string") throw new NoWord("a tool's result in parts")
  return {
    _tag: "ToolResult",
    id: text(said.tool_call_id),
    text: said.content,
    ...(said.name !== undefined && { name: said.name })
  }
}

const message = (said: Fields): Fields => {
  if (said.role === "assistant") return { role: "assistant", parts: assistant(said) }
  if (said.role === "tool") return { role: "tool", parts: [toolResult(said)] }
  only(said, "a message", "role", "content")
  return { role: said.role, parts: partsOf(said.content) }
}

const tool = (given: Fields): Fields => {
  only(given, "a tool", "type", "function", "cache_control")
  const { description, name, parameters } = fields(given.function)
  return { name, parameters: parameters ?? {}, ...(description !== undefined && { description }), ...cacheOf(given) }
}

const schemaOf = (format: unknown): Fields | undefined => {
  const asked = fields(fields(format).json_schema)
  return isFields(asked.schema) ? { name: text(asked.name), schema: asked.schema } : undefined
}

const choiceOf = (choice: unknown): unknown =>
  isFields(choice) ? { name: text(fields(choice.function).name) } : choice

/** `reasoning_effort: x` or `reasoning: { effort: x }`: the word, and the field it stands in. */
const effortOf = (body: Fields): readonly [unknown, ReadonlyArray<string>] => {
  if (isEffort(body.reasoning_effort)) return [body.reasoning_effort, ["reasoning_effort"]]
  const { effort, ...more } = fields(body.reasoning)
  return isEffort(effort) && Object.keys(more).length === 0 ? [effort, ["reasoning"]] : [undefined, []]
}

/** What our request has a word for. */
const known = [
  ...["model", "messages", "stream", "temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty"],
  ...["max_tokens", "seed", "random_seed", "stop", "tool_choice"]
]

export const decode = (body: Fields): ChatRequest => {
  const tools = functions(body.tools, ({ type }) => type === "function")
  const schema = schemaOf(body.response_format)
  const [effort, effortField] = effortOf(body)
  return request({
    messages: list(body.messages).map((said) => message(fields(said))),
    tools: tools?.map(tool),
    toolChoice: choiceOf(body.tool_choice),
    responseSchema: schema,
    temperature: body.temperature,
    topP: body.top_p,
    topK: body.top_k,
    presencePenalty: body.presence_penalty,
    frequencyPenalty: body.frequency_penalty,
    maxTokens: body.max_tokens,
    seed: body.seed ?? body.random_seed,
    stop: body.stop,
    reasoningEffort: effort,
    providerOptions: others(body, [
      ...known,
      ...effortField,
      ...(tools === undefined ? [] : ["tools"]),
      ...(schema === undefined ? [] : ["response_format"])
    ])
  })
}
