/**
 * What is read of a body or a chunk of `generateContent`: only what is used, from unknown JSON. A field of another type
 * than the wire's counts as missing, since the vendor leaves out what is empty.
 */
import * as Predicate from "effect/Predicate"
import type { ArgumentPiece } from "./argumentPieces.js"

export type Fields = Readonly<Record<PropertyKey, unknown>>

/** A call, or a piece of one. */
export interface Call {
  readonly id: string
  /** Empty where it goes on with the last one. */
  readonly name: string
  readonly arguments: string
  readonly pieces: ReadonlyArray<ArgumentPiece>
  /** Whether more of it is to come. */
  readonly goesOn: boolean
}

/** A piece of an answer; empty words are no words. */
export interface Piece {
  readonly text: string
  readonly isThought: boolean
  readonly signature: string
  readonly call: Call | undefined
}

/** The first answer of a body or chunk. */
export interface Candidate {
  readonly pieces: ReadonlyArray<Piece>
  /** Empty where nothing, or nothing yet, is said about the end. */
  readonly finish: string
}

export interface Chunk {
  readonly id: string
  readonly model: string
  readonly candidate: Candidate | undefined
  readonly usage: Fields | undefined
  /** Why the prompt was not answered; empty where it was not refused. */
  readonly blocked: string
}

const none: ReadonlyArray<never> = []
const text = (value: unknown): string => (typeof value === "string" ? value : "")
const fields = (value: unknown): Fields | undefined =>
  Predicate.isObject(value) && !Array.isArray(value) ? value : undefined
const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : none)

const pieceOfArguments = (piece: Fields): ReadonlyArray<ArgumentPiece> => {
  const stated = [piece.stringValue, piece.numberValue, piece.boolValue]
  const value = stated.find((it) => typeof it === "string" || typeof it === "number" || typeof it === "boolean")
  const known = value ?? (piece.nullValue === undefined ? undefined : null)
  return known === undefined ? none : [{ path: text(piece.jsonPath), value: known }]
}

const callOf = (call: Fields): Call => {
  const pieces = list(call.partialArgs).filter(Predicate.isObject)
  return {
    id: text(call.id),
    name: text(call.name),
    // Empty arguments are left out.
    arguments: JSON.stringify(fields(call.args) ?? {}),
    pieces: pieces.flatMap(pieceOfArguments),
    goesOn: call.willContinue === true || pieces.some((piece) => piece.willContinue === true)
  }
}

/** Nothing where it is something that has no word here: its signature is of no use without it. */
const pieceOf = (part: Fields): ReadonlyArray<Piece> => {
  const call = fields(part.functionCall)
  if (call === undefined && typeof part.text !== "string") return none
  return [
    {
      text: text(part.text),
      isThought: part.thought === true,
      signature: text(part.thoughtSignature),
      call: call === undefined ? undefined : callOf(call)
    }
  ]
}

/** JSON may give an enum's word or its number (protobuf.dev/programming-guides/json); these have one number at both addresses. */
const finishes = ["", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION"]
const unspecified = "FINISH_REASON_UNSPECIFIED"

const finishOf = (reason: unknown): string => {
  if (typeof reason === "number") return finishes[reason] ?? String(reason)
  return reason === unspecified ? "" : text(reason)
}

const candidateOf = (candidate: Fields): Candidate => ({
  pieces: list(fields(candidate.content)?.parts).filter(Predicate.isObject).flatMap(pieceOf),
  finish: finishOf(candidate.finishReason)
})

const isFirst = (candidate: Fields) => (candidate.index ?? 0) === 0

const blockedOf = (feedback: Fields | undefined): string => {
  const reason = feedback?.blockReason
  const word = typeof reason === "number" ? String(reason) : text(reason)
  const words = text(feedback?.blockReasonMessage)
  return word !== "" && words !== "" ? `${word}: ${words}` : word
}

/** Nothing where a JSON is neither a body nor a chunk. */
export const read = (json: unknown): Chunk | undefined => {
  const body = fields(json)
  if (body === undefined) return undefined
  const candidates = body.candidates ?? none
  if (!Array.isArray(candidates) || !candidates.every(Predicate.isObject)) return undefined
  // There may be several: `candidateCount` can be asked for by `providerOptions`.
  const candidate = candidates.find(isFirst)
  return {
    id: text(body.responseId),
    model: text(body.modelVersion),
    candidate: candidate === undefined ? undefined : candidateOf(candidate),
    usage: fields(body.usageMetadata),
    blocked: blockedOf(fields(body.promptFeedback))
  }
}
