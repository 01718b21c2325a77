/**
 * What is read of a body or a chunk of `/chat/completions`: only what is used, from unknown JSON. A field of another
 * type than the wire's counts as missing, since vendors differ in which are absent, null or empty.
 */
import * as Predicate from "effect/Predicate"
import type { Detail } from "./details.js"

type Fields = Readonly<Record<PropertyKey, unknown>>

/** A tool call or a piece of one. */
export interface Call {
  readonly index: number | undefined
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/** A message or a piece of one. */
export interface Said {
  readonly text: string
  readonly refusal: string
  readonly reasoning: string
  readonly details: ReadonlyArray<Detail>
  readonly calls: ReadonlyArray<Call>
}

/** The first answer of a body or chunk. */
export interface Choice {
  readonly said: Said
  /** Empty where nothing, or nothing yet, is said about the end. */
  readonly finish: string
  readonly error: unknown
}

export interface Chunk {
  readonly id: string
  readonly model: string
  readonly choice: Choice | undefined
  readonly usage: Fields | undefined
}

const none: ReadonlyArray<never> = []
const text = (value: unknown): string => (typeof value === "string" ? value : "")
const fields = (value: unknown): Fields | undefined => (Predicate.isObject(value) ? value : undefined)
const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : none)

/** Content may be an array of parts: `text`, and `thinking`, whose words may be parts again. */
const partsText = (parts: unknown, type: "text" | "thinking"): string => {
  if (typeof parts === "string") return parts
  return list(parts)
    .map((part) => (Predicate.isObject(part) && part.type === type ? partsText(part[type], "text") : ""))
    .join("")
}

/** Arguments are a text; some servers send the value itself. */
const argumentsOf = (given: unknown): string =>
  typeof given === "string" ? given : given === undefined || given === null ? "" : JSON.stringify(given)

const callOf = (call: Fields): Call => {
  const asked = fields(call.function)
  return {
    index: typeof call.index === "number" ? call.index : undefined,
    id: text(call.id),
    name: text(asked?.name),
    arguments: argumentsOf(asked?.arguments)
  }
}

/** `function_call` is what calls were before they were many. */
const callsOf = (message: Fields): ReadonlyArray<Call> => {
  const calls = list(message.tool_calls)
  if (calls.length > 0) return calls.filter(Predicate.isObject).map(callOf)
  const only = fields(message.function_call)
  if (only === undefined || (text(only.name) === "" && argumentsOf(only.arguments) === "")) return none
  return [callOf({ function: only })]
}

const isDetail = (value: unknown): value is Detail => Predicate.isObject(value)

const saidOf = (message: Fields): Said => {
  const { content } = message
  return {
    text: partsText(content, "text"),
    refusal: text(message.refusal),
    reasoning:
      text(message.reasoning_content) ||
      text(message.reasoning) ||
      (typeof content === "string" ? "" : partsText(content, "thinking")),
    details: list(message.reasoning_details).filter(isDetail),
    calls: callsOf(message)
  }
}

const nothing: Said = { text: "", refusal: "", reasoning: "", details: none, calls: none }

/** Where an answer's words stand. Some send both: whole answers with an empty delta, chunks with all that was said so far. */
export type Place = "message" | "delta"

const choiceOf = (choice: Fields, place: Place): Choice => {
  const message = fields(choice[place]) ?? fields(place === "delta" ? choice.message : choice.delta)
  return {
    said: message === undefined ? nothing : saidOf(message),
    finish: text(choice.finish_reason),
    error: choice.error ?? undefined
  }
}

const isFirst = (choice: Fields) => (choice.index ?? 0) === 0

/** Nothing where a JSON is neither a body nor a chunk. */
export const read = (json: unknown, place: Place): Chunk | undefined => {
  const body = fields(json)
  if (body === undefined) return undefined
  const choices = body.choices ?? none
  if (!Array.isArray(choices) || !choices.every(Predicate.isObject)) return undefined
  // There may be several: `n` can be asked for by `providerOptions`.
  const choice = choices.find(isFirst)
  return {
    id: text(body.id),
    model: text(body.model),
    choice: choice === undefined ? undefined : choiceOf(choice, place),
    usage: fields(body.usage) ?? fields(choice?.usage) ?? fields(fields(body.x_groq)?.usage)
  }
}
