/** From a chat request to the body of `POST /chat/completions`, spelled as the vendor wants it. */
import type { ChatRequest, Tool } from "@consortium/core/ChatModel"
import { type ImagePart, type Message, message, type TextPart, textOf } from "@consortium/core/Prompt"
import type * as Schema from "effect/Schema"
import * as details from "./internal/details.js"
import type { Droppable, Effort, Vendor } from "./Vendor.js"

type Body = Record<string, Schema.Json>

const imageUrl = ({ source }: ImagePart): string =>
  source._tag === "Url" ? source.url : `data:${source.mediaType};base64,${source.data}`

/** As Anthropic's wire spells it; five minutes are its default. */
const mark = (cache: Tool["cache"], vendor: Vendor): Body =>
  cache !== undefined && vendor.cacheMarks
    ? { cache_control: { type: "ephemeral", ...(cache === "long" && { ttl: "1h" }) } }
    : {}

const part = (of: TextPart | ImagePart, vendor: Vendor): Body => ({
  ...(of._tag === "Text" ? { type: "text", text: of.text } : { type: "image_url", image_url: { url: imageUrl(of) } }),
  ...mark(of.cache, vendor)
})

/** One string where that is enough: not every server reads arrays. */
const parts = (said: Extract<Message, { role: "system" | "user" }>, vendor: Vendor): Schema.Json =>
  said.parts.some(({ _tag, cache }) => _tag === "Image" || (cache !== undefined && vendor.cacheMarks))
    ? said.parts.map((one) => part(one, vendor))
    : textOf(said)

type Answer = Extract<Message, { role: "assistant" }>

const reasoningOf = (said: Answer) => said.parts.filter((part) => part._tag === "Reasoning")
const wordsOf = (said: Answer) => reasoningOf(said).flatMap(({ text }) => (text === "" ? [] : [text]))

/** The field beside the content that takes reasoning back. */
const replayed = (said: Answer, vendor: Vendor): Body => {
  const { reasoningReplay: field } = vendor
  if (field === "none" || field === "thinking") return {}
  if (field === "reasoning_details") {
    const found = reasoningOf(said).flatMap(details.fromPart)
    return found.length === 0 ? {} : { reasoning_details: found }
  }
  const words = wordsOf(said)
  return words.length === 0 ? {} : { [field]: words.join("\n") }
}

const content = (said: Answer, vendor: Vendor): Schema.Json => {
  const text = textOf(said)
  const words = vendor.reasoningReplay === "thinking" ? wordsOf(said) : []
  if (words.length > 0)
    return [
      ...words.map((one) => ({ type: "thinking", thinking: [{ type: "text", text: one }], closed: true })),
      ...(text === "" ? [] : [{ type: "text", text }])
    ]
  return text === "" && said.parts.some((part) => part._tag === "ToolCall") ? null : text
}

const assistant = (said: Answer, vendor: Vendor): Body => {
  const calls = said.parts.filter((part) => part._tag === "ToolCall")
  return {
    role: "assistant",
    content: content(said, vendor),
    ...replayed(said, vendor),
    ...(calls.length > 0 && {
      tool_calls: calls.map((call) => ({
        id: call.id,
        type: "function",
        function: { name: call.name, arguments: call.arguments }
      }))
    })
  }
}

const messages = (said: Message, vendor: Vendor): ReadonlyArray<Body> => {
  switch (said.role) {
    case "system":
      return [{ role: vendor.systemRole, content: parts(said, vendor) }]
    case "user":
      return [{ role: "user", content: parts(said, vendor) }]
    case "assistant":
      return [assistant(said, vendor)]
    case "tool":
      return said.parts.map((part) => ({ role: "tool", tool_call_id: part.id, content: part.text }))
  }
}

const reasoning = (effort: Effort, vendor: Vendor): Body => {
  const word = vendor.efforts[effort]
  const on = effort !== "none"
  return {
    ...(vendor.thinkingSwitch === "thinking" && { thinking: { type: on ? "enabled" : "disabled" } }),
    ...(vendor.thinkingSwitch === "adaptive" && { thinking: { type: on ? "adaptive" : "disabled" } }),
    ...(vendor.thinkingSwitch === "enable_thinking" && { enable_thinking: on }),
    ...(vendor.thinkingSwitch === "chat_template_kwargs" && { chat_template_kwargs: { enable_thinking: on } }),
    ...(word !== undefined && vendor.effortStyle === "field" && { reasoning_effort: word }),
    ...(word !== undefined && vendor.effortStyle === "object" && { reasoning: { effort: word } })
  }
}

const sampling = (request: ChatRequest, vendor: Vendor): Body => {
  const keeps = (field: Droppable) => !vendor.drops.includes(field)
  const { frequencyPenalty, maxTokens, presencePenalty, reasoningEffort, seed, stop, temperature, topK, topP } = request
  return {
    ...(temperature !== undefined && keeps("temperature") && { temperature }),
    ...(topP !== undefined && keeps("topP") && { top_p: topP }),
    ...(topK !== undefined && keeps("topK") && { top_k: topK }),
    ...(presencePenalty !== undefined && keeps("presencePenalty") && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== undefined && keeps("frequencyPenalty") && { frequency_penalty: frequencyPenalty }),
    ...(maxTokens !== undefined && { [vendor.maxTokensField]: maxTokens }),
    ...(seed !== undefined && keeps("seed") && { [vendor.seedField]: seed }),
    ...(stop !== undefined && keeps("stop") && { stop }),
    ...(reasoningEffort !== undefined && reasoning(reasoningEffort, vendor))
  }
}

const tools = ({ toolChoice, tools }: ChatRequest, vendor: Vendor): Body => ({
  ...(tools !== undefined && {
    tools: tools.map(({ cache, description, name, parameters }) => ({
      type: "function",
      function: { name, parameters, ...(description !== undefined && { description }) },
      ...mark(cache, vendor)
    }))
  }),
  ...(toolChoice !== undefined && {
    tool_choice: typeof toolChoice === "string" ? toolChoice : { type: "function", function: { name: toolChoice.name } }
  })
})

type Format = NonNullable<ChatRequest["responseSchema"]>

const responseFormat = ({ name, schema }: Format, vendor: Vendor): Body => {
  if (vendor.responseFormat === "none") return {}
  return vendor.responseFormat === "json_object"
    ? { response_format: { type: "json_object" } }
    : { response_format: { type: "json_schema", json_schema: { name, schema, strict: vendor.strictSchema } } }
}

/** Puts the schema into words, where the wire has no field for it. */
const instruction = ({ schema }: Format): Message =>
  message("system", `Answer with JSON only, in this JSON Schema: ${JSON.stringify(schema)}`)

/** The body. `sample` is ours alone and never sent; `providerOptions` have the last word, save on `stream`. */
export const body = (request: ChatRequest, vendor: Vendor, model: string, stream: boolean): Body => {
  const { providerOptions, responseSchema } = request
  const inWords =
    responseSchema !== undefined && vendor.responseFormat !== "json_schema" ? [instruction(responseSchema)] : []
  return {
    model,
    messages: [...inWords, ...request.messages].flatMap((said) => messages(said, vendor)),
    ...sampling(request, vendor),
    ...tools(request, vendor),
    ...(responseSchema !== undefined && responseFormat(responseSchema, vendor)),
    ...(stream && vendor.streamUsage && { stream_options: { include_usage: true } }),
    ...providerOptions,
    ...(stream ? { stream } : providerOptions?.stream !== undefined && { stream })
  }
}
