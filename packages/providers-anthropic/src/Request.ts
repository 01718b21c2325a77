/** From a chat request to the body of `POST /v1/messages`. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import type * as Schema from "effect/Schema"
import type { Family } from "./Family.js"
import { type Body, conversation, isBody, mark } from "./internal/conversation.js"
import { adapt } from "./OutputSchema.js"
import type { Vendor } from "./Vendor.js"

/** The API's versions; the newer one refuses temperature, top_p and top_k for every model. */
export type Version = "2023-06-01" | "2026-10-21"

/** What the address has no way to say; nothing where all can be said. */
export const refusal = ({ messages }: ChatRequest, { imageUrls }: Vendor): string | undefined => {
  const isAway = (part: ChatRequest["messages"][number]["parts"][number]) =>
    part._tag === "Image" && part.source._tag === "Url" && !part.source.url.startsWith("data:")
  return !imageUrls && messages.some(({ parts }) => parts.some(isAway))
    ? "no picture is taken by its address here: send its bytes"
    : undefined
}

/** The tool that stands for an answer in a schema, where the family has no format for it. */
export const answerTool = ({ responseSchema }: ChatRequest, family: Family): string | undefined =>
  responseSchema === undefined || family.schema === "format"
    ? undefined
    : responseSchema.name.replaceAll(/[^\w-]/g, "_").slice(0, 64)

/** Tokens of thinking for each effort, where a budget is asked for; the wire takes 1,024 at least. */
const budgets = { none: 0, minimal: 1024, low: 2048, medium: 8192, high: 16_384, max: 32_768 } as const
const words = { minimal: "low", low: "low", medium: "medium", high: "high", max: "max" } as const

/** What a request says of thinking: some fields of the body, a word of effort, and whether the model thinks. */
export interface Thinking {
  readonly body: Body
  readonly effort?: string
  readonly thinks: boolean
}

const byEffort = (effort: keyof typeof budgets, family: Family, plain: Body): Thinking => {
  // Without `display` the newest models show none of it.
  if (effort !== "none")
    return {
      body: { ...plain, thinking: { type: "adaptive", display: "summarized" } },
      effort: words[effort],
      thinks: true
    }
  return family.rest === "low"
    ? { body: plain, effort: "low", thinks: true }
    : { body: { ...plain, thinking: { type: family.rest } }, thinks: false }
}

/** Thinking, effort and the longest answer belong together: a budget is part of it. Other wires ask Claude in the same fields. */
export const thinking = (
  { maxTokens, reasoningEffort: effort }: ChatRequest,
  family: Family,
  isForced: boolean
): Thinking => {
  const longest = maxTokens ?? family.maxTokens
  const plain = { max_tokens: longest }
  // A model that has to call a tool may not think before it.
  if (effort === undefined || family.thinking === "none" || isForced) return { body: plain, thinks: false }
  if (family.thinking === "effort") return byEffort(effort, family, plain)
  const budget = budgets[effort]
  if (budget === 0) return { body: plain, thinks: false }
  // An answer that was to be short stays so; the thinking has to fit into it.
  const room = maxTokens === undefined ? longest + budget : longest
  if (room <= budgets.minimal) return { body: plain, thinks: false }
  const body = { max_tokens: room, thinking: { type: "enabled", budget_tokens: Math.min(budget, room - 1) } }
  return { body, thinks: true }
}

/** The sampling fields that the model takes. */
export const sampling = (
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

/** A choice that forces a call is a wish where the model can't be made to call. */
const choiceOf = (choice: NonNullable<ChatRequest["toolChoice"]>, family: Family): Body => {
  if (choice === "auto" || choice === "none") return choices[choice]
  if (!family.forcedTool) return choices.auto
  return choice === "required" ? choices.required : { type: "tool", name: choice.name }
}

const offered = (tools: NonNullable<ChatRequest["tools"]>): ReadonlyArray<Body> =>
  tools.map(({ cache, description, name, parameters }) => ({
    name,
    input_schema: parameters,
    ...(description !== undefined && { description }),
    ...mark(cache)
  }))

const tools = (request: ChatRequest, family: Family): Body => {
  const { responseSchema, toolChoice, tools } = request
  const answer = answerTool(request, family)
  if (answer !== undefined && responseSchema !== undefined) {
    const own = tools === undefined || toolChoice === "none" ? [] : offered(tools)
    const form = { name: answer, description: "Gives the answer.", input_schema: responseSchema.schema }
    // The answer is a call too, so some call has to be made.
    const choice = own.length > 0 ? (typeof toolChoice === "object" ? toolChoice : "required") : { name: answer }
    return { tools: [...own, form], tool_choice: choiceOf(choice, family) }
  }
  // A choice without tools is refused.
  if (tools === undefined) return {}
  return {
    tools: offered(tools),
    ...(toolChoice !== undefined && { tool_choice: choiceOf(toolChoice, family) })
  }
}

const isForcing = (choice: Schema.Json | undefined): boolean =>
  isBody(choice) && (choice.type === "any" || choice.type === "tool")

/** The body. Seed and penalties have no field on this wire; `providerOptions` have the last word, save on `stream`. */
export const body = (request: ChatRequest, family: Family, model: string, version: Version, stream: boolean): Body => {
  const { providerOptions = {}, responseSchema, stop } = request
  const calls = tools(request, family)
  const think = thinking(request, family, isForcing(calls.tool_choice))
  const given = providerOptions.output_config
  const own: Body = isBody(given) ? given : {}
  const output: Body = {
    ...(responseSchema !== undefined &&
      family.schema === "format" && { format: { type: "json_schema", schema: adapt(responseSchema.schema) } }),
    ...(think.effort !== undefined && { effort: think.effort }),
    ...own
  }
  return {
    model,
    ...conversation(request.messages, family),
    ...think.body,
    ...sampling(request, family, version, think.thinks),
    ...(stop !== undefined && { stop_sequences: stop }),
    ...calls,
    ...providerOptions,
    ...(Object.keys(output).length > 0 && { output_config: output }),
    ...(stream ? { stream } : providerOptions.stream !== undefined && { stream })
  }
}

/** The body as an address takes it: some say the model in the path, and version and betas in the body. */
export const addressed = (body: Body, vendor: Vendor, version: string, betas: ReadonlyArray<string>): Body => {
  const { model, stream, ...rest } = body
  const has = (place: Vendor["inBody"][number]) => vendor.inBody.includes(place)
  return {
    ...(model !== undefined && has("model") && { model }),
    ...(has("version") && { anthropic_version: version }),
    ...(betas.length > 0 && has("betas") && { anthropic_beta: betas }),
    ...rest,
    ...(stream !== undefined && has("stream") && { stream })
  }
}
