/**
 * What is read of an item of `output`: only what is used, from unknown JSON. A field of another type than the wire's
 * counts as missing, since servers of this wire differ in which are absent, null or empty.
 */
import type { AssistantPart } from "@consortium/core/Prompt"
import * as Predicate from "effect/Predicate"
import * as marks from "./marks.js"

type Fields = Readonly<Record<PropertyKey, unknown>>

/** `thought` is reasoning as it was, which open models show; `summary` is what others tell of it. */
export type Kind = "text" | "refusal" | "summary" | "thought" | "arguments"

/** A text in an item, by its place among those of its kind. */
export interface Piece {
  readonly kind: Kind
  readonly index: number
  readonly text: string
}

export type Type = "message" | "reasoning" | "function_call"

export interface Item {
  readonly type: Type
  readonly id: string
  readonly pieces: ReadonlyArray<Piece>
  readonly phase: string
  readonly encrypted: string
  /** The name of the call that its result is given under. */
  readonly callId: string
  readonly name: string
}

export const text = (value: unknown): string => (typeof value === "string" ? value : "")
export const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** The kinds of texts by the types of the parts that hold them, and the field that they stand in. */
const kinds = new Map<unknown, readonly [Kind, "text" | "refusal"]>([
  ["output_text", ["text", "text"]],
  ["refusal", ["refusal", "refusal"]],
  ["summary_text", ["summary", "text"]],
  ["reasoning_text", ["thought", "text"]]
])

const pieces = (parts: unknown): ReadonlyArray<Piece> => {
  const out: Array<Piece> = []
  for (const [index, part] of list(parts).entries()) {
    if (!Predicate.isObject(part)) continue
    const found = kinds.get(part.type)
    if (found !== undefined) out.push({ kind: found[0], index, text: text(part[found[1]]) })
  }
  return out
}

/** Arguments are a text; some servers send the value itself. */
const argumentsOf = (given: unknown): string =>
  typeof given === "string" ? given : given === undefined || given === null ? "" : JSON.stringify(given)

/** Which items are answers of the model to us; the others are the traces of tools that the vendor runs itself. */
const types: ReadonlyArray<string> = ["message", "reasoning", "function_call"] satisfies ReadonlyArray<Type>
const isType = (type: unknown): type is Type => typeof type === "string" && types.includes(type)

const piecesOf = (type: Type, item: Fields): ReadonlyArray<Piece> => {
  if (type === "message") return pieces(item.content)
  if (type === "reasoning") return [...pieces(item.summary), ...pieces(item.content)]
  return [{ kind: "arguments", index: 0, text: argumentsOf(item.arguments) }]
}

/** Nothing where an item is of no type that is read. */
export const read = (item: unknown): Item | undefined => {
  if (!Predicate.isObject(item) || !isType(item.type)) return undefined
  return {
    type: item.type,
    id: text(item.id),
    pieces: piecesOf(item.type, item),
    phase: text(item.phase),
    encrypted: text(item.encrypted_content),
    callId: text(item.call_id) || text(item.id),
    name: text(item.name)
  }
}

/** One part for each text; the last holds what is encrypted, or is all there is. */
const thoughts = ({ encrypted, id, pieces }: Item): ReadonlyArray<AssistantPart> => {
  const words = pieces.filter((piece) => piece.text !== "")
  const named = id === "" ? {} : { id }
  const signed = encrypted === "" ? {} : { signature: encrypted }
  if (words.length === 0)
    return encrypted === "" ? [] : [{ _tag: "Reasoning", text: "", ...named, ...signed, redacted: true }]
  return words.map((piece, place) => ({
    _tag: "Reasoning",
    text: piece.text,
    ...named,
    ...(place === words.length - 1 && signed)
  }))
}

/** The parts of an item, in order. */
export const partsOf = (item: Item): ReadonlyArray<AssistantPart> => {
  switch (item.type) {
    case "message":
      return item.pieces.flatMap((piece) =>
        piece.text === "" ? [] : [{ _tag: "Text", text: piece.text, ...marks.ofPhase(item.phase) }]
      )
    case "reasoning":
      return thoughts(item)
    case "function_call":
      return [{ _tag: "ToolCall", id: item.callId, name: item.name, arguments: item.pieces[0]?.text ?? "" }]
  }
}

/** Whether the model refused to answer. */
export const isRefusal = (item: Item): boolean =>
  item.pieces.some((piece) => piece.kind === "refusal" && piece.text !== "")
