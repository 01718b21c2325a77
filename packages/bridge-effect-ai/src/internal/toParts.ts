/** From our completion and our stream to the response parts of `effect/ai`. */
import type { Completion } from "@consortium/core/Completion"
import type { AssistantPart, ToolCallPart } from "@consortium/core/Prompt"
import * as marks from "@consortium/wire/Marks"
import type { Piece } from "@consortium/wire/Pieces"
import * as ToolArguments from "@consortium/wire/ToolArguments"
import type * as Schema from "effect/Schema"
import type { Responses } from "./effectAi.js"
import { stated } from "./usage.js"

const metadataOf = (mark: marks.Mark): { readonly metadata?: marks.Written } => {
  const metadata = marks.written(mark)
  return metadata === undefined ? {} : { metadata }
}

const wordMark = (part: Exclude<AssistantPart, ToolCallPart>): marks.Mark =>
  part._tag === "Reasoning" ? part : part.signature === undefined ? {} : { signature: part.signature }

const callOf = ({ arguments: written, id, name, signature }: ToolCallPart): Responses.ToolCallPartEncoded => {
  const params = ToolArguments.read(written)
  const exact = ToolArguments.write(params) === written ? {} : { arguments: written }
  return {
    type: "tool-call",
    id,
    name,
    params,
    ...metadataOf({ ...(signature !== undefined && { signature }), ...exact })
  }
}

/** The last words of an answer. */
export const ending = (
  of: Completion,
  receipt: Readonly<Record<string, Schema.Json>>
): readonly [Responses.ResponseMetadataPartEncoded, Responses.FinishPartEncoded] => [
  { type: "response-metadata", modelId: of.model, ...(of.id !== undefined && { id: of.id }) },
  {
    type: "finish",
    reason: of.finish.kind,
    usage: stated(of.usage),
    metadata: {
      [marks.own]: {
        ...receipt,
        raw: of.finish.raw,
        ...(of.usage.usd !== undefined && { usd: of.usage.usd }),
        ...(of.requestId !== undefined && { requestId: of.requestId })
      }
    }
  }
]

/** A whole answer. */
export const parts = (of: Completion, receipt: Readonly<Record<string, Schema.Json>>): Array<Responses.PartEncoded> => [
  ...of.parts.map((part): Responses.PartEncoded => {
    if (part._tag === "ToolCall") return callOf(part)
    return { type: part._tag === "Text" ? "text" : "reasoning", text: part.text, ...metadataOf(wordMark(part)) }
  }),
  ...ending(of, receipt)
]

/** A piece of a stream. */
export const spelled = (piece: Piece): Responses.StreamPartEncoded => {
  switch (piece._tag) {
    case "CallStart":
      return { type: "tool-params-start", id: piece.id, name: piece.name, providerExecuted: false }
    case "CallDelta":
      return { type: "tool-params-delta", id: piece.id, delta: piece.delta }
    case "CallEnd":
      return { type: "tool-params-end", id: piece.id }
    case "Call":
      return callOf(piece.part)
  }
  const { id } = piece
  const kind = piece.kind === "Text" ? "text" : "reasoning"
  if (piece._tag === "Start") return { type: `${kind}-start`, id }
  if (piece._tag === "Delta") return { type: `${kind}-delta`, id, delta: piece.delta }
  const { part } = piece
  return { type: `${kind}-end`, id, ...(part !== undefined && part._tag !== "ToolCall" && metadataOf(wordMark(part))) }
}
