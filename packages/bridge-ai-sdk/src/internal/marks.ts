/** What one side knows of a part and the other has no field for: it travels in the part's metadata, and comes back. */
import type { JSONValue } from "@ai-sdk/provider"
import type { ReasoningPart } from "@consortium/core/Prompt"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** The name under which our own facts stand among those of providers. */
export const own = "consortium"

/** Metadata as every version of the AI SDK's specification has it. */
export type Metadata = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Metadata and options as we write them: plain JSON without undefined, which every version takes. */
export type Written = Record<string, Record<string, JSONValue>>

/** What our parts know besides their words. */
export type Mark = Pick<ReasoningPart, "signature" | "id" | "redacted">

const Mark = Schema.Struct({
  signature: Schema.optionalKey(Schema.String),
  id: Schema.optionalKey(Schema.String),
  redacted: Schema.optionalKey(Schema.Boolean)
})
const decodeMark = Schema.decodeUnknownOption(Mark)
const decodeTheirs = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Json)))
)

/** Our own mark as it was; the metadata of anybody else becomes the signature, which only they have to understand. */
export const read = (metadata: Metadata | undefined): Mark => {
  if (metadata === undefined || Object.keys(metadata).length === 0) return {}
  const mine = Object.hasOwn(metadata, own) ? decodeMark(metadata[own]) : Option.none()
  return Option.getOrElse(mine, () => ({ signature: JSON.stringify(metadata) }))
}

const marked = ({ id, redacted, signature }: Mark): Record<string, JSONValue> => ({
  ...(signature !== undefined && { signature }),
  ...(id !== undefined && { id }),
  ...(redacted !== undefined && { redacted })
})

/** A mark of ours as metadata of a part that we answer with; nothing where there is none. */
export const written = (mark: Mark): Written | undefined => {
  const fields = marked(mark)
  return Object.keys(fields).length === 0 ? undefined : { [own]: fields }
}

/** A mark as the options of a part that is sent back: to the provider that wrote it what it wrote. */
export const returned = (mark: Mark): Written | undefined => {
  const theirs = mark.signature === undefined ? Option.none() : decodeTheirs(mark.signature)
  return Option.isSome(theirs) ? { ...theirs.value } : written(mark)
}

/** The id of the request, where a stream of ours ended: its headers were sent before it was known. */
export const requestId = (metadata: Metadata | undefined): { readonly requestId?: string } => {
  const id = metadata?.[own]?.requestId
  return typeof id === "string" ? { requestId: id } : {}
}
