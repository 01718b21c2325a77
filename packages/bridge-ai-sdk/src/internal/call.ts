/** From our request to the options of a call of an AI SDK model, in each version of the specification. */
import type {
  LanguageModelV2CallOptions,
  LanguageModelV3CallOptions,
  LanguageModelV4CallOptions
} from "@ai-sdk/provider"
import type { ChatRequest, Tool } from "@consortium/core/ChatModel"
import type { ImagePart } from "@consortium/core/Prompt"
import type { Written } from "@consortium/wire/Marks"
import * as Schema from "effect/Schema"
import { prompt } from "./prompt.js"

const isByProvider = Schema.is(Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Json)))

/** Whether the request's own provider options are what an AI SDK model takes: objects by the provider's name. */
export const areOptions = (of: ChatRequest): boolean =>
  of.providerOptions === undefined || isByProvider(of.providerOptions)

const merged = (...all: ReadonlyArray<Written | undefined>): Written => {
  const out: Written = {}
  for (const options of all) {
    for (const [name, fields] of Object.entries(options ?? {})) out[name] = { ...out[name], ...fields }
  }
  return out
}

const toolOf = ({ description, name, parameters }: Tool) => ({
  type: "function" as const,
  name,
  ...(description !== undefined && { description }),
  inputSchema: parameters
})

type Choice = NonNullable<LanguageModelV4CallOptions["toolChoice"]>

const choiceOf = (choice: NonNullable<ChatRequest["toolChoice"]>): Choice =>
  typeof choice === "string" ? { type: choice } : { type: "tool", toolName: choice.name }

/** What all versions say alike. */
const common = (of: ChatRequest, providerOptions: Written, signal: AbortSignal) => ({
  abortSignal: signal,
  ...(of.maxTokens !== undefined && { maxOutputTokens: of.maxTokens }),
  ...(of.temperature !== undefined && { temperature: of.temperature }),
  ...(of.topP !== undefined && { topP: of.topP }),
  ...(of.topK !== undefined && { topK: of.topK }),
  ...(of.presencePenalty !== undefined && { presencePenalty: of.presencePenalty }),
  ...(of.frequencyPenalty !== undefined && { frequencyPenalty: of.frequencyPenalty }),
  ...(of.seed !== undefined && { seed: of.seed }),
  ...(of.stop !== undefined && { stopSequences: [...of.stop] }),
  ...(of.tools !== undefined && { tools: of.tools.map(toolOf) }),
  ...(of.toolChoice !== undefined && { toolChoice: choiceOf(of.toolChoice) }),
  ...(of.responseSchema !== undefined && {
    responseFormat: { type: "json" as const, name: of.responseSchema.name, schema: of.responseSchema.schema }
  }),
  ...(Object.keys(providerOptions).length > 0 && { providerOptions })
})

export interface Extra {
  /** The provider's name before its first full stop. */
  readonly provider: string
  readonly providerOptions?: Written | undefined
}

const asked = (of: ChatRequest) => (isByProvider(of.providerOptions) ? of.providerOptions : undefined)

const data = (source: ImagePart["source"]) =>
  source._tag === "Url"
    ? { type: "url" as const, url: new URL(source.url) }
    : { type: "data" as const, data: source.data }

/** Version 4 has a word for effort; `max` is its highest too. */
export const v4 = (of: ChatRequest, extra: Extra, signal: AbortSignal): LanguageModelV4CallOptions => ({
  prompt: prompt(of.messages, data),
  ...(of.reasoningEffort !== undefined && { reasoning: of.reasoningEffort }),
  ...common(of, merged(extra.providerOptions, asked(of)), signal)
})

const plainData = (source: ImagePart["source"]) => (source._tag === "Url" ? new URL(source.url) : source.data)

/** Versions 2 and 3 leave effort to each provider; most call it so. */
const old = (of: ChatRequest, extra: Extra, signal: AbortSignal) => {
  const effort =
    of.reasoningEffort === undefined ? undefined : { [extra.provider]: { reasoningEffort: of.reasoningEffort } }
  return {
    prompt: prompt(of.messages, plainData),
    ...common(of, merged(effort, extra.providerOptions, asked(of)), signal)
  }
}

export const v3 = (of: ChatRequest, extra: Extra, signal: AbortSignal): LanguageModelV3CallOptions =>
  old(of, extra, signal)

export const v2 = (of: ChatRequest, extra: Extra, signal: AbortSignal): LanguageModelV2CallOptions =>
  old(of, extra, signal)
