/** What is wrong with a row, and the few words that every reader of rows needs to say so. */
import * as Result from "effect/Result"

/** What is wrong, and in which field. */
export interface Trouble {
  readonly field?: string
  readonly reason: string
}

export type Read<A> = Result.Result<A, Trouble>

export const fail = (reason: string, field?: string): Read<never> =>
  Result.fail({ reason, ...(field !== undefined && { field }) })

/** A value's kind, for messages. */
export const kind = (value: unknown): string => {
  if (!isGiven(value)) return value === null ? "null" : "nothing"
  if (Array.isArray(value)) return "a list"
  return typeof value === "object" ? "an object" : `a ${typeof value}`
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Absent and null are the same: tables have no other way to say that a cell holds nothing. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null
