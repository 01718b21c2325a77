/** From what a judge wrote to a ballot: mends the form where only one reading is possible, never the verdict. */
import { Ballot, InvalidBallot } from "@consortium/core/Ballot"
import type { Sheet } from "@consortium/core/Blind"
import type { Label } from "@consortium/core/Ids"
import * as Result from "effect/Result"
import { findAnswer } from "./internal/findAnswer.js"
import { type Reader, reader } from "./internal/readIds.js"

const invalid = (detail: string, missing: ReadonlyArray<string> = []) =>
  Result.fail(new InvalidBallot({ missing, unknown: [], repeated: [], detail }))

/**
 * Reads a judge's text (without its reasoning). Unknown ids are dropped, of repeated ones the first counts, ids that
 * are missing are unranked where at least half were heard; all of it is noted in `mended`, after `notes`.
 */
export const parse = (
  sheet: Sheet,
  text: string,
  notes: ReadonlyArray<string> = []
): Result.Result<Ballot, InvalidBallot> => {
  const found = findAnswer(text, "ranking")
  if (found === undefined) return invalid("no JSON object with a ranking")
  const { fields } = found
  const mended = new Set([...notes, ...found.mended])
  const ids = reader(sheet, (note) => mended.add(note))
  const rejected = new Set(ids.list(fields.get("unacceptable")))
  const ranked = ids.tiers(fields.get("ranking"))
  if (ranked === undefined) return invalid("the ranking is no list of groups of ids")
  const tiers = withoutRejected(ranked, rejected, (note) => mended.add(note))
  if (tiers === undefined) return invalid("an unacceptable candidate is ranked above one that is not")
  const heard = new Set([...tiers.flat(), ...rejected])
  const labels = sheet.options.map((option) => option.label)
  const unranked = labels.filter((label) => !heard.has(label))
  if (heard.size * 2 < labels.length || heard.size === 0) return invalid("fewer than half are ranked", unranked)
  if (unranked.length > 0) mended.add(`left out: ${unranked.join(", ")}`)
  const confidence = confidenceOf(fields.get("confidence"), (note) => mended.add(note))
  return Ballot.make(sheet, {
    tiers,
    unranked,
    unacceptable: [...rejected],
    reasons: reasonsOf(fields.get("critiques"), ids),
    mended: [...mended],
    ...(confidence !== undefined && { confidence })
  })
}

/** A candidate that is ranked and called unacceptable counts as unacceptable, unless that would turn the order round. */
const withoutRejected = (
  tiers: ReadonlyArray<ReadonlyArray<Label>>,
  rejected: ReadonlySet<Label>,
  mend: (note: string) => void
): ReadonlyArray<ReadonlyArray<Label>> | undefined => {
  const lastGood = tiers.findLastIndex((tier) => tier.some((label) => !rejected.has(label)))
  const both = tiers.flatMap((tier, index) =>
    tier.filter((label) => rejected.has(label)).map((label) => ({ label, index }))
  )
  if (both.some(({ index }) => index < lastGood)) return undefined
  for (const { label } of both) mend(`${label} is ranked and unacceptable: taken as unacceptable`)
  return tiers.map((tier) => tier.filter((label) => !rejected.has(label))).filter((tier) => tier.length > 0)
}

/** 0 to 1; a percentage is told from a share only where it can be nothing else. */
const confidenceOf = (value: unknown, mend: (note: string) => void): number | undefined => {
  if (value === undefined || value === null) return undefined
  const written = typeof value === "string" ? /^\s*(\d{1,3}(?:\.\d+)?|\.\d+)\s*(%?)\s*$/.exec(value) : null
  const number = typeof value === "number" ? value : written === null ? Number.NaN : Number(written[1])
  const percent = written?.[2] === "%" || (number >= 10 && number <= 100)
  const share = percent ? number / 100 : number
  if (!(share >= 0 && share <= 1)) {
    mend("a confidence that can't be read: dropped")
    return undefined
  }
  if (percent) mend("confidence in percent")
  else if (typeof value === "string") mend("confidence in quotes")
  return share
}

const field = (value: object, name: string): unknown => Object.entries(value).find(([key]) => key === name)?.[1]

/** `[{ id, text }]`, or `{ id: text }`. */
const reasonsOf = (value: unknown, ids: Reader): ReadonlyMap<Label, string> => {
  const reasons = new Map<Label, string>()
  if (typeof value !== "object" || value === null) return reasons
  const said = Array.isArray(value)
    ? value
        .filter((one) => typeof one === "object" && one !== null)
        .map((one) => [field(one, "id"), field(one, "text")] as const)
    : Object.entries(value)
  for (const [id, why] of said) {
    const label = ids.one(id)
    if (label !== undefined && typeof why === "string" && !reasons.has(label)) reasons.set(label, why)
  }
  return reasons
}
