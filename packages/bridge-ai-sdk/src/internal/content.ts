/** From our completion and our stream to the content and the stream of an AI SDK model. */
import type {
  JSONObject,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata
} from "@ai-sdk/provider"
import type { Completion } from "@consortium/core/Completion"
import type { AssistantPart, ToolCallPart } from "@consortium/core/Prompt"
import type { Receipt } from "@consortium/core/Receipt"
import * as marks from "@consortium/wire/Marks"
import type { Piece } from "@consortium/wire/Pieces"
import * as RequestId from "@consortium/wire/RequestId"
import { finished, stated } from "./usage.js"

const metadataOf = (part: AssistantPart): { readonly providerMetadata?: SharedV4ProviderMetadata } => {
  const { signature } = part
  const metadata = marks.written(part._tag === "Reasoning" ? part : signature === undefined ? {} : { signature })
  return metadata === undefined ? {} : { providerMetadata: metadata }
}

const callOf = (part: ToolCallPart) => ({
  type: "tool-call" as const,
  toolCallId: part.id,
  toolName: part.name,
  input: part.arguments,
  ...metadataOf(part)
})

const contentOf = (part: AssistantPart): LanguageModelV4Content => {
  if (part._tag === "ToolCall") return callOf(part)
  return { type: part._tag === "Text" ? "text" : "reasoning", text: part.text, ...metadataOf(part) }
}

export const content = (of: Completion): Array<LanguageModelV4Content> => of.parts.map(contentOf)

/** What stands of a call in the metadata of its answer. */
export const told = (ref: string, receipt: Receipt, { usage: { usd } }: Completion): JSONObject => ({
  ...marks.told(ref, receipt),
  ...(usd !== undefined && { usd })
})

/** Whose answer it is, in the words of response metadata. */
export const response = (of: Completion) => ({
  ...(of.id !== undefined && { id: of.id }),
  modelId: of.model,
  ...(of.requestId !== undefined && { headers: { [RequestId.header]: of.requestId } })
})

/** A piece of a stream. */
export const spelled = (piece: Piece): LanguageModelV4StreamPart => {
  switch (piece._tag) {
    case "CallStart":
      return { type: "tool-input-start", id: piece.id, toolName: piece.name }
    case "CallDelta":
      return { type: "tool-input-delta", id: piece.id, delta: piece.delta }
    case "CallEnd":
      return { type: "tool-input-end", id: piece.id }
    case "Call":
      return callOf(piece.part)
  }
  const { id } = piece
  const kind = piece.kind === "Text" ? "text" : "reasoning"
  if (piece._tag === "Start") return { type: `${kind}-start`, id }
  if (piece._tag === "Delta") return { type: `${kind}-delta`, id, delta: piece.delta }
  return { type: `${kind}-end`, id, ...(piece.part !== undefined && metadataOf(piece.part)) }
}

/** The last words of a stream. */
export const ending = (of: Completion, metadata: JSONObject): ReadonlyArray<LanguageModelV4StreamPart> => {
  const { headers: _headers, ...known } = response(of)
  const own = { ...metadata, ...(of.requestId !== undefined && { requestId: of.requestId }) }
  return [
    { type: "response-metadata", ...known },
    {
      type: "finish",
      finishReason: finished(of.finish),
      usage: stated(of.usage),
      providerMetadata: { [marks.own]: own }
    }
  ]
}
