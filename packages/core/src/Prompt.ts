/** What is asked: messages of parts, each role with the parts that it can have. */
import * as Schema from "effect/Schema"
import { PromptId } from "./Ids.js"

/** Asks the vendor to keep the prompt up to and with this part for the next call: some minutes, or an hour. Dropped by wires that can't be told. */
const cache = Schema.optionalKey(Schema.Literals(["short", "long"]))
/** A mark by which the vendor knows its own part again when it is sent back. */
const signature = Schema.optionalKey(Schema.String)

export const TextPart = Schema.TaggedStruct("Text", { text: Schema.String, cache, signature })
export type TextPart = typeof TextPart.Type

/** A picture, by address or as base64 bytes. */
export const ImagePart = Schema.TaggedStruct("Image", {
  source: Schema.Union([
    Schema.TaggedStruct("Url", { url: Schema.String }),
    Schema.TaggedStruct("Base64", { mediaType: Schema.String, data: Schema.String })
  ]),
  cache
})
export type ImagePart = typeof ImagePart.Type

/** A model's wish to have a tool called; `arguments` is what it wrote, which may be no valid JSON. */
export const ToolCallPart = Schema.TaggedStruct("ToolCall", {
  id: Schema.String,
  name: Schema.String,
  arguments: Schema.String,
  cache,
  signature
})
export type ToolCallPart = typeof ToolCallPart.Type

export const ToolResultPart = Schema.TaggedStruct("ToolResult", {
  id: Schema.String,
  name: Schema.optionalKey(Schema.String),
  text: Schema.String,
  isError: Schema.optionalKey(Schema.Boolean),
  cache
})
export type ToolResultPart = typeof ToolResultPart.Type

/** A model's thinking. */
export const ReasoningPart = Schema.TaggedStruct("Reasoning", {
  text: Schema.String,
  /** The vendor's name for it, where the wire wants it back. */
  id: Schema.optionalKey(Schema.String),
  signature,
  /** The vendor hides the words: `signature` is all there is. */
  redacted: Schema.optionalKey(Schema.Boolean)
})
export type ReasoningPart = typeof ReasoningPart.Type

export const AssistantPart = Schema.Union([TextPart, ReasoningPart, ToolCallPart])
export type AssistantPart = typeof AssistantPart.Type

export const Message = Schema.Union([
  Schema.Struct({ role: Schema.Literal("system"), parts: Schema.NonEmptyArray(TextPart) }),
  Schema.Struct({ role: Schema.Literal("user"), parts: Schema.NonEmptyArray(Schema.Union([TextPart, ImagePart])) }),
  Schema.Struct({ role: Schema.Literal("assistant"), parts: Schema.NonEmptyArray(AssistantPart) }),
  Schema.Struct({ role: Schema.Literal("tool"), parts: Schema.NonEmptyArray(ToolResultPart) })
])
export type Message = typeof Message.Type

/** One task of a run. */
export const Prompt = Schema.Struct({
  id: PromptId,
  messages: Schema.NonEmptyArray(Message),
  /** The input row's other fields, returned as they came. */
  carried: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
})
export type Prompt = typeof Prompt.Type

/** A message of one text. */
export const message = (role: "system" | "user" | "assistant", text: string): Message => ({
  role,
  parts: [{ _tag: "Text", text }]
})

/** A prompt of one user turn. */
export const fromText = (id: string, text: string): Prompt => ({
  id: PromptId.make(id),
  messages: [message("user", text)]
})

/** The text of a message; pictures and tool traffic have none. */
export const textOf = (of: Message): string =>
  of.parts.flatMap((part) => (part._tag === "Text" || part._tag === "ToolResult" ? [part.text] : [])).join("\n")

/** What is embedded of a prompt: the texts of its messages, without the system's where there are others. */
export const embeddedText = (prompt: Prompt): string => {
  const asked = prompt.messages.filter((one) => one.role !== "system")
  return (asked.length > 0 ? asked : prompt.messages).map(textOf).join("\n\n")
}
