/** What a consortium says: the winner's words, and the proof that stands behind them. */
import type { Ballots } from "@consortium/core/Judge"
import type { Candidate, Eligible } from "@consortium/core/Candidates"
import type { Completion } from "@consortium/core/Completion"
import type { JudgeId, MemberId } from "@consortium/core/Ids"
import type { ToolCallPart } from "@consortium/core/Prompt"
import type { Verdict } from "@consortium/core/Ranking"

/** What became of one who was asked. */
export interface Asked {
  readonly id: MemberId | JudgeId
  readonly role: "member" | "judge"
  /** `refused`: it answered, and a check said no. `late`: the answer was certain, or time was up, before it had ended. */
  readonly state: "answered" | "failed" | "refused" | "late"
  /** Milliseconds from being asked to the end; of a late one until it was let go. */
  readonly millis: number
  /** US dollars, of a late one at most; null where no price is known. */
  readonly usd: number | null
  /** Why there is no answer of it. */
  readonly why?: string
}

/** @typeParam A the type of `value`: the text, or what a schema made of it */
export interface Answer<out A = string> {
  readonly value: A
  readonly text: string
  readonly completion: Completion
  /** The tools that the winner wants called; none where none were offered. */
  readonly toolCalls: ReadonlyArray<ToolCallPart>
  /** Who wrote it; `fused` or `merged` for one that nobody wrote alone. */
  readonly by: MemberId
  /** Whether judges decided; an only answer, a race, a vote and a passed deadline have none. */
  readonly judged: boolean
  /** Mean preference over the other answers, 0 to 1; in a vote the share of equal answers. */
  readonly score: number
  /** The chance of being the best under the aggregator's model; not calibrated. */
  readonly pBest: number
  /** Judges that put it first, of those that gave an order; in a vote, answers. */
  readonly agreement: { readonly first: number; readonly of: number }
  readonly asked: ReadonlyArray<Asked>
  /** US dollars of all calls, of those that were let go at most; null where a price is unknown. */
  readonly usd: number | null
  readonly millis: number
  readonly chosen: Eligible
  readonly candidates: ReadonlyArray<Candidate>
  readonly ballots: Ballots | undefined
  readonly verdict: Verdict | undefined
}

const money = (usd: number | null): string => (usd === null ? "price unknown" : `$${usd.toFixed(usd < 1 ? 4 : 2)}`)
const seconds = (millis: number): string => `${(millis / 1000).toFixed(1)} s`

/** The proof as lines for people. */
export const trace = (answer: Answer<unknown>): string => {
  const { agreement, asked, by, judged, millis, pBest, score, usd } = answer
  const how = judged
    ? `score ${score.toFixed(3)}, P(best) ${pBest.toFixed(3)}, first for ${agreement.first} of ${agreement.of} judges`
    : agreement.of > 0
      ? `${agreement.first} of ${agreement.of} said the same`
      : "not judged"
  return [
    `${by}: ${how}; ${seconds(millis)}, ${money(usd)}`,
    ...asked.map(
      (one) =>
        `  ${one.role} ${one.id}: ${one.state}, ${seconds(one.millis)}, ${one.state === "late" && one.usd !== null ? "at most " : ""}${money(one.usd)}${one.why === undefined ? "" : ` (${one.why})`}`
    )
  ].join("\n")
}
