/** Counts calls while they happen. */
import type { Counts, LogLine, Stats } from "../Stats.js"

type Open = { -readonly [K in keyof Counts]: Counts[K] extends number ? number : Record<string, number> }

const blank = (): Open => ({
  calls: 0,
  inFlight: 0,
  maxInFlight: 0,
  answered: 0,
  answeredAgain: 0,
  outcomes: {},
  inputTokens: 0,
  outputTokens: 0
})

/** One call, from arrival to close. */
export interface Visit {
  /** How often this body had come to this member before. */
  readonly attempt: number
  /** How many calls of this member are open, with this one. */
  readonly inFlight: number
  readonly answered: (inputTokens: number, outputTokens: number) => void
  readonly close: (outcome: string) => void
}

export interface Ledger {
  readonly open: (member: string, digest: string) => Visit
  readonly stats: () => Stats
}

export const make = (keepsLog: boolean): Ledger => {
  const total = blank()
  const members = new Map<string, Open>()
  const seen = new Map<string, { attempts: number; answered: boolean }>()
  const log: Array<LogLine> = []
  const countsOf = (member: string): Open => {
    const known = members.get(member)
    if (known !== undefined) return known
    const counts = blank()
    members.set(member, counts)
    return counts
  }
  return {
    open: (member, digest) => {
      const own = countsOf(member)
      const before = seen.get(digest) ?? { attempts: 0, answered: false }
      if (before.attempts === 0) seen.set(digest, before)
      const attempt = before.attempts++
      if (keepsLog) log.push({ member, digest, attempt })
      for (const counts of [own, total]) {
        counts.calls++
        counts.inFlight++
        counts.maxInFlight = Math.max(counts.maxInFlight, counts.inFlight)
        if (before.answered) counts.answeredAgain++
      }
      return {
        attempt,
        inFlight: own.inFlight,
        answered: (inputTokens, outputTokens) => {
          before.answered = true
          for (const counts of [own, total]) {
            counts.answered++
            counts.inputTokens += inputTokens
            counts.outputTokens += outputTokens
          }
        },
        close: (outcome) => {
          for (const counts of [own, total]) {
            counts.inFlight--
            counts.outcomes[outcome] = (counts.outcomes[outcome] ?? 0) + 1
          }
        }
      }
    },
    stats: () => {
      const copy = (counts: Open): Counts => ({ ...counts, outcomes: { ...counts.outcomes } })
      const byMember = Object.fromEntries([...members].map(([name, counts]) => [name, copy(counts)]))
      return { ...copy(total), members: byMember, ...(keepsLog && { log: [...log] }) }
    }
  }
}
