/** Asks every seat, member by member and sample by sample, at once; who fails is a value, too few answers an error. */
import { type CallFailure, Failure, Halted } from "@consortium/core/Call"
import { type Candidate, Candidates, type Member, type QuorumNotMet, Sampler } from "@consortium/core/Candidates"
import type { ChatRequest } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { candidateId } from "@consortium/core/Ids"
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import { message, type Prompt } from "@consortium/core/Prompt"
import { record } from "@consortium/core/Receipt"
import { hash, type Seed } from "@consortium/core/Seed"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { type CheckRule, checked } from "./CheckRule.js"

export interface Options {
  /** Each with its own id. */
  readonly members: NonEmpty<Member>
  /** Eligible answers needed. @default 1 */
  readonly quorum?: number
  /** Each request's seed is drawn from it, unless the member's sampling has one. */
  readonly seed: Seed
  /** Run on each answer in this order, before judges; all must pass. @default none but that there is text */
  readonly checks?: ReadonlyArray<CheckRule>
  /** Hears of each candidate as soon as it is settled and checked, also of those whose prompt ends without a quorum. */
  readonly onCandidate?: (candidate: Candidate, prompt: Prompt) => Effect.Effect<void>
}

const defaults = { quorum: 1, checks: [] } satisfies Partial<Options>

interface Seat {
  readonly member: Member
  readonly sample: number
}

const seatsOf = (members: NonEmpty<Member>): NonEmpty<Seat> => {
  const names = new Set(members.map((member) => member.id))
  if (names.size < members.length) throw new Error("two members with one id: give each seat its own")
  const seats = members.flatMap((member) => Array.from({ length: member.samples }, (_, sample) => ({ member, sample })))
  if (!isNonEmpty(seats)) throw new Error("no member is asked for an answer: set samples to 1 or more")
  return seats
}

/** What a seat is asked: the member's system text first, then the prompt's messages as they stand. */
export const requestFor = (seed: Seed, { member, sample }: Seat, prompt: Prompt): ChatRequest => ({
  messages: member.system === undefined ? prompt.messages : [message("system", member.system), ...prompt.messages],
  // A positive int32, which is what the narrowest wire takes.
  seed: hash(seed, "sample", prompt.id, member.id, sample) >>> 1,
  ...member.sampling,
  sample
})

/** The service. Two members with one id, or none that is asked, are a defect. */
export const make = (options: Options): Sampler["Service"] => {
  const { members, seed, quorum, checks, onCandidate } = { ...defaults, ...options }
  const seats = seatsOf(members)
  const ask = Effect.fnUntraced(function* (seat: Seat, prompt: Prompt): Effect.fn.Return<Candidate, Halted> {
    const { member, sample } = seat
    const [answer, receipt] = yield* record(member.model.complete)(requestFor(seed, seat, prompt))
    const outcome: Result.Result<Completion, CallFailure> = answer
    if (Result.isFailure(outcome) && outcome.failure instanceof Halted) return yield* outcome.failure
    const candidate = yield* checked(
      checks,
      {
        id: candidateId(prompt.id, member.id, sample),
        member: member.id,
        sample,
        outcome: Result.mapError(outcome, Failure.from),
        checks: [],
        receipt
      },
      prompt
    )
    if (onCandidate !== undefined) yield* onCandidate(candidate, prompt)
    return candidate
  })
  return {
    sample: Effect.fnUntraced(function* (prompt: Prompt): Effect.fn.Return<Candidates, QuorumNotMet | Halted> {
      // A halt cuts off nobody: what is in flight is paid for, and kept when it arrives.
      const asked = yield* Effect.forEach(seats, (seat) => Effect.result(ask(seat, prompt)), {
        concurrency: "unbounded"
      })
      const all = yield* Effect.fromResult(Result.all(asked))
      if (!isNonEmpty(all)) return yield* Effect.die(new Error("seats without answers"))
      return yield* Effect.fromResult(Candidates.make(prompt, all, quorum))
    })
  }
}

/** Stage 3 as a layer. */
export const layer = (options: Options): Layer.Layer<Sampler> => Layer.sync(Sampler, () => make(options))
