/** From our messages to an AI SDK prompt. Only pictures differ between the versions of the specification. */
import type { AssistantPart, ImagePart, Message, TextPart } from "@consortium/core/Prompt"
import * as marks from "@consortium/wire/Marks"
import * as ToolArguments from "@consortium/wire/ToolArguments"

/**
 * A cache mark in the words of those who have one: Anthropic's (also on Vertex) and Bedrock's. Providers read only their
 * own name, so all can be said at once.
 */
const cached = (cache: TextPart["cache"]): marks.Written =>
  cache === undefined
    ? {}
    : {
        anthropic: { cacheControl: { type: "ephemeral", ...(cache === "long" && { ttl: "1h" }) } },
        bedrock: { cachePoint: { type: "default", ...(cache === "long" && { ttl: "1h" }) } },
        [marks.own]: { cache }
      }

const options = (
  part: { readonly cache?: TextPart["cache"] } & marks.Mark
): { readonly providerOptions?: marks.Written } => {
  const mark = marks.returned(part) ?? {}
  const all = { ...cached(part.cache), ...mark }
  const both = { ...all[marks.own], ...(part.cache !== undefined && { cache: part.cache }) }
  if (Object.keys(all).length === 0) return {}
  return { providerOptions: Object.keys(both).length === 0 ? all : { ...all, [marks.own]: both } }
}

/** The id of a call is a field of its own, and no mark. */
const unnamed = ({ cache, signature }: { readonly cache?: TextPart["cache"]; readonly signature?: string }) => ({
  ...(cache !== undefined && { cache }),
  ...(signature !== undefined && { signature })
})

const text = (part: TextPart) => ({ type: "text" as const, text: part.text, ...options(part) })

const file = <F>(part: ImagePart, data: (source: ImagePart["source"]) => F) => ({
  type: "file" as const,
  mediaType: part.source._tag === "Base64" ? part.source.mediaType : "image/*",
  data: data(part.source),
  ...options(part)
})

const answered = (part: AssistantPart) => {
  switch (part._tag) {
    case "Text":
      return text(part)
    case "Reasoning":
      return { type: "reasoning" as const, text: part.text, ...options(part) }
    case "ToolCall":
      return {
        type: "tool-call" as const,
        toolCallId: part.id,
        toolName: part.name,
        input: ToolArguments.read(part.arguments),
        ...options(unnamed(part))
      }
  }
}

/** @param data spells a picture's bytes or address */
export const prompt = <F>(messages: ReadonlyArray<Message>, data: (source: ImagePart["source"]) => F) => {
  const names = new Map<string, string>()
  return messages.map((said) => {
    switch (said.role) {
      case "system": {
        const { cache } = said.parts.find((part) => part.cache !== undefined) ?? {}
        const marked = cache === undefined ? {} : options({ cache })
        return { role: "system" as const, content: said.parts.map((part) => part.text).join("\n"), ...marked }
      }
      case "user":
        return {
          role: "user" as const,
          content: said.parts.map((part) => (part._tag === "Text" ? text(part) : file(part, data)))
        }
      case "assistant":
        for (const part of said.parts) if (part._tag === "ToolCall") names.set(part.id, part.name)
        return { role: "assistant" as const, content: said.parts.map(answered) }
      case "tool":
        return {
          role: "tool" as const,
          content: said.parts.map((part) => ({
            type: "tool-result" as const,
            toolCallId: part.id,
            toolName: part.name ?? names.get(part.id) ?? "unknown",
            output: { type: part.isError === true ? ("error-text" as const) : ("text" as const), value: part.text },
            ...options(unnamed(part))
          }))
        }
    }
  })
}
