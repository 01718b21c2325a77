/** From what was heard to the answer with its proof: who did what, and what it took. */
import type { Candidate, Eligible } from "@consortium/core/Candidates"
import * as Completion from "@consortium/core/Completion"
import type { CandidateId, JudgeId, MemberId } from "@consortium/core/Ids"
import type { Ballots, Vote } from "@consortium/core/Judge"
import type { Verdict } from "@consortium/core/Ranking"
import type { Receipt } from "@consortium/core/Receipt"
import * as Result from "effect/Result"
import type { Answer, Asked } from "../Answer.js"

const usdOf = ({ attempts, usd }: Receipt): number | null => (attempts === 0 ? 0 : (usd ?? null))

export const failureOf = (candidate: Candidate): { readonly what: string; readonly message: string } | undefined => {
  if (Result.isFailure(candidate.outcome)) {
    const { message, reason, tag } = candidate.outcome.failure
    return { what: reason ?? tag, message }
  }
  const check = candidate.checks.find(({ passed }) => !passed)
  return check === undefined ? undefined : { what: check.by, message: check.note ?? `did not pass ${check.by}` }
}

/** What came of one mode: who wins, and why. */
export interface Outcome {
  readonly chosen: Eligible
  readonly by: MemberId
  readonly judged: boolean
  readonly score: number
  readonly pBest: number
  readonly agreement: Answer["agreement"]
  readonly ballots?: Ballots
  readonly verdict?: Verdict
}

export const alone = (chosen: Eligible): Outcome => ({
  chosen,
  by: chosen.member,
  judged: false,
  score: 1,
  pBest: 1,
  agreement: { first: 0, of: 0 }
})

export interface Parts<A> {
  readonly outcome: Outcome
  readonly value: A
  readonly all: ReadonlyArray<Candidate>
  readonly votes: ReadonlyArray<Vote>
  /** All judges that were asked, and for how many milliseconds at most. */
  readonly judges: ReadonlyArray<{ readonly id: JudgeId; readonly millis: number; readonly usd: number | null }>
  /** The ids of all who could be asked, in the order of the seats. */
  readonly seats: ReadonlyArray<{ readonly id: CandidateId; readonly member: MemberId }>
  readonly receiptOf: (id: CandidateId) => Receipt
  readonly millis: number
}

/** @param whole what all calls of the question took together */
export const finished = <A>(parts: Parts<A>, whole: Receipt): Answer<A> => {
  const { all, millis, outcome, receiptOf, seats, value, votes } = parts
  const place = new Map(seats.map(({ id }, index) => [id, index]))
  const candidates = [...all].sort((a, b) => (place.get(a.id) ?? seats.length) - (place.get(b.id) ?? seats.length))
  const ended = new Set(all.map(({ id }) => id))
  const members = candidates.map((candidate): Asked => {
    const why = failureOf(candidate)
    const state = why === undefined ? "answered" : Result.isFailure(candidate.outcome) ? "failed" : "refused"
    const { receipt } = candidate
    return {
      id: candidate.member,
      role: "member",
      state,
      millis: receipt.millis,
      usd: usdOf(receipt),
      ...(why !== undefined && { why: `${why.what}: ${why.message}` })
    }
  })
  const late = seats
    .filter(({ id }) => !ended.has(id) && receiptOf(id).millis > 0)
    .map(({ id, member }): Asked => {
      const receipt = receiptOf(id)
      return { id: member, role: "member", state: "late", millis: receipt.millis, usd: receipt.usd ?? null }
    })
  const judges = votes.map(
    ({ judge, outcome: said, receipt }): Asked => ({
      id: judge,
      role: "judge",
      state: Result.isSuccess(said) ? "answered" : "failed",
      millis: receipt.millis,
      usd: usdOf(receipt),
      ...(Result.isFailure(said) && { why: said.failure.message })
    })
  )
  const heard = new Set<string>(votes.map(({ judge }) => judge))
  const lateJudges = parts.judges
    .filter(({ id }) => !heard.has(id))
    .map(({ id, millis: waited, usd }): Asked => ({ id, role: "judge", state: "late", millis: waited, usd }))
  const asked = [...members, ...late, ...judges, ...lateJudges]
  const isPriced = asked.every(({ state, usd }) => usd !== null || state === "late" || state === "failed")
  const { agreement, ballots, by, chosen, judged, pBest, score, verdict } = outcome
  return {
    value,
    text: Completion.text(chosen.outcome.success),
    completion: chosen.outcome.success,
    toolCalls: Completion.toolCalls(chosen.outcome.success),
    by,
    judged,
    score,
    pBest,
    agreement,
    asked,
    usd: isPriced ? (whole.usd ?? 0) : null,
    millis,
    chosen,
    candidates,
    ballots,
    verdict
  }
}
