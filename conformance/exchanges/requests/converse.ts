/** From a recorded body of Converse to our request. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import { type Fields, fields, isFields, list, text } from "../json.js"
import { NoWord, only, others, request, textPart } from "./word.js"

const picture = (image: Fields): Fields => {
  const source = fields(image.source)
  if (typeof source.bytes !== "string") throw new NoWord("a picture out of S3")
  return { _tag: "Image", source: { _tag: "Base64", mediaType: `image/${text(image.format)}`, data: source.bytes } }
}

const toolResult = ({ content, status, toolUseId }: Fields): Fields => {
  const [first, ...more] = list(content).map(fields)
  if (first === undefined || more.length > 0 || typeof first.text !== "string")
    throw new NoWord("a tool's result in parts")
  return {
    _tag: "ToolResult",
    id: text(toolUseId),
    text: first.text,
    ...(status !== undefined && { isError: status === "error" })
  }
}

const block = (part: Fields): Fields => {
  if (typeof part.text === "string") {
    only(part, "a text", "text")
    return textPart(part.text)
  }
  if (isFields(part.image)) return picture(part.image)
  if (isFields(part.toolResult)) return toolResult(part.toolResult)
  if (isFields(part.toolUse)) {
    const { input, name, toolUseId } = part.toolUse
    return { _tag: "ToolCall", id: text(toolUseId), name: text(name), arguments: JSON.stringify(input) }
  }
  throw new NoWord(`a block \`${Object.keys(part).join()}\``)
}

/** What stands before a point is kept with it: our mark stands on the last of it. */
const marked = (blocks: unknown, read: (one: Fields) => Fields): ReadonlyArray<Fields> => {
  const out: Array<Fields> = []
  for (const one of list(blocks).map(fields)) {
    const last = out.at(-1)
    if (!isFields(one.cachePoint)) out.push(read(one))
    else if (last === undefined) throw new NoWord("a cache point behind nothing")
    else out[out.length - 1] = { ...last, cache: one.cachePoint.ttl === "1h" ? "long" : "short" }
  }
  return out
}

/** Results stand in the user's turn; with us they are a turn of their own. */
const turns = (said: Fields): ReadonlyArray<Fields> => {
  const out: Array<{ role: string; parts: Array<Fields> }> = []
  for (const part of marked(said.content, block)) {
    const role = part._tag === "ToolResult" ? "tool" : text(said.role)
    const last = out.at(-1)
    if (last?.role === role) last.parts.push(part)
    else out.push({ role, parts: [part] })
  }
  return out
}

const tool = ({ toolSpec }: Fields): Fields => {
  const spec = fields(toolSpec)
  only(spec, "a tool", "name", "description", "inputSchema")
  const { description, inputSchema, name } = spec
  return { name, parameters: fields(inputSchema).json, ...(description !== undefined && { description }) }
}

const choiceOf = (choice: unknown): unknown => {
  if (!isFields(choice)) return undefined
  if (isFields(choice.tool)) return { name: text(choice.tool.name) }
  return isFields(choice.any) ? "required" : "auto"
}

export const decode = (body: Fields): ChatRequest => {
  const { tools, ...config } = fields(body.toolConfig)
  const given = list(tools).map(fields)
  const system = given.filter((one) => isFields(one.systemTool))
  const own = given.filter((one) => !isFields(one.systemTool))
  const inference = fields(body.inferenceConfig)
  const options = {
    ...others(body, ["messages", "system", "inferenceConfig", "toolConfig", "modelId"]),
    ...(system.length > 0 && { toolConfig: { tools: system } })
  }
  const instructions = marked(body.system, block)
  return request({
    messages: [
      ...(instructions.length > 0 ? [{ role: "system", parts: instructions }] : []),
      ...list(body.messages).flatMap((said) => turns(fields(said)))
    ],
    tools: own.length > 0 ? marked(own, tool) : undefined,
    toolChoice: choiceOf(config.toolChoice),
    temperature: inference.temperature,
    topP: inference.topP,
    maxTokens: inference.maxTokens,
    stop: inference.stopSequences,
    providerOptions: Object.keys(options).length > 0 ? options : undefined
  })
}
