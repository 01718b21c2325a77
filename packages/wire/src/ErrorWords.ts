/** What a vendor says of a failure, read from the shapes that error bodies come in. */
import * as Predicate from "effect/Predicate"

export interface ErrorWords {
  readonly message: string
  readonly code?: string
  readonly type?: string
  /** The HTTP status that the body states, where an error comes inside a 200. */
  readonly status?: number
  /** A wait that the body states. */
  readonly retryAfterMillis?: number
}

/**
 * Reads an error body, with the answer's headers where there was a bad status; nothing where it has no shape that the
 * reader knows.
 */
export type ErrorReader = (body: unknown, headers?: Readonly<Record<string, string>>) => ErrorWords | undefined

const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined

const words = (message: string, from: Readonly<Record<PropertyKey, unknown>>): ErrorWords => {
  const code = text(from.code)
  const type = text(from.type) ?? text(from.error_type)
  const status = [from.code, from.status, from.status_code, from.raw_status_code]
    .map(Number)
    .find((it) => it >= 400 && it < 600)
  return {
    message,
    ...(code !== undefined && { code }),
    ...(type !== undefined && { type }),
    ...(status !== undefined && { status })
  }
}

/** `{ error: { message, … } }`; a router adds what its upstream said as `metadata.raw`. */
const nested = (error: Readonly<Record<PropertyKey, unknown>>): ErrorWords => {
  const message = text(error.message) ?? JSON.stringify(error)
  const raw = Predicate.isObject(error.metadata) ? text(error.metadata.raw) : undefined
  return words(raw === undefined ? message : `${message}: ${raw}`, error)
}

/**
 * Knows `{ error: { message, type, code } }`, `{ error: "…", code }`, `{ message, code }`, `{ detail: "…" }`,
 * `{ detail: [{ msg }] }`, and any of them as the only element of an array.
 */
export const read: ErrorReader = (body) => {
  if (Array.isArray(body)) return body.length === 1 ? read(body[0]) : undefined
  if (!Predicate.isObject(body)) return undefined
  const { detail, error, message } = body
  if (Predicate.isObject(error)) return nested(error)
  if (typeof error === "string") return words(error, body)
  if (typeof message === "string") return words(message, body)
  if (Predicate.isObject(message)) return words(JSON.stringify(message), body)
  if (typeof detail === "string") return words(detail, body)
  if (Array.isArray(detail)) return words(JSON.stringify(detail), body)
  return undefined
}

/** Whether a body that came with a good status is an error all the same: it has an `error` that says something. */
export const isError = (body: unknown): boolean => {
  if (!Predicate.isObject(body)) return false
  const { error } = body
  return typeof error === "string" ? error !== "" : Predicate.isObject(error) && Object.keys(error).length > 0
}

/** An error body of no known shape: its text, or the title of a page that some gateway sent. */
export const plain = (body: unknown): string => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  const title = /^\s*</.test(text) ? /<title[^>]{0,200}>([^<]{0,500})/i.exec(text)?.[1]?.trim() : undefined
  return title ?? text
}
