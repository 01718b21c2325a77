/** From the options of an AI SDK call to our request, and what of them has no place in it. */
import {
  InvalidArgumentError,
  type LanguageModelV4CallOptions,
  type LanguageModelV4FilePart,
  type LanguageModelV4Message,
  type LanguageModelV4ToolResultPart,
  type SharedV4ProviderOptions,
  type SharedV4Warning,
  UnsupportedFunctionalityError
} from "@ai-sdk/provider"
import { type ChatRequest, Sampling } from "@consortium/core/ChatModel"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import type { AssistantPart, ImagePart, Message, TextPart, ToolResultPart } from "@consortium/core/Prompt"
import * as marks from "@consortium/wire/Marks"
import * as ToolArguments from "@consortium/wire/ToolArguments"
import * as Base64 from "effect/encoding/Base64"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** What a caller can say under our own name besides, in `providerOptions.consortium`. */
const Own = Schema.Struct({
  reasoningEffort: Sampling.fields.reasoningEffort,
  providerOptions: Sampling.fields.providerOptions,
  /** As on a request. */
  sample: Schema.optionalKey(Schema.Int),
  cache: Schema.optionalKey(Schema.Literals(["short", "long"]))
})
const decodeOwn = Schema.decodeUnknownResult(Own, { onExcessProperty: "error" })

const isLong = (control: unknown) => Predicate.isObject(control) && control.ttl === "1h"

/** Our own mark, or Anthropic's, which is how AI SDK programs ask for it. */
const cacheOf = (options: SharedV4ProviderOptions | undefined): Pick<TextPart, "cache"> => {
  const own = options?.[marks.own]?.cache
  if (own === "short" || own === "long") return { cache: own }
  const control = options?.anthropic?.cacheControl
  return control === undefined || control === null ? {} : { cache: isLong(control) ? "long" : "short" }
}

const signed = (options: SharedV4ProviderOptions | undefined) => {
  const { signature } = marks.read(options)
  return signature === undefined || options?.[marks.own] === undefined ? {} : { signature }
}

const image = ({ data, mediaType, providerOptions }: LanguageModelV4FilePart): ImagePart | TextPart => {
  if (data.type === "text") return { _tag: "Text", text: data.text, ...cacheOf(providerOptions) }
  if (!mediaType.startsWith("image") || data.type === "reference") {
    throw new UnsupportedFunctionalityError({
      functionality: `files of ${mediaType} (${data.type}); give text or images`
    })
  }
  const source: ImagePart["source"] =
    data.type === "url"
      ? { _tag: "Url", url: data.url.href }
      : {
          _tag: "Base64",
          // What the AI SDK's own providers take for a picture of an unknown kind.
          mediaType: mediaType.includes("/") && !mediaType.endsWith("*") ? mediaType : "image/jpeg",
          data: typeof data.data === "string" ? data.data : Base64.encode(data.data)
        }
  return { _tag: "Image", source, ...cacheOf(providerOptions) }
}

const answered = (
  part: Extract<LanguageModelV4Message, { role: "assistant" }>["content"][number],
  unsupported: (feature: string) => void
): ReadonlyArray<AssistantPart> => {
  const { providerOptions } = part
  switch (part.type) {
    case "text":
      return [{ _tag: "Text", text: part.text, ...cacheOf(providerOptions), ...signed(providerOptions) }]
    case "reasoning":
      return [{ _tag: "Reasoning", text: part.text, ...(providerOptions?.[marks.own] && marks.read(providerOptions)) }]
    case "tool-call": {
      if (part.providerExecuted === true) break
      const said = ToolArguments.write(part.input)
      const call = { _tag: "ToolCall", id: part.toolCallId, name: part.toolName, arguments: said } as const
      return [{ ...call, ...cacheOf(providerOptions), ...signed(providerOptions) }]
    }
    default:
  }
  unsupported(`${part.type} in an assistant's message`)
  return []
}

const outcome = (
  output: LanguageModelV4ToolResultPart["output"],
  unsupported: (feature: string) => void
): Pick<ToolResultPart, "text" | "isError"> => {
  switch (output.type) {
    case "text":
      return { text: output.value }
    case "json":
      return { text: JSON.stringify(output.value) }
    case "error-text":
      return { text: output.value, isError: true }
    case "error-json":
      return { text: JSON.stringify(output.value), isError: true }
    case "execution-denied":
      return { text: output.reason ?? "The tool may not be executed.", isError: true }
    case "content": {
      const texts = output.value.flatMap((one) => (one.type === "text" ? [one.text] : []))
      if (texts.length < output.value.length) unsupported("files in a tool's result")
      return { text: texts.join("\n") }
    }
  }
}

const result = (part: LanguageModelV4ToolResultPart, unsupported: (feature: string) => void): ToolResultPart => ({
  _tag: "ToolResult",
  id: part.toolCallId,
  name: part.toolName,
  ...outcome(part.output, unsupported),
  ...cacheOf(part.providerOptions)
})

/** A message without parts says nothing. */
const message = (said: LanguageModelV4Message, unsupported: (feature: string) => void): ReadonlyArray<Message> => {
  const whole = cacheOf(said.providerOptions)
  /** A mark on a message is one on its last part. */
  const last = <A extends object>(parts: ReadonlyArray<A>) =>
    parts.map((part, index) => (index === parts.length - 1 ? { ...whole, ...part } : part))
  switch (said.role) {
    case "system":
      return [{ role: "system", parts: [{ _tag: "Text", text: said.content, ...whole }] }]
    case "user": {
      const parts = last(
        said.content.map((part): TextPart | ImagePart =>
          part.type === "text" ? { _tag: "Text", text: part.text, ...cacheOf(part.providerOptions) } : image(part)
        )
      )
      return isNonEmpty(parts) ? [{ role: "user", parts }] : []
    }
    case "assistant": {
      const parts = said.content.flatMap((part) => answered(part, unsupported))
      return isNonEmpty(parts) ? [{ role: "assistant", parts }] : []
    }
    case "tool": {
      const parts = last(
        said.content.flatMap((part) => (part.type === "tool-result" ? [result(part, unsupported)] : []))
      )
      return isNonEmpty(parts) ? [{ role: "tool", parts }] : []
    }
  }
}

const efforts = {
  none: "none",
  minimal: "minimal",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "max",
  max: "max"
} as const

const tools = (of: LanguageModelV4CallOptions["tools"], unsupported: (feature: string) => void) =>
  (of ?? []).flatMap((tool) => {
    if (tool.type === "provider") {
      unsupported(`the provider's own tool ${tool.id}`)
      return []
    }
    const { description, inputSchema, name } = tool
    const parameters: Schema.Json = JSON.parse(JSON.stringify(inputSchema))
    return [{ name, parameters, ...(description !== undefined && { description }), ...cacheOf(tool.providerOptions) }]
  })

/** Any JSON object, where a schema is wanted and none is given. */
const anyObject = { type: "object" }

const wanted = (of: LanguageModelV4CallOptions["responseFormat"]): Pick<ChatRequest, "responseSchema"> => {
  if (of?.type !== "json") return {}
  const schema: Schema.Json = JSON.parse(JSON.stringify(of.schema ?? anyObject))
  return { responseSchema: { name: of.name ?? "answer", schema } }
}

export interface Asked {
  readonly request: ChatRequest
  readonly warnings: Array<SharedV4Warning>
}

/** Throws the AI SDK's own errors for what can't be asked at all. */
export const read = (of: LanguageModelV4CallOptions): Asked => {
  const features = new Set<string>()
  const unsupported = (feature: string) => void features.add(feature)
  const messages = of.prompt.flatMap((said) => message(said, unsupported))
  if (!isNonEmpty(messages)) throw new InvalidArgumentError({ argument: "prompt", message: "a prompt without words" })
  const own = decodeOwn(of.providerOptions?.[marks.own] ?? {})
  if (Result.isFailure(own)) {
    const why = own.failure.message.replaceAll(/\s+/g, " ")
    throw new InvalidArgumentError({ argument: `providerOptions.${marks.own}`, message: why })
  }
  const { cache: _cache, ...ours } = own.success
  const { reasoning } = of
  const offered = tools(of.tools, unsupported)
  const stop = of.stopSequences ?? []
  const { toolChoice } = of
  const request: ChatRequest = {
    messages,
    ...(isNonEmpty(offered) && { tools: offered }),
    ...(toolChoice !== undefined &&
      isNonEmpty(offered) && {
        toolChoice: toolChoice.type === "tool" ? { name: toolChoice.toolName } : toolChoice.type
      }),
    ...wanted(of.responseFormat),
    ...(of.temperature !== undefined && { temperature: of.temperature }),
    ...(of.topP !== undefined && { topP: of.topP }),
    ...(of.topK !== undefined && { topK: of.topK }),
    ...(of.presencePenalty !== undefined && { presencePenalty: of.presencePenalty }),
    ...(of.frequencyPenalty !== undefined && { frequencyPenalty: of.frequencyPenalty }),
    ...(of.maxOutputTokens !== undefined && { maxTokens: of.maxOutputTokens }),
    ...(of.seed !== undefined && { seed: of.seed }),
    ...(isNonEmpty(stop) && { stop }),
    ...(reasoning !== undefined && reasoning !== "provider-default" && { reasoningEffort: efforts[reasoning] }),
    ...ours
  }
  return { request, warnings: [...features].map((feature) => ({ type: "unsupported", feature })) }
}
