/** From what a judge wrote of one candidate to a rating: mends the form where only one reading is possible. */
import { InvalidBallot } from "@consortium/core/Ballot"
import * as Result from "effect/Result"
import { findAnswer } from "./findAnswer.js"

export interface Rating {
  /** 1 to 10. */
  readonly score: number
  readonly acceptable: boolean
  readonly critique: string
  readonly mended: ReadonlyArray<string>
}

const invalid = (detail: string) => Result.fail(new InvalidBallot({ missing: [], unknown: [], repeated: [], detail }))

/** A number from 1 to 10; also in quotes, and as "7/10". */
const scoreOf = (value: unknown, mend: (note: string) => void): number | undefined => {
  const written = typeof value === "string" ? /^\s*(\d{1,2}(?:\.\d+)?)\s*(?:\/\s*10)?\s*$/.exec(value) : null
  const score = typeof value === "number" ? value : written === null ? Number.NaN : Number(written[1])
  if (!(score >= 1 && score <= 10)) return undefined
  if (typeof value === "string") mend("the score in quotes")
  return score
}

const acceptableOf = (value: unknown, mend: (note: string) => void): boolean | undefined => {
  if (typeof value === "boolean") return value
  if (value === undefined || value === null) {
    mend("not said whether it is acceptable: taken as acceptable")
    return true
  }
  const word = typeof value === "string" ? value.trim().toLowerCase() : ""
  if (!/^(true|false|yes|no)$/.test(word)) return undefined
  mend("acceptable in quotes")
  return word === "true" || word === "yes"
}

/** Reads a judge's text (without its reasoning). */
export const rating = (said: string, notes: ReadonlyArray<string>): Result.Result<Rating, InvalidBallot> => {
  const found = findAnswer(said, "score")
  if (found === undefined) return invalid("no JSON object with a score")
  const mended = new Set([...notes, ...found.mended])
  const mend = (note: string) => void mended.add(note)
  const score = scoreOf(found.fields.get("score"), mend)
  if (score === undefined) return invalid("the score is no number from 1 to 10")
  const acceptable = acceptableOf(found.fields.get("acceptable"), mend)
  if (acceptable === undefined) return invalid("acceptable is neither true nor false")
  const critique = found.fields.get("critique")
  return Result.succeed({
    score,
    acceptable,
    critique: typeof critique === "string" ? critique : "",
    mended: [...mended]
  })
}
