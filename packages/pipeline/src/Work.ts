/** Every selected prompt down its road, many at a time, each outcome stored as soon as it is there. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { CallFailure, Halted } from "@consortium/core/Call"
import type { Sheet } from "@consortium/core/Blind"
import type { Took } from "@consortium/core/CallJournal"
import type { Candidate } from "@consortium/core/Candidates"
import type { Rejected } from "@consortium/core/Example"
import type { MemberId, PromptId } from "@consortium/core/Ids"
import type { Ballots, Vote } from "@consortium/core/Judge"
import { stated } from "@consortium/core/PriceBook"
import type { Prompt } from "@consortium/core/Prompt"
import type { Receipt } from "@consortium/core/Receipt"
import type { RunEvent } from "@consortium/core/RunEvent"
import type { Outcome } from "@consortium/store/Outcomes"
import type { Pick } from "@consortium/store/Rows"
import type { RunStore } from "@consortium/store/RunStore"
import * as DatasetFile from "./DatasetFile.js"
import * as keptBallots from "./internal/keptBallots.js"
import { version } from "./internal/version.js"
import * as Road from "./Road.js"
import type { RunConfig } from "./RunConfig.js"

type Emit = (event: RunEvent) => Effect.Effect<void>

const taken = (receipt: Receipt) => ({
  millis: receipt.millis,
  attempts: receipt.attempts,
  cached: receipt.cached,
  usd: receipt.usd ?? null
})

/** Turns what the stages say into events, and keeps what was said to prompts that are still on the road. */
export const listener = (emit: Emit, members: ReadonlyArray<MemberId>) => {
  const place = new Map(members.map((id, index) => [id, index]))
  const said = new Map<PromptId, Array<Candidate>>()
  return {
    onCandidate: (candidate: Candidate, prompt: Prompt): Effect.Effect<void> => {
      const others = said.get(prompt.id)
      if (others === undefined) said.set(prompt.id, [candidate])
      else others.push(candidate)
      return emit({
        _tag: "Answered",
        prompt: prompt.id,
        candidate: candidate.id,
        member: candidate.member,
        outcome: Result.isSuccess(candidate.outcome) ? "ok" : candidate.outcome.failure.tag,
        ...taken(candidate.receipt)
      })
    },
    onVote: (vote: Vote, { promptId: prompt }: Sheet): Effect.Effect<void> =>
      emit({
        _tag: "Judged",
        prompt,
        judge: vote.judge,
        pass: vote.pass,
        outcome: Result.isSuccess(vote.outcome) ? "ok" : vote.outcome.failure.tag,
        ...taken(vote.receipt)
      }),
    /** In the order of the members, whoever answered first. */
    heard: (prompt: Prompt): ReadonlyArray<Candidate> =>
      [...(said.get(prompt.id) ?? [])].sort(
        (a, b) => (place.get(a.member) ?? 0) - (place.get(b.member) ?? 0) || a.sample - b.sample
      ),
    forget: (prompt: PromptId): void => {
      said.delete(prompt)
    }
  }
}

export interface Options<E extends CallFailure> {
  readonly store: RunStore["Service"]
  /** Those that go down the road in this start, of so many. */
  readonly picks: ReadonlyArray<Pick>
  readonly of: number
  readonly config: RunConfig<E>
  readonly heard: ReturnType<typeof listener>
  readonly emit: Emit
  /** Prompts on the road at a time. */
  readonly width: number
}

const rowContext = <E extends CallFailure>(config: RunConfig<E>): DatasetFile.Context => {
  const prices = config.prices ?? stated
  const refs = new Map(config.members.map((member) => [member.id, member.model.ref]))
  return {
    seed: config.seed,
    version,
    simulated: config.simulated ?? false,
    ...(config.temperature !== undefined && { temperature: config.temperature }),
    usd: (candidate) =>
      Result.isSuccess(candidate.outcome)
        ? (prices.usd(refs.get(candidate.member) ?? "", candidate.outcome.success.usage) ?? null)
        : null
  }
}

/**
 * Whether another try would end the same: what was answered is stored and answered again, a call that failed is not.
 * A judge's rubbish is an answer too.
 */
const isFinal = ({ why, candidates, ballots }: Rejected): boolean => {
  if (why === "unacceptable") return true
  if (why === "no-candidate")
    return candidates.length > 0 && candidates.every(({ outcome }) => Result.isSuccess(outcome))
  return (ballots?.votes ?? []).every(
    ({ outcome }) => Result.isSuccess(outcome) || outcome.failure.tag === "InvalidBallot"
  )
}

/** What each call of a prompt took, with its time: of a stored answer what it took when it was made. */
const receiptsOf = (candidates: ReadonlyArray<Candidate>, ballots: Ballots | undefined): string =>
  JSON.stringify([
    ...candidates.map(({ id, outcome, receipt }) => ({
      candidate: id,
      ...(Result.isSuccess(outcome) && { requestId: outcome.success.requestId, answerId: outcome.success.id }),
      ...(Result.isFailure(outcome) && { failure: outcome.failure.message }),
      ...tookOf(receipt)
    })),
    ...(ballots?.votes ?? []).map(({ judge, outcome, pass, receipt }) => ({
      judge,
      pass,
      ...(Result.isFailure(outcome) && { failure: outcome.failure.message }),
      ...tookOf(receipt)
    }))
  ])

const tookOf = ({ attempts, events, millis, startedAt, usd }: Receipt) => {
  const hits = events.flatMap((event) => (event._tag === "CacheHit" && event.took !== undefined ? [event.took] : []))
  const [first] = hits
  if (attempts > 0 || first === undefined) return { startedAt, millis, attempts, usd }
  const sum = (of: (took: Took) => number | undefined) => hits.reduce((total, hit) => total + (of(hit) ?? 0), 0)
  return {
    startedAt: first.startedAt,
    millis: sum((hit) => hit.millis),
    attempts: sum((hit) => hit.attempts),
    ...(hits.every((hit) => hit.usd !== undefined) && { usd: sum((hit) => hit.usd) })
  }
}

const outcomeOf = (end: Road.End, context: DatasetFile.Context): Outcome => {
  if (end._tag === "Example") {
    const { ballots, verdict } = end.example
    const ids = new Map(verdict.places.map((place) => [place.label, place.candidates]))
    return {
      kind: "example",
      final: true,
      json: JSON.stringify(DatasetFile.datasetRow(end.example, context)),
      receipts: receiptsOf(end.example.candidates.all, ballots),
      ballots: keptBallots.encode(ballots, (label) => ids.get(label) ?? [])
    }
  }
  const { ballots, why } = end.rejected
  return {
    kind: "rejected",
    final: isFinal(end.rejected),
    json: JSON.stringify(DatasetFile.rejectedRow(end.rejected, context, end.idsOf)),
    receipts: receiptsOf(end.rejected.candidates, ballots),
    // Only a verdict can change when it is counted again.
    ...(why === "unacceptable" && ballots !== undefined && { ballots: keptBallots.encode(ballots, end.idsOf) })
  }
}

/** Brings every pick without an outcome to one; answers how many it brought. It fails only when the whole run has to stop. */
export const finish = Effect.fnUntraced(function* <E extends CallFailure>(options: Options<E>) {
  const { store, picks, of, config, heard, emit } = options
  const context = rowContext(config)
  yield* config.retryFailed === true ? store.outcomes.retry : store.outcomes.reopen
  const before = yield* store.rows.ledger
  let done = before.examples + before.rejected
  const { weights } = config
  const weighting = weights !== undefined && { weighting: { weight: (judge: string) => weights.get(judge) ?? 1 } }

  const walked = Effect.fnUntraced(function* (pick: Pick) {
    if (Option.isSome(yield* store.outcomes.get(pick.id))) return
    const prompt = yield* store.rows.prompt(pick.id)
    const end = yield* Road.walk(prompt, { seed: config.seed, heard: heard.heard, ...weighting })
    yield* store.outcomes.put(pick.id, outcomeOf(end, context))
    heard.forget(pick.id)
    done++
    if (end._tag === "Rejected") {
      const { why, failure } = end.rejected
      return yield* emit({ _tag: "Rejected", prompt: pick.id, why, detail: failure.message, done, of })
    }
    const [best] = end.example.verdict.places
    yield* emit({
      _tag: "Ranked",
      prompt: pick.id,
      chosen: end.example.chosen.id,
      score: best.score,
      pBest: best.pBest,
      done,
      of
    })
  })

  // After a halt no prompt begins; those on the road go on as far as what they have paid for.
  let halted: Halted | undefined
  const from = done
  const one = (pick: Pick) =>
    Effect.suspend(() => (halted === undefined ? walked(pick) : Effect.void)).pipe(
      Effect.catchIf(
        (error) => error.why !== "store",
        (error) =>
          Effect.sync(() => {
            halted ??= error
          })
      )
    )
  const all: Stream.Stream<void, Halted, Effect.Services<ReturnType<typeof walked>>> = Stream.fromIterable(picks).pipe(
    Stream.mapEffect(one, { concurrency: options.width, unordered: true })
  )
  yield* Stream.runDrain(all)
  if (halted !== undefined) return yield* halted
  return done - from
})
