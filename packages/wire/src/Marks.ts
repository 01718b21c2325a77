/** What our parts know beside their words and another library has no field for: it travels in a part's metadata, and comes back. */
import type { ReasoningPart } from "@consortium/core/Prompt"
import type { Receipt } from "@consortium/core/Receipt"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/** The name under which our own facts stand among those of providers. */
export const own = "consortium"

/** The metadata of a part, by the name of who wrote it. */
export type Metadata = Readonly<Record<string, unknown>>

/** Metadata as we write it. */
export type Written = Record<string, Record<string, Schema.Json>>

export interface Mark extends Pick<ReasoningPart, "signature" | "id" | "redacted"> {
  /** A call's arguments to the letter, where the other side keeps their value only. */
  readonly arguments?: string
}

const Mark = Schema.Struct({
  signature: Schema.optionalKey(Schema.String),
  id: Schema.optionalKey(Schema.String),
  redacted: Schema.optionalKey(Schema.Boolean),
  arguments: Schema.optionalKey(Schema.String)
})
const decodeMark = Schema.decodeUnknownOption(Mark)
const decodeTheirs = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Json)))
)

/** The metadata that is ours, whatever stands in it. */
export const ours = (metadata: Metadata | undefined): Readonly<Record<string, unknown>> => {
  const mine = metadata !== undefined && Object.hasOwn(metadata, own) ? metadata[own] : undefined
  return Predicate.isObject(mine) ? mine : {}
}

/** Our own mark as it was; the metadata of anybody else becomes the signature, which only they have to understand. */
export const read = (metadata: Metadata | undefined): Mark => {
  if (metadata === undefined || Object.keys(metadata).length === 0) return {}
  const mine = Object.hasOwn(metadata, own) ? decodeMark(metadata[own]) : Option.none()
  return Option.getOrElse(mine, () => ({ signature: JSON.stringify(metadata) }))
}

/** A mark of ours as metadata; nothing where there is none. */
export const written = (mark: Mark): Written | undefined => {
  const fields = {
    ...(mark.signature !== undefined && { signature: mark.signature }),
    ...(mark.id !== undefined && { id: mark.id }),
    ...(mark.redacted !== undefined && { redacted: mark.redacted }),
    ...(mark.arguments !== undefined && { arguments: mark.arguments })
  }
  return Object.keys(fields).length === 0 ? undefined : { [own]: fields }
}

/** A mark as the options of a part that is sent back: to the provider that wrote it what it wrote. */
export const returned = (mark: Mark): Written | undefined => {
  const theirs = mark.signature === undefined ? Option.none() : decodeTheirs(mark.signature)
  return Option.isSome(theirs) ? { ...theirs.value } : written(mark)
}

/** What a call took and what was noted on the way, such as a consortium's proof, as fields of ours in an answer's metadata. */
export const told = (ref: string, receipt: Receipt): Readonly<Record<string, Schema.Json>> => {
  const notes = receipt.events.flatMap((event) =>
    event._tag === "Note" ? [{ source: event.source, data: event.data }] : []
  )
  return {
    ref,
    millis: receipt.millis,
    attempts: receipt.attempts,
    waitedMillis: receipt.waitedMillis,
    cached: receipt.cached,
    ...(receipt.usd !== undefined && { spentUsd: receipt.usd }),
    ...(notes.length > 0 && { notes })
  }
}
