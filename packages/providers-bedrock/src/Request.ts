/** From a chat request to the body of `POST /model/{id}/converse`, which is the same whole and streamed. */
import type { ChatRequest, Tool } from "@consortium/core/ChatModel"
import { type Message, message } from "@consortium/core/Prompt"
import { adapt } from "@consortium/providers-anthropic/OutputSchema"
import * as Claude from "@consortium/providers-anthropic/Request"
import type * as Schema from "effect/Schema"
import type { Family } from "./Family.js"
import { type Body, cachePoint, canSend, conversation, isBody } from "./internal/conversation.js"

type Format = NonNullable<ChatRequest["responseSchema"]>

/** What the wire has no way to say; nothing where all can be said. */
export const refusal = ({ messages }: ChatRequest): string | undefined =>
  messages.some(({ parts }) => parts.some((part) => part._tag === "Image" && !canSend(part)))
    ? "Bedrock takes no picture by its address: send its bytes, or an s3:// address"
    : undefined

/** The tool that stands for an answer in a schema, where the family has no format for it. */
export const answerTool = ({ responseSchema }: ChatRequest, family: Family): string | undefined =>
  responseSchema === undefined || family.schema !== "tool"
    ? undefined
    : responseSchema.name.replaceAll(/[^\w-]/g, "_").slice(0, 64)

type Choice = NonNullable<ChatRequest["toolChoice"]>

/** There is no word for `none`, and a choice that the family can't be forced to is a wish. */
const choiceOf = (choice: Choice, family: Family): Body => {
  if (choice === "auto" || choice === "none" || family.forces === "none") return { auto: {} }
  return choice === "required" || family.forces === "any" ? { any: {} } : { tool: { name: choice.name } }
}

const spec = ({ description, name, parameters }: Pick<Tool, "name" | "description" | "parameters">): Body => ({
  toolSpec: {
    name,
    ...(description !== undefined && description !== "" && { description }),
    inputSchema: { json: parameters }
  }
})

/** The tools that the conversation speaks of, without what they take: calls and results are refused where no tool is offered. */
const spokenOf = (messages: ReadonlyArray<Message>): ReadonlyArray<Body> => {
  const parts = messages.flatMap((said) => [...said.parts])
  const names = parts.flatMap((part) => (part._tag === "ToolCall" ? [part.name] : []))
  return [...new Set(names)].map((name) => spec({ name, parameters: { type: "object" } }))
}

const offered = (tools: ReadonlyArray<Tool>, family: Family): ReadonlyArray<Body> =>
  tools.flatMap((tool) => [spec(tool), ...(family.cache === "all" ? cachePoint(tool.cache, family) : [])])

interface Tools {
  readonly tools: ReadonlyArray<Body>
  readonly choice: Choice | undefined
}

const toolsOf = (request: ChatRequest, family: Family): Tools => {
  const { messages, responseSchema, toolChoice, tools } = request
  const spoken = spokenOf(messages)
  // A tool that must not be called is not shown, unless the conversation speaks of some.
  const own = tools === undefined || (toolChoice === "none" && spoken.length === 0) ? spoken : offered(tools, family)
  const answer = answerTool(request, family)
  if (answer === undefined || responseSchema === undefined)
    return { tools: own, choice: tools === undefined ? undefined : toolChoice }
  const form = spec({ name: answer, description: "Gives the answer.", parameters: responseSchema.schema })
  // The answer is a call too, so some call has to be made.
  const choice = tools === undefined || toolChoice === "none" ? { name: answer } : "required"
  return { tools: [...own, form], choice: typeof toolChoice === "object" ? toolChoice : choice }
}

const toolConfig = ({ choice, tools }: Tools, family: Family): Body =>
  tools.length === 0 ? {} : { tools, ...(choice !== undefined && { toolChoice: choiceOf(choice, family) }) }

interface Fields {
  readonly inference: Body
  readonly additional: Body
}

/** Claude is asked to think in Anthropic's own fields. */
const ofClaude = (request: ChatRequest, claude: NonNullable<Family["claude"]>, isForced: boolean): Fields => {
  const { body, effort, thinks } = Claude.thinking(request, claude, isForced)
  const { max_tokens: room, ...thinking } = body
  const { temperature, top_k, top_p } = Claude.sampling(request, claude, "2023-06-01", thinks)
  // Without an asked length the model's own longest answer holds, unless a budget has to fit into it.
  const isBudget = isBody(thinking.thinking) && thinking.thinking.type === "enabled"
  const isAsked = request.maxTokens !== undefined || isBudget
  return {
    inference: {
      ...(isAsked && room !== undefined && { maxTokens: room }),
      ...(temperature !== undefined && { temperature }),
      ...(top_p !== undefined && { topP: top_p })
    },
    additional: {
      ...thinking,
      ...(effort !== undefined && { output_config: { effort } }),
      ...(top_k !== undefined && { top_k })
    }
  }
}

const words = { minimal: "low", low: "low", medium: "medium", high: "high", max: "high" } as const

const effortOf = ({ reasoningEffort: effort }: ChatRequest, family: Family): Body => {
  if (effort === undefined || family.effort === "none" || family.effort === "claude") return {}
  if (family.effort === "reasoningConfig")
    return {
      reasoningConfig: effort === "none" ? { type: "disabled" } : { type: "enabled", maxReasoningEffort: words[effort] }
    }
  const word = effort === "none" ? "low" : words[effort]
  return family.effort === "reasoning" ? { reasoning: { effort: word } } : { reasoning_effort: word }
}

const ofOthers = (request: ChatRequest, family: Family): Fields => {
  const { maxTokens, reasoningEffort, temperature, topK, topP } = request
  // At its highest effort Nova refuses all three.
  const isDeep = family.effort === "reasoningConfig" && (reasoningEffort === "high" || reasoningEffort === "max")
  const keeps = (field: "temperature" | "topP") => !isDeep && !family.drops.includes(field)
  return {
    inference: {
      ...(maxTokens !== undefined && !isDeep && { maxTokens }),
      ...(temperature !== undefined && keeps("temperature") && { temperature }),
      ...(topP !== undefined && keeps("topP") && { topP })
    },
    additional: {
      ...effortOf(request, family),
      ...(topK !== undefined && family.topK === "top_k" && { top_k: topK }),
      ...(topK !== undefined && family.topK === "inferenceConfig" && { inferenceConfig: { topK } })
    }
  }
}

const textFormat = ({ name, schema }: Format): Body => ({
  type: "json_schema",
  // The schema goes as a text; what it may hold is as Anthropic has it.
  structure: { jsonSchema: { schema: JSON.stringify(adapt(schema)), name: name.replaceAll(/[^\w-]/g, "_") } }
})

/** Puts the schema into words, where the model has no field for it. */
const instruction = ({ schema }: Format): Message =>
  message("system", `Answer with JSON only, in this JSON Schema: ${JSON.stringify(schema)}`)

/** Ours and the user's fields, who has the last word; lists are joined. Nothing where there are none. */
const both = (name: string, ours: Body, given: Schema.Json | undefined): Body => {
  const theirs = isBody(given) ? given : {}
  const lists = Object.entries(theirs).flatMap(([key, value]): ReadonlyArray<readonly [string, Schema.Json]> => {
    const own = ours[key]
    return Array.isArray(own) && Array.isArray(value) ? [[key, [...own, ...value]]] : []
  })
  const fields: Body = { ...ours, ...theirs, ...Object.fromEntries(lists) }
  return Object.keys(fields).length > 0 ? { [name]: fields } : {}
}

/**
 * The body. Seed and penalties have no field on this wire; `providerOptions` have the last word, field by field also
 * inside the wire's own objects, and their `toolConfig.tools` join yours.
 */
export const body = (request: ChatRequest, family: Family): Body => {
  const { providerOptions = {}, responseSchema, stop } = request
  const {
    additionalModelRequestFields,
    inferenceConfig,
    outputConfig,
    toolConfig: theirTools,
    ...rest
  } = providerOptions
  const inWords = responseSchema !== undefined && family.schema === "words" ? [instruction(responseSchema)] : []
  const tools = toolConfig(toolsOf(request, family), family)
  const isForced = isBody(tools.toolChoice) && !Object.hasOwn(tools.toolChoice, "auto")
  const { additional, inference } =
    family.claude === undefined ? ofOthers(request, family) : ofClaude(request, family.claude, isForced)
  const stops = stop === undefined || family.drops.includes("stop") ? {} : { stopSequences: stop }
  const output: Body =
    responseSchema !== undefined && family.schema === "format" ? { textFormat: textFormat(responseSchema) } : {}
  return {
    ...conversation([...inWords, ...request.messages], family),
    ...both("inferenceConfig", { ...inference, ...stops }, inferenceConfig),
    ...both("toolConfig", tools, theirTools),
    ...both("outputConfig", output, outputConfig),
    ...both("additionalModelRequestFields", additional, additionalModelRequestFields),
    ...rest
  }
}
