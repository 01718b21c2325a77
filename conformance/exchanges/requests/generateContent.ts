/** From a recorded body of `generateContent` to our request. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import { type Fields, fields, isFields, list, text } from "../json.js"
import { functions, NoWord, only, others, request } from "./word.js"

const signed = (part: Fields): Fields =>
  typeof part.thoughtSignature === "string" ? { signature: part.thoughtSignature } : {}

const call = (of: Fields): Fields => {
  only(of, "a call", "functionCall", "thoughtSignature")
  const { args, id, name } = fields(of.functionCall)
  return { _tag: "ToolCall", id: text(id), name: text(name), arguments: JSON.stringify(args ?? {}), ...signed(of) }
}

const part = (of: Fields): Fields => {
  if (typeof of.text === "string") {
    only(of, "a text", "text", "thought", "thoughtSignature")
    return { _tag: of.thought === true ? "Reasoning" : "Text", text: of.text, ...signed(of) }
  }
  if (isFields(of.functionCall)) return call(of)
  const { data, mimeType } = fields(of.inlineData)
  if (text(mimeType).startsWith("image/"))
    return { _tag: "Image", source: { _tag: "Base64", mediaType: mimeType, data } }
  throw new NoWord(`a part \`${Object.keys(of).join("`, `")}\``)
}

const toolResult = (of: Fields): Fields => {
  only(of, "a result", "functionResponse")
  const result = fields(of.functionResponse)
  only(result, "a result", "id", "name", "response")
  const { id, name, response } = result
  return { _tag: "ToolResult", id: text(id), name: text(name), text: JSON.stringify(response) }
}

const content = (said: Fields): Fields => {
  const parts = list(said.parts).map(fields)
  if (said.role === "model") return { role: "assistant", parts: parts.map(part) }
  const results = parts.filter((one) => one.functionResponse !== undefined)
  if (results.length === 0) return { role: "user", parts: parts.map(part) }
  if (results.length < parts.length) throw new NoWord("results beside other parts")
  return { role: "tool", parts: results.map(toolResult) }
}

/** What our request has a word for. */
const known = [
  ...["temperature", "topP", "topK", "maxOutputTokens", "seed", "stopSequences"],
  ...["presencePenalty", "frequencyPenalty"]
]

const modes: Readonly<Record<string, string>> = { AUTO: "auto", NONE: "none", ANY: "required" }

/** Nothing where our words can't say it. */
const choiceOf = (config: unknown): unknown => {
  const { functionCallingConfig, ...more } = fields(config)
  const { allowedFunctionNames, mode } = fields(functionCallingConfig)
  if (Object.keys(more).length > 0) return undefined
  const names = list(allowedFunctionNames)
  if (names.length === 0) return modes[text(mode)]
  return names.length === 1 && mode === "ANY" ? { name: names[0] } : undefined
}

/** The user's functions; what the vendor runs itself goes beside them as it is. */
const toolsOf = (tools: unknown) => {
  const found = list(tools).map(fields)
  const declared = found.flatMap((tool) => list(tool.functionDeclarations).map(fields))
  return {
    declared: functions(declared, () => true),
    own: found.filter((tool) => tool.functionDeclarations === undefined)
  }
}

const tool = (given: Fields): Fields => {
  only(given, "a function", "name", "description", "parametersJsonSchema")
  const { description, name, parametersJsonSchema } = given
  return { name, parameters: parametersJsonSchema ?? {}, ...(description !== undefined && { description }) }
}

const optionsOf = (
  body: Fields,
  config: Fields | undefined,
  own: ReadonlyArray<Fields>,
  hasChoice: boolean
): Fields => ({
  ...others(body, [
    ...["contents", "systemInstruction", "generationConfig", "tools"],
    ...(hasChoice ? ["toolConfig"] : [])
  ]),
  ...(config !== undefined && { generationConfig: config }),
  ...(own.length > 0 && { tools: own })
})

export const decode = (body: Fields): ChatRequest => {
  const config = fields(body.generationConfig)
  const schema = config.responseJsonSchema
  const { declared, own } = toolsOf(body.tools)
  const toolChoice = choiceOf(body.toolConfig)
  const ofSchema = schema === undefined ? [] : ["responseJsonSchema", "responseMimeType"]
  const options = optionsOf(body, others(config, [...known, ...ofSchema]), own, toolChoice !== undefined)
  const instruction = list(fields(body.systemInstruction).parts).map((one) => part(fields(one)))
  return request({
    messages: [
      ...(instruction.length > 0 ? [{ role: "system", parts: instruction }] : []),
      ...list(body.contents).map((said) => content(fields(said)))
    ],
    tools: declared?.map(tool),
    toolChoice,
    responseSchema: schema === undefined ? undefined : { name: "answer", schema },
    temperature: config.temperature,
    topP: config.topP,
    topK: config.topK,
    maxTokens: config.maxOutputTokens,
    seed: config.seed,
    stop: config.stopSequences,
    presencePenalty: config.presencePenalty,
    frequencyPenalty: config.frequencyPenalty,
    providerOptions: Object.keys(options).length > 0 ? options : undefined
  })
}
