/**
 * `reasoning_details`: parts of reasoning with signatures, which must go back as they came. A `Reasoning` part holds
 * the words as its text and all the rest, as JSON, as its signature.
 */
import type { ReasoningPart } from "@consortium/core/Prompt"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

export type Detail = Readonly<Record<string, Schema.Json>>

/** Fields that a stream sends in pieces. */
const growing = ["text", "summary", "data", "signature"]

const wordsField = (detail: Detail) => (detail.type === "reasoning.summary" ? "summary" : "text")

/** The words of a part; encrypted ones have none. */
export const words = (detail: Detail): string => {
  const said = detail[wordsField(detail)]
  return typeof said === "string" ? said : ""
}

const grown = (before: Detail, piece: Detail): Detail => {
  const out: Record<string, Schema.Json> = { ...before }
  for (const [name, value] of Object.entries(piece)) {
    const old = before[name]
    if (growing.includes(name) && typeof old === "string" && typeof value === "string") out[name] = old + value
    else if (value !== null) out[name] = value
  }
  return out
}

/** The parts of one answer, in the making. */
export class Details {
  readonly all: Array<Detail> = []
  private readonly places = new Map<string, number>()

  /** Adds a piece to the part that it continues: the one of its type and index. */
  add(piece: Detail): void {
    const key = JSON.stringify([piece.type, piece.index ?? null])
    const at = this.places.get(key)
    const before = at === undefined ? undefined : this.all[at]
    if (at === undefined || before === undefined) this.places.set(key, this.all.push(piece) - 1)
    else this.all[at] = grown(before, piece)
  }
}

export const toPart = (detail: Detail): ReasoningPart => {
  const { [wordsField(detail)]: _, ...rest } = detail
  const text = words(detail)
  return {
    _tag: "Reasoning",
    text,
    signature: JSON.stringify(rest),
    ...(text === "" && detail.type === "reasoning.encrypted" && { redacted: true })
  }
}

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.JsonObject))

/** The kinds of parts begin with this word; the mark of another wire does not. */
const isOurs = (detail: Detail) => typeof detail.type === "string" && detail.type.startsWith("reasoning.")

/** As it came; a part of another wire goes back as bare words, and not at all where it has none. */
export const fromPart = (part: ReasoningPart): ReadonlyArray<Detail> => {
  const rest = Option.getOrUndefined(decode(part.signature ?? ""))
  if (rest === undefined || !isOurs(rest)) return part.text === "" ? [] : [{ type: "reasoning.text", text: part.text }]
  return [part.text === "" ? rest : { ...rest, [wordsField(rest)]: part.text }]
}
