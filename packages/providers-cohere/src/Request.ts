/** From a chat request to the body of `POST /v2/chat`. */
import type { ChatRequest, Sampling } from "@consortium/core/ChatModel"
import { type ImagePart, type Message, textOf, type TextPart } from "@consortium/core/Prompt"
import type * as Schema from "effect/Schema"
import { planId } from "./Response.js"

type Body = Record<string, Schema.Json>

const imageUrl = ({ source }: ImagePart): string =>
  source._tag === "Url" ? source.url : `data:${source.mediaType};base64,${source.data}`

const part = (of: TextPart | ImagePart): Body =>
  of._tag === "Text" ? { type: "text", text: of.text } : { type: "image_url", image_url: { url: imageUrl(of) } }

const user = (said: Extract<Message, { role: "user" }>): Body => ({
  role: "user",
  content: said.parts.some(({ _tag }) => _tag === "Image") ? said.parts.map(part) : textOf(said)
})

/** Thoughts have no mark here; those with one are another vendor's. The plan is known by its name. */
const assistant = (said: Extract<Message, { role: "assistant" }>): Body => {
  const own = said.parts.filter((one) => one._tag === "Reasoning" && one.signature === undefined && one.text !== "")
  const thoughts = own.flatMap((one) => (one._tag === "Reasoning" && one.id === undefined ? [one.text] : []))
  const plans = own.flatMap((one) => (one._tag === "Reasoning" && one.id === planId ? [one.text] : []))
  const calls = said.parts.filter((one) => one._tag === "ToolCall")
  const text = textOf(said)
  const content =
    thoughts.length === 0
      ? text
      : [
          ...thoughts.map((thinking) => ({ type: "thinking", thinking })),
          ...(text === "" ? [] : [{ type: "text", text }])
        ]
  return {
    role: "assistant",
    ...((content !== "" || calls.length === 0) && { content }),
    ...(plans.length > 0 && { tool_plan: plans.join("\n") }),
    ...(calls.length > 0 && {
      tool_calls: calls.map((call) => ({
        id: call.id,
        type: "function",
        function: { name: call.name, arguments: call.arguments }
      }))
    })
  }
}

const messages = (said: Message): ReadonlyArray<Body> => {
  switch (said.role) {
    case "system":
      return [{ role: "system", content: textOf(said) }]
    case "user":
      return [user(said)]
    case "assistant":
      return [assistant(said)]
    case "tool":
      return said.parts.map(({ id, text }) => ({ role: "tool", tool_call_id: id, content: text }))
  }
}

/** The wire knows two words; one named tool is asked for by offering no other. */
const tools = ({ toolChoice, tools }: ChatRequest): Body => {
  const offered = (tools ?? []).filter(({ name }) => typeof toolChoice !== "object" || name === toolChoice.name)
  if (offered.length === 0) return {}
  return {
    tools: offered.map(({ description, name, parameters }) => ({
      type: "function",
      function: { name, parameters, ...(description !== undefined && { description }) }
    })),
    ...(toolChoice === "none" && { tool_choice: "NONE" }),
    ...((toolChoice === "required" || typeof toolChoice === "object") && { tool_choice: "REQUIRED" })
  }
}

const sampling = (request: ChatRequest): Body => {
  const { frequencyPenalty, maxTokens, presencePenalty, seed, stop, temperature, topK, topP } = request
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { p: topP }),
    ...(topK !== undefined && { k: topK }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && { stop_sequences: stop })
  }
}

/** Models that don't think, by docs.cohere.com/docs/models (read on 2026-11-29); newer ones are taken to. */
const thoughtless = /^(c4ai-|command$|command-(light|nightly|r(7b|-|$)|a-(03|vision|translate)))/

/** Tokens of thinking for each effort; without a number there is no bound. */
const budgets = { minimal: 1024, low: 2048, medium: 8192, high: 16_384, max: undefined } as const

/** Thinking is on where nothing is said. In a short answer half of the tokens stay for what is said. */
const thinking = (effort: NonNullable<Sampling["reasoningEffort"]>, maxTokens: number | undefined): Body => {
  if (effort === "none") return { thinking: { type: "disabled" } }
  const budget = budgets[effort]
  const room = maxTokens === undefined ? budget : Math.min(budget ?? Number.POSITIVE_INFINITY, maxTokens >> 1)
  return { thinking: { type: "enabled", ...(room !== undefined && room > 0 && { token_budget: room }) } }
}

/** The body. `sample` is ours alone and never sent; `providerOptions` have the last word, save on `stream`. */
export const body = (request: ChatRequest, model: string, stream: boolean): Body => {
  const { maxTokens, providerOptions, reasoningEffort, responseSchema } = request
  return {
    model,
    messages: request.messages.flatMap(messages),
    ...sampling(request),
    ...tools(request),
    ...(responseSchema !== undefined && {
      response_format: { type: "json_object", json_schema: responseSchema.schema }
    }),
    ...(reasoningEffort !== undefined && !thoughtless.test(model) && thinking(reasoningEffort, maxTokens)),
    ...providerOptions,
    ...(stream ? { stream } : providerOptions?.stream !== undefined && { stream })
  }
}
