/** From a chat request to the body of `POST /v1/messages`. */
import type { ChatRequest, Tool } from "@consortium/core/ChatModel"
import type { Message } from "@consortium/core/Prompt"
import type * as Schema from "effect/Schema"
import type { Family } from "./Family.js"

type Body = Record<string, Schema.Json>
type Part = Message["parts"][number]

/** The API's versions; the newer one refuses temperature, top_p and top_k for every model. */
export type Version = "2023-06-01" | "2026-10-21"

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value)

const mark = (cache: Tool["cache"]): Body =>
  cache === undefined ? {} : { cache_control: { type: "ephemeral", ...(cache === "long" && { ttl: "1h" }) } }

const parsed = (written: string): Schema.Json => {
  try {
    const value: unknown = JSON.parse(written)
    // The wire takes objects only.
    if (isBody(value)) return value
  } catch {
    // A model may write no valid JSON; it gets its own words back.
  }
  return written.trim() === "" ? {} : { arguments: written }
}

/** Marks of other wires: OpenAI's items have ids, and JSON is what the chat wire keeps. */
const isForeign = (part: Extract<Part, { _tag: "Reasoning" }>): boolean =>
  part.id !== undefined || part.signature === undefined || part.signature.startsWith("{")

/** One block; thinking without Anthropic's own mark can't go back and is left out. */
const block = (part: Part): ReadonlyArray<Body> => {
  switch (part._tag) {
    case "Text":
      return part.text === "" ? [] : [{ type: "text", text: part.text, ...mark(part.cache) }]
    case "Image": {
      const source: Body =
        part.source._tag === "Url"
          ? { type: "url", url: part.source.url }
          : { type: "base64", media_type: part.source.mediaType, data: part.source.data }
      return [{ type: "image", source, ...mark(part.cache) }]
    }
    case "ToolCall":
      return [{ type: "tool_use", id: part.id, name: part.name, input: parsed(part.arguments), ...mark(part.cache) }]
    case "ToolResult":
      return [
        {
          type: "tool_result",
          tool_use_id: part.id,
          content: part.text,
          ...(part.isError !== undefined && { is_error: part.isError }),
          ...mark(part.cache)
        }
      ]
    case "Reasoning":
      if (isForeign(part)) return []
      return part.redacted === true
        ? [{ type: "redacted_thinking", data: part.signature ?? "" }]
        : [{ type: "thinking", thinking: part.text, signature: part.signature ?? "" }]
  }
}

/** Turns take turns: results stand in the user's, and neighbours of one role become one. */
const turns = (said: ReadonlyArray<Message>): ReadonlyArray<Body> => {
  const out: Array<{ role: "user" | "assistant"; content: Array<Body> }> = []
  for (const message of said) {
    if (message.role === "system") continue
    const role = message.role === "assistant" ? "assistant" : "user"
    const content = message.parts.flatMap(block)
    // A turn of which nothing is left is no turn.
    if (content.length === 0) continue
    const last = out.at(-1)
    if (last?.role === role) last.content.push(...content)
    else out.push({ role, content })
  }
  return out
}

const systemOf = (said: ReadonlyArray<Message>): ReadonlyArray<Body> =>
  said.flatMap((message) => (message.role === "system" ? message.parts.flatMap(block) : []))

/** Tokens of thinking for each effort, where a budget is asked for; the wire takes 1,024 at least. */
const budgets = { none: 0, minimal: 1024, low: 2048, medium: 8192, high: 16_384, max: 32_768 } as const
const words = { none: undefined, minimal: "low", low: "low", medium: "medium", high: "high", max: "max" } as const

/** Thinking, effort and the longest answer belong together: a budget is part of it. */
const thinking = ({ maxTokens, reasoningEffort: effort, toolChoice }: ChatRequest, family: Family) => {
  const longest = maxTokens ?? family.maxTokens
  const plain = { max_tokens: longest }
  // A model that has to call a tool may not think before it.
  const isForced = toolChoice === "required" || typeof toolChoice === "object"
  if (effort === undefined || family.thinking === "none" || isForced)
    return { body: plain, thinks: false, effort: undefined }
  if (family.thinking === "effort") {
    const word = words[effort]
    const body = { ...plain, thinking: { type: word === undefined ? "disabled" : "adaptive" } }
    return { body, thinks: word !== undefined, effort: word }
  }
  const budget = budgets[effort]
  if (budget === 0) return { body: plain, thinks: false, effort: undefined }
  // An answer that was to be short stays so; the thinking has to fit into it.
  const room = maxTokens === undefined ? longest + budget : longest
  if (room <= budgets.minimal) return { body: plain, thinks: false, effort: undefined }
  const body = { max_tokens: room, thinking: { type: "enabled", budget_tokens: Math.min(budget, room - 1) } }
  return { body, thinks: true, effort: undefined }
}

const sampling = (
  { temperature, topK, topP }: ChatRequest,
  family: Family,
  version: Version,
  thinks: boolean
): Body => {
  // While it thinks a model takes none of them.
  if (family.sampling === "none" || version !== "2023-06-01" || thinks) return {}
  const both = family.sampling === "one" && temperature !== undefined
  return {
    ...(temperature !== undefined && { temperature: Math.min(1, temperature) }),
    ...(topP !== undefined && !both && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK })
  }
}

const choices = { auto: { type: "auto" }, none: { type: "none" }, required: { type: "any" } } as const

const tools = ({ toolChoice, tools }: ChatRequest): Body => ({
  ...(tools !== undefined && {
    tools: tools.map(({ cache, description, name, parameters }) => ({
      name,
      input_schema: parameters,
      ...(description !== undefined && { description }),
      ...mark(cache)
    }))
  }),
  ...(toolChoice !== undefined && {
    tool_choice: typeof toolChoice === "string" ? choices[toolChoice] : { type: "tool", name: toolChoice.name }
  })
})

/** The body. Seed and penalties have no field on this wire; `providerOptions` have the last word, save on `stream`. */
export const body = (request: ChatRequest, family: Family, model: string, version: Version, stream: boolean): Body => {
  const { providerOptions = {}, responseSchema, stop } = request
  const system = systemOf(request.messages)
  const think = thinking(request, family)
  const given = providerOptions.output_config
  const own: Body = isBody(given) ? given : {}
  const output: Body = {
    ...(responseSchema !== undefined && { format: { type: "json_schema", schema: responseSchema.schema } }),
    ...(think.effort !== undefined && { effort: think.effort }),
    ...own
  }
  return {
    model,
    messages: turns(request.messages),
    ...(system.length > 0 && { system }),
    ...think.body,
    ...sampling(request, family, version, think.thinks),
    ...(stop !== undefined && { stop_sequences: stop }),
    ...tools(request),
    ...providerOptions,
    ...(Object.keys(output).length > 0 && { output_config: output }),
    ...(stream ? { stream } : providerOptions.stream !== undefined && { stream })
  }
}
