/** From a recorded body of the Responses wire to our request. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import { type Fields, fields, isFields, list, text } from "../json.js"
import { functions, imageOf, isEffort, NoWord, only, others, request, textPart } from "./word.js"

const part = (of: Fields): Fields => {
  if (of.type === "input_text" || of.type === "output_text") {
    only(of, "a text", "type", "text")
    return textPart(of.text)
  }
  if (of.type === "input_image" && typeof of.image_url === "string") {
    only(of, "a picture", "type", "image_url")
    return imageOf(of.image_url)
  }
  throw new NoWord(`a part \`${text(of.type)}\``)
}

const partsOf = (content: unknown): ReadonlyArray<Fields> =>
  typeof content === "string" ? [textPart(content)] : list(content).map((one) => part(fields(one)))

/** The words of one item belong together by its id, so that one is made up here; the last has what is encrypted. */
const thoughts = (item: Fields, place: number): ReadonlyArray<Fields> => {
  only(item, "reasoning", "type", "summary", "encrypted_content")
  if (typeof item.encrypted_content !== "string") throw new NoWord("reasoning that is not encrypted")
  const words = list(item.summary).map((one) => text(fields(one).text))
  const some = words.length === 0 ? [""] : words
  return some.map((said, at) => ({
    _tag: "Reasoning",
    text: said,
    id: `rs_${place}`,
    ...(at === some.length - 1 && { signature: item.encrypted_content })
  }))
}

/** A text of the assistant may be marked as a remark or as the answer. */
const marked = (said: Fields): ReadonlyArray<Fields> =>
  partsOf(said.content).map((one) => ({
    ...one,
    ...(typeof said.phase === "string" && { signature: JSON.stringify({ phase: said.phase }) })
  }))

const call = ({ arguments: written, call_id, name }: Fields): Fields => ({
  _tag: "ToolCall",
  id: text(call_id),
  name: text(name),
  arguments: text(written)
})

const toolResult = ({ call_id, output }: Fields): Fields => {
  if (typeof output !== "string") throw new NoWord("a tool's result in parts")
  return { _tag: "ToolResult", id: text(call_id), text: output }
}

const message = (item: Fields, place: number): Fields => {
  switch (item.type) {
    case "function_call":
      return { role: "assistant", parts: [call(item)] }
    case "function_call_output":
      return { role: "tool", parts: [toolResult(item)] }
    case "reasoning":
      return { role: "assistant", parts: thoughts(item, place) }
    case undefined:
      return item.role === "assistant"
        ? { role: "assistant", parts: marked(item) }
        : { role: item.role, parts: partsOf(item.content) }
    default:
      throw new NoWord(`an item \`${text(item.type)}\``)
  }
}

/** What our request has a word for. */
const known = ["model", "input", "stream", "temperature", "top_p", "max_output_tokens", "tool_choice"]

const isSome = (value: Fields): boolean => Object.keys(value).length > 0

export const decode = (body: Fields): ChatRequest => {
  const tools = functions(body.tools, ({ type }) => type === "function")
  const { effort, ...thinking } = fields(body.reasoning)
  const { format, ...text_ } = fields(body.text)
  const schema = isFields(format) && isFields(format.schema) ? format : undefined
  const reasoning = isEffort(effort) ? thinking : fields(body.reasoning)
  const texts = schema === undefined ? fields(body.text) : text_
  const options = {
    ...others(body, [...known, "reasoning", "text", ...(tools === undefined ? [] : ["tools"])]),
    ...(isSome(reasoning) && { reasoning }),
    ...(isSome(texts) && { text: texts })
  }
  const choice = body.tool_choice
  return request({
    messages: list(body.input).map((item, place) => message(fields(item), place)),
    tools: tools?.map(({ description, name, parameters }) => ({
      name,
      parameters: parameters ?? {},
      ...(description !== undefined && { description })
    })),
    toolChoice: isFields(choice) ? { name: text(choice.name) } : choice,
    responseSchema: schema === undefined ? undefined : { name: text(schema.name), schema: schema.schema },
    temperature: body.temperature,
    topP: body.top_p,
    maxTokens: body.max_output_tokens,
    reasoningEffort: isEffort(effort) ? effort : undefined,
    providerOptions: isSome(options) ? options : undefined
  })
}
