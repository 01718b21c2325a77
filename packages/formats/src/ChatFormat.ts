/** Messages to OpenAI's chat format, the one that trainers read; `PromptFile` is the way back. */
import * as Schema from "effect/Schema"
import type { ImagePart, Message, TextPart, ToolCallPart } from "@consortium/core/Prompt"

const Part = Schema.Union([
  Schema.Struct({ type: Schema.Literal("text"), text: Schema.String }),
  Schema.Struct({ type: Schema.Literal("image_url"), image_url: Schema.Struct({ url: Schema.String }) })
])

/** A message as it stands in a dataset. */
export const ChatMessage = Schema.Struct({
  role: Schema.Literals(["system", "user", "assistant", "tool"]),
  content: Schema.NullOr(Schema.Union([Schema.String, Schema.Array(Part)])),
  tool_calls: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        id: Schema.String,
        type: Schema.Literal("function"),
        function: Schema.Struct({ name: Schema.String, arguments: Schema.String })
      })
    )
  ),
  tool_call_id: Schema.optionalKey(Schema.String)
})
export type ChatMessage = typeof ChatMessage.Type

const urlOf = ({ source }: ImagePart): string =>
  source._tag === "Url" ? source.url : `data:${source.mediaType};base64,${source.data}`

const contentOf = (parts: ReadonlyArray<TextPart | ImagePart>): string | ReadonlyArray<typeof Part.Type> =>
  parts.every((part) => part._tag === "Text")
    ? parts.map((part) => part.text).join("\n")
    : parts.map((part) =>
        part._tag === "Text"
          ? { type: "text", text: part.text }
          : { type: "image_url", image_url: { url: urlOf(part) } }
      )

const callOf = (part: ToolCallPart) =>
  ({ id: part.id, type: "function", function: { name: part.name, arguments: part.arguments } }) as const

/** One message, or one for each result of a tool message. Reasoning has no place in the format. */
export const chatMessages = (message: Message): ReadonlyArray<ChatMessage> => {
  switch (message.role) {
    case "system":
    case "user":
      return [{ role: message.role, content: contentOf(message.parts) }]
    case "assistant": {
      const texts = message.parts.filter((part) => part._tag === "Text")
      const calls = message.parts.filter((part) => part._tag === "ToolCall").map(callOf)
      const content = texts.length === 0 ? null : contentOf(texts)
      return [{ role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) }]
    }
    case "tool":
      return message.parts.map((part) => ({ role: "tool", content: part.text, tool_call_id: part.id }))
  }
}
