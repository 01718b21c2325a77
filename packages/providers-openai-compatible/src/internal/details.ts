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

/** Adds a piece to the part that it continues: the one of its index, or the last of its type. */
export const add = (details: Array<Detail>, piece: Detail): void => {
  const same = (one: Detail) => one.type === piece.type && (one.index ?? null) === (piece.index ?? null)
  const at = details.findLastIndex(same)
  const before = details[at]
  if (before === undefined) details.push(piece)
  else details[at] = grown(before, piece)
}

export const toPart = (detail: Detail): ReasoningPart => {
  const { [wordsField(detail)]: _, ...rest } = detail
  return { _tag: "Reasoning", text: words(detail), signature: JSON.stringify(rest) }
}

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.JsonObject))

/** As it came; a part whose signature is of another wire goes back as bare words. */
export const fromPart = (part: ReasoningPart): Detail => {
  const rest = Option.getOrUndefined(decode(part.signature ?? ""))
  if (rest === undefined) return { type: "reasoning.text", text: part.text }
  return part.text === "" ? rest : { ...rest, [wordsField(rest)]: part.text }
}
