/** The answer that most give, by what of it is compared; of values with fields each field by itself. */
import type { Eligible } from "@consortium/core/Candidates"
import * as Completion from "@consortium/core/Completion"
import type { NonEmpty } from "@consortium/core/NonEmpty"

const plain = (text: string): string =>
  (text.trim().split("\n").at(-1) ?? "")
    .trim()
    .toLowerCase()
    .replaceAll(/\s+/g, " ")
    .replace(/[.。]$/, "")

/** How many said each thing; of equally many the one that was said first. */
const most = (said: ReadonlyArray<string>): { readonly winner: string; readonly count: number } => {
  const counts = new Map<string, number>()
  for (const one of said) counts.set(one, (counts.get(one) ?? 0) + 1)
  let winner = said[0] ?? ""
  for (const [one, count] of counts) if (count > (counts.get(winner) ?? 0)) winner = one
  return { winner, count: counts.get(winner) ?? 0 }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined

/** How near an answer is to what most say, field by field. */
const votesFor = <A>(good: NonEmpty<Eligible>, decode: (text: string) => A | undefined) => {
  const values = good.map((candidate) => decode(Completion.text(candidate.outcome.success)))
  const records = values.map(fieldsOf)
  if (records.some((record) => record === undefined)) return undefined
  const names = [...new Set(records.flatMap((record) => Object.keys(record ?? {})))]
  const winners = new Map(
    names.map((name) => [name, most(records.map((record) => JSON.stringify(record?.[name]) ?? "")).winner])
  )
  return records.map(
    (record) => names.filter((name) => (JSON.stringify(record?.[name]) ?? "") === winners.get(name)).length
  )
}

/** Among equally good answers the first seat's. */
export const majority = <A>(
  good: NonEmpty<Eligible>,
  wanted: { readonly schema?: unknown; readonly decode: (text: string) => A | undefined },
  extract: (text: string) => string = plain
) => {
  const byField = wanted.schema === undefined ? undefined : votesFor(good, wanted.decode)
  const keys = good.map((candidate) => {
    const { success } = candidate.outcome
    if (wanted.schema !== undefined) return JSON.stringify(wanted.decode(Completion.text(success))) ?? ""
    // Calls of tools are compared as they are.
    return Completion.toolCalls(success).length > 0 ? Completion.said(success) : extract(Completion.text(success))
  })
  const { count, winner } = most(keys)
  // Where no two say the same, the one with most fields as the others have them.
  const at = count > 1 || byField === undefined ? keys.indexOf(winner) : byField.indexOf(Math.max(...byField))
  const chosen = good[at] ?? good[0]
  const share = count / good.length
  return {
    chosen,
    by: chosen.member,
    judged: false,
    score: share,
    pBest: share,
    agreement: { first: count, of: good.length }
  }
}
