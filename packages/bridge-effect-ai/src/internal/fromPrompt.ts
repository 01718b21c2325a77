/** From a prompt of `effect/ai` to our messages; what has no place in them fails by name. */
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import type { AssistantPart, ImagePart, Message, TextPart, ToolResultPart } from "@consortium/core/Prompt"
import * as marks from "@consortium/wire/Marks"
import * as ToolArguments from "@consortium/wire/ToolArguments"
import * as Base64 from "effect/encoding/Base64"
import { Prompts } from "./effectAi.js"

type Cached = Pick<TextPart, "cache">

const cacheOf = (options: marks.Metadata): Cached => {
  const { cache } = marks.ours(options)
  return cache === "short" || cache === "long" ? { cache } : {}
}

/** Only what we wrote ourselves is a signature here: what another provider wrote is not for our models. */
const markOf = (options: marks.Metadata): marks.Mark => (Object.hasOwn(options, marks.own) ? marks.read(options) : {})

const signed = ({ signature }: marks.Mark) => (signature === undefined ? {} : { signature })

const text = (part: Prompts.TextPart): TextPart => ({
  _tag: "Text",
  text: part.text,
  ...cacheOf(part.options),
  ...signed(markOf(part.options))
})

/** A file that is no picture. */
export class Unsupported extends Error {}

const image = ({ data, mediaType, options }: Prompts.FilePart): ImagePart => {
  if (!mediaType.startsWith("image")) throw new Unsupported(`files of ${mediaType}: give text or images`)
  const isUrl = data instanceof URL || (typeof data === "string" && /^https?:/.test(data))
  return {
    _tag: "Image",
    source: isUrl
      ? { _tag: "Url", url: String(data) }
      : {
          _tag: "Base64",
          mediaType: mediaType.endsWith("*") ? "image/jpeg" : mediaType,
          data: typeof data === "string" ? data : Base64.encode(data instanceof URL ? String(data) : data)
        },
    ...cacheOf(options)
  }
}

const answered = (part: Prompts.AssistantMessagePart): ReadonlyArray<AssistantPart> => {
  switch (part.type) {
    case "text":
      return [text(part)]
    case "reasoning": {
      const { arguments: _arguments, ...mark } = markOf(part.options)
      return [{ _tag: "Reasoning", text: part.text, ...mark }]
    }
    case "tool-call": {
      if (part.providerExecuted) return []
      const mark = markOf(part.options)
      const said = mark.arguments ?? ToolArguments.write(part.params)
      const call = { _tag: "ToolCall", id: part.id, name: part.name, arguments: said } as const
      return [{ ...call, ...cacheOf(part.options), ...signed(mark) }]
    }
    default:
      // What the provider's own tools did, and approvals, which are settled before a model is asked.
      return []
  }
}

const result = (part: Prompts.ToolResultPart): ToolResultPart => ({
  _tag: "ToolResult",
  id: part.id,
  name: part.name,
  text:
    part.modelOutput === undefined
      ? ToolArguments.write(part.result ?? null)
      : Prompts.toolModelOutputToText(part.modelOutput),
  ...(part.isFailure && { isError: true }),
  ...cacheOf(part.options)
})

const message = (said: Prompts.Message): ReadonlyArray<Message> => {
  switch (said.role) {
    case "system":
      return [{ role: "system", parts: [{ _tag: "Text", text: said.content, ...cacheOf(said.options) }] }]
    case "user": {
      const parts = said.content.map((part) => (part.type === "text" ? text(part) : image(part)))
      return isNonEmpty(parts) ? [{ role: "user", parts }] : []
    }
    case "assistant": {
      const parts = said.content.flatMap(answered)
      return isNonEmpty(parts) ? [{ role: "assistant", parts }] : []
    }
    case "tool": {
      const parts = said.content.flatMap((part) => (part.type === "tool-result" ? [result(part)] : []))
      return isNonEmpty(parts) ? [{ role: "tool", parts }] : []
    }
  }
}

/** The messages; throws `Unsupported` where one can't be asked, or where there is none. */
export const fromPrompt = (prompt: Prompts.Prompt): NonEmpty<Message> => {
  const messages = prompt.content.flatMap(message)
  if (!isNonEmpty(messages)) throw new Unsupported("a prompt without words")
  return messages
}
