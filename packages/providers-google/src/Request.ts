/** From a chat request to the body of `:generateContent`, which is the same whole and streamed. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import type { Message } from "@consortium/core/Prompt"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import * as Family from "./Family.js"
import * as parts from "./internal/parts.js"
import * as picture from "./internal/picture.js"
import type { Vendor } from "./Vendor.js"

type Body = Record<string, Schema.Json>
interface Content {
  readonly role: "user" | "model"
  readonly parts: Array<parts.Part>
}

const texts = (said: ReadonlyArray<Message>): ReadonlyArray<parts.Part> =>
  said.flatMap((one) => one.parts.flatMap((part) => (part._tag === "Text" ? [{ text: part.text }] : [])))

/** The turns. The results of calls that were made at once must stand in one content; other neighbours may stay apart. */
const contents = (said: ReadonlyArray<Message>, { signedCalls }: Family.Family): ReadonlyArray<Content> => {
  const out: Array<Content> = []
  const names = new Map<string, string>()
  // Signatures are wanted since the user last spoke.
  const turn = said.findLastIndex(({ role }) => role === "user")
  for (const [index, one] of said.entries()) {
    if (one.role === "system") continue
    if (one.role === "user") {
      out.push({
        role: "user",
        parts: one.parts.map((part) => (part._tag === "Text" ? { text: part.text } : picture.part(part)))
      })
    } else if (one.role === "assistant") {
      for (const part of one.parts) if (part._tag === "ToolCall") names.set(part.id, part.name)
      const spelled = parts.assistant(one.parts, signedCalls && index > turn)
      if (spelled.length > 0) out.push({ role: "model", parts: [...spelled] })
    } else {
      const results = one.parts.map((part) => parts.result(part, names))
      if (said[index - 1]?.role === "tool") out.at(-1)?.parts.push(...results)
      else out.push({ role: "user", parts: results })
    }
  }
  return out
}

/** The conversation; a system that speaks alone, or to a model that has no place for it, speaks as the user. */
const conversation = (said: ReadonlyArray<Message>, family: Family.Family): Body => {
  const instruction = texts(said.filter(({ role }) => role === "system"))
  const turns = contents(said, family)
  const spelled = turns.map(({ parts, role }) => ({ role, parts }))
  if (instruction.length === 0) return { contents: spelled }
  if (turns.length === 0 || family.systemPlace === "contents")
    return { contents: [{ role: "user", parts: instruction }, ...spelled] }
  return { contents: spelled, systemInstruction: { parts: instruction } }
}

const modes = { auto: "AUTO", none: "NONE", required: "ANY" } as const

const toolConfig = (choice: NonNullable<ChatRequest["toolChoice"]>): Body => ({
  functionCallingConfig:
    typeof choice === "string" ? { mode: modes[choice] } : { mode: "ANY", allowedFunctionNames: [choice.name] }
})

const tools = ({ toolChoice, tools }: ChatRequest): Body => ({
  ...(tools !== undefined && {
    tools: [
      {
        functionDeclarations: tools.map(({ description, name, parameters }) => ({
          name,
          ...(description !== undefined && { description }),
          parametersJsonSchema: parameters
        }))
      }
    ]
  }),
  ...(toolChoice !== undefined && { toolConfig: toolConfig(toolChoice) })
})

/** Whoever asks for thinking gets to see it. */
const thinking = (effort: Family.Effort, { thinking }: Family.Family): Body => {
  if (thinking === undefined) return {}
  const much = { [thinking.field]: thinking.efforts[effort] }
  return { thinkingConfig: effort === "none" ? much : { ...much, includeThoughts: true } }
}

const generationConfig = (request: ChatRequest, vendor: Vendor, model: string): Body => {
  const { frequencyPenalty, maxTokens, presencePenalty, reasoningEffort, responseSchema } = request
  const { seed, stop, temperature, topK, topP } = request
  const penalties = !vendor.withoutPenalties.some((beginning) => Family.nameOf(model).startsWith(beginning))
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && { stopSequences: stop }),
    ...(penalties && presencePenalty !== undefined && { presencePenalty }),
    ...(penalties && frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(responseSchema !== undefined && {
      responseMimeType: "application/json",
      responseJsonSchema: responseSchema.schema
    }),
    ...(reasoningEffort !== undefined && thinking(reasoningEffort, Family.of(model)))
  }
}

const isFields = (value: unknown): value is Schema.JsonObject => Predicate.isObject(value) && !Array.isArray(value)

/** The second has the last word, field by field. */
const merged = (first: Body, second: Schema.JsonObject): Body => {
  const out = { ...first }
  for (const [name, value] of Object.entries(second)) {
    const before = Object.hasOwn(out, name) ? out[name] : undefined
    out[name] = isFields(before) && isFields(value) ? merged(before, value) : value
  }
  return out
}

/**
 * The body. `sample` is ours alone and never sent. `providerOptions` have the last word, field by field also inside
 * objects such as `generationConfig`; their `tools` join those of the request.
 */
export const body = (request: ChatRequest, vendor: Vendor, model: string): Body => {
  const generation = generationConfig(request, vendor, model)
  const own: Body = {
    ...conversation(request.messages, Family.of(model)),
    ...tools(request),
    ...(Object.keys(generation).length > 0 && { generationConfig: generation })
  }
  const { providerOptions } = request
  if (providerOptions === undefined) return own
  const out = merged(own, providerOptions)
  return Array.isArray(own.tools) && Array.isArray(providerOptions.tools)
    ? { ...out, tools: [...own.tools, ...providerOptions.tools] }
    : out
}
