/** From our messages to a prompt of `effect/ai`. */
import type { AssistantPart, ImagePart, Message, TextPart } from "@consortium/core/Prompt"
import * as marks from "@consortium/wire/Marks"
import * as ToolArguments from "@consortium/wire/ToolArguments"
import type { Prompts } from "./effectAi.js"

type Cache = TextPart["cache"]

/** What a part knows besides its words; a cache mark is ours alone, since `effect/ai` has none. */
const options = (cache: Cache, mark: marks.Mark = {}): { readonly options?: marks.Written } => {
  const all = marks.returned(mark) ?? {}
  if (cache === undefined) return Object.keys(all).length === 0 ? {} : { options: all }
  return { options: { ...all, [marks.own]: { ...all[marks.own], cache } } }
}

const signed = ({ signature }: { readonly signature?: string }): marks.Mark =>
  signature === undefined ? {} : { signature }

const text = (part: TextPart): Prompts.TextPartEncoded => ({
  type: "text",
  text: part.text,
  ...options(part.cache, signed(part))
})

const file = ({ cache, source }: ImagePart): Prompts.FilePartEncoded =>
  source._tag === "Url"
    ? { type: "file", mediaType: "image/*", data: new URL(source.url), ...options(cache) }
    : { type: "file", mediaType: source.mediaType, data: source.data, ...options(cache) }

const answered = (part: AssistantPart): Prompts.AssistantMessagePartEncoded => {
  switch (part._tag) {
    case "Text":
      return text(part)
    case "Reasoning":
      return { type: "reasoning", text: part.text, ...options(undefined, part) }
    case "ToolCall": {
      const params = ToolArguments.read(part.arguments)
      const exact = ToolArguments.write(params) === part.arguments ? {} : { arguments: part.arguments }
      const mark = { ...signed(part), ...exact }
      return { type: "tool-call", id: part.id, name: part.name, params, ...options(part.cache, mark) }
    }
  }
}

/** A prompt as `effect/ai` decodes it. */
export const toPrompt = (messages: ReadonlyArray<Message>): ReadonlyArray<Prompts.MessageEncoded> => {
  const names = new Map<string, string>()
  return messages.map((said): Prompts.MessageEncoded => {
    switch (said.role) {
      case "system": {
        const { cache } = said.parts.find((part) => part.cache !== undefined) ?? {}
        return { role: "system", content: said.parts.map((part) => part.text).join("\n"), ...options(cache) }
      }
      case "user":
        return { role: "user", content: said.parts.map((part) => (part._tag === "Text" ? text(part) : file(part))) }
      case "assistant":
        for (const part of said.parts) if (part._tag === "ToolCall") names.set(part.id, part.name)
        return { role: "assistant", content: said.parts.map(answered) }
      case "tool":
        return {
          role: "tool",
          content: said.parts.map((part) => ({
            type: "tool-result",
            id: part.id,
            name: part.name ?? names.get(part.id) ?? "unknown",
            isFailure: part.isError === true,
            result: part.text,
            ...options(part.cache)
          }))
        }
    }
  })
}
