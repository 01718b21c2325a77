/**
 * When all calls are done: what the run's own ballots teach about its judges (weights, removals, offsets for their own
 * answers), and every verdict counted once more with that. No call is made; the same ballots give the same rows.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as FlipRate from "@consortium/aggregation/FlipRate"
import * as Learn from "@consortium/aggregation/Learn"
import type { Interval } from "@consortium/aggregation/Interval"
import * as LengthAudit from "@consortium/aggregation/LengthAudit"
import * as PositionAudit from "@consortium/aggregation/PositionAudit"
import * as SelfPreference from "@consortium/aggregation/SelfPreference"
import * as Votes from "@consortium/aggregation/Votes"
import { Ballot } from "@consortium/core/Ballot"
import type { CallFailure } from "@consortium/core/Call"
import { candidateId, type JudgeId, type Label, type PromptId } from "@consortium/core/Ids"
import type { Ballots } from "@consortium/core/Judge"
import { message } from "@consortium/core/Prompt"
import { map } from "@consortium/core/NonEmpty"
import { Aggregator, type Ranking, type Weighting } from "@consortium/core/Ranking"
import type { Judged } from "@consortium/store/Outcomes"
import type { RunStore } from "@consortium/store/RunStore"
import * as DatasetFile from "./DatasetFile.js"
import * as keptBallots from "./internal/keptBallots.js"
import { sheetOf } from "./internal/sheets.js"
import { judgeIn, type RunConfig } from "./RunConfig.js"

/** What becomes of a judge's votes on its own answers. */
export type OwnAnswers = "offset" | "exclude" | "exclude-family"

type Between = readonly [low: number, high: number] | null

/** What was learnt, as it stands in `run.json`. */
export interface Judging {
  readonly from: Learn.Learnt["from"]
  readonly judges: ReadonlyArray<{
    readonly id: string
    readonly weight: number
    readonly removed: boolean
    /** What its preference for its own answers was lowered by, in preference units. */
    readonly ownOffset: number
    /** The share of pairs on which its two orders name no common winner, and of how many pairs; null where it had none. */
    readonly instability: number | null
    readonly pairsTwice: number
    /** The share of pairs in which it prefers the one shown earlier; 0.5 is no bias; null where unknown. */
    readonly first: number | null
    /** Its preference for its own answers beyond that of the other judges; null where it has none. */
    readonly ownExcess: number | null
    /** The share of pairs in which it prefers the longer; what is better may be longer, so 0.5 is no aim. */
    readonly longer: number | null
    /** 95 % bootstrap intervals over prompts of the three, low and high. */
    readonly intervals: {
      readonly first: Between
      readonly ownExcess: Between
      readonly longer: Between
    }
  }>
  /** Prompts whose best answer changed when the votes were counted again. */
  readonly changed: number
}

const page = 256

/** Which candidates are a judge's own: of the very model, or of its family. */
const ownIds = <E extends CallFailure>({ judges, members }: RunConfig<E>, family: boolean) => {
  const own = new Map<string, ReadonlyArray<(typeof members)[number]>>()
  for (const seat of judges) {
    const judge = judgeIn(seat)
    const ref = "model" in seat ? seat.model.ref : undefined
    own.set(
      judge.id,
      members.filter(
        (member) => member.model.ref === ref || (family && judge.family !== undefined && member.family === judge.family)
      )
    )
  }
  return (judge: string, promptId: PromptId): ReadonlySet<string> =>
    new Set(
      (own.get(judge) ?? []).flatMap((member) =>
        Array.from({ length: member.samples }, (_, sample) => candidateId(promptId, member.id, sample))
      )
    )
}

interface Case {
  readonly judged: Judged
  readonly ballots: Ballots
  readonly idsOf: (label: Label) => ReadonlyArray<string>
  readonly own: (judge: string, label: Label) => boolean
}

const caseOf = (judged: Judged, ownOf: ReturnType<typeof ownIds>): Case => {
  const { ballots, idsOf } = keptBallots.decode(judged.outcome.ballots, judged.id)
  const sets = new Map<string, ReadonlySet<string>>()
  const own = (judge: string, label: Label): boolean => {
    const known = sets.get(judge) ?? ownOf(judge, judged.id)
    sets.set(judge, known)
    return known.size > 0 && idsOf(label).some((id) => known.has(id))
  }
  return { judged, ballots, idsOf, own }
}

const cases = <E extends CallFailure>(store: RunStore["Service"], config: RunConfig<E>) => {
  const ownOf = ownIds(config, config.ownAnswers === "exclude-family")
  return Stream.paginate(0, (after) =>
    Effect.map(store.outcomes.judged(after, page), (rows) => {
      const last = rows.at(-1)
      const next = last === undefined || rows.length < page ? Option.none() : Option.some(last.rank)
      return [rows.map((row) => caseOf(row, ownOf)), next] as const
    })
  )
}

/** The ballots without each judge's word on its own answers. */
const withoutOwn = ({ ballots, own }: Case): Ballots => ({
  ...ballots,
  votes: ballots.votes.flatMap((vote) => {
    if (Result.isFailure(vote.outcome)) return [vote]
    const { tiers, unacceptable, unranked } = vote.outcome.success
    const others = (labels: ReadonlyArray<Label>) => labels.filter((label) => !own(vote.judge, label))
    const mine = ballots.labels.filter((label) => own(vote.judge, label) && !unranked.includes(label))
    if (mine.length === 0) return [vote]
    const made = Ballot.make(
      {
        promptId: ballots.promptId,
        task: [message("user", "")],
        options: map(ballots.labels, (label) => ({ label, text: "" }))
      },
      { tiers: tiers.map(others), unacceptable: others(unacceptable), unranked: [...unranked, ...mine] }
    )
    // A judge that spoke of its own answer alone has nothing left to say.
    return Result.isSuccess(made) ? [{ ...vote, outcome: Result.succeed(made.success) }] : []
  })
})

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

const between = (interval: Interval | undefined): Between =>
  interval === undefined || !Number.isFinite(interval.low + interval.high) ? null : [interval.low, interval.high]

const auditOf = (
  votes: Votes.Votes,
  learnt: Learn.Learnt,
  own: SelfPreference.Own,
  lengths: ReadonlyArray<number>,
  seed: Parameters<typeof PositionAudit.audit>[1]
): Judging["judges"] => {
  const rates = FlipRate.rates(votes)
  const positions = PositionAudit.audit(votes, seed)
  const selves = SelfPreference.audit(votes, own, seed)
  const longer = LengthAudit.audit(votes, lengths, seed)
  return votes.judges.map((id, j) => ({
    id,
    weight: learnt.weights.get(id) ?? 1,
    removed: learnt.removed.includes(id),
    ownOffset: learnt.offsets.get(id) ?? 0,
    instability: (rates[j]?.pairs ?? 0) === 0 ? null : finite(rates[j]?.instability ?? Number.NaN),
    pairsTwice: rates[j]?.pairs ?? 0,
    first: finite(positions[j]?.first.value ?? Number.NaN),
    ownExcess: finite(selves[j]?.excess.value ?? Number.NaN),
    longer: finite(longer[j]?.longer.value ?? Number.NaN),
    intervals: {
      first: between(positions[j]?.first),
      ownExcess: between(selves[j]?.excess),
      longer: between(longer[j]?.longer)
    }
  }))
}

/** Learns, counts again where that changes anything, and keeps the rows that changed. */
export const settle = Effect.fnUntraced(function* <E extends CallFailure>(
  store: RunStore["Service"],
  config: RunConfig<E>
) {
  const { aggregate } = yield* Aggregator
  const policy = config.ownAnswers ?? "offset"
  const sheets: Array<Votes.Sheet> = []
  const owns: Array<Case["own"]> = []
  const lengths: Array<number> = []
  yield* Stream.runForEach(cases(store, config), (one) =>
    Effect.sync(() => {
      if (one.ballots.labels.length < 2) return
      sheets.push(sheetOf(one.ballots))
      owns.push(one.own)
      const long = DatasetFile.lengthsOf(one.judged.outcome)
      lengths.push(...one.ballots.labels.map((label) => long.get(one.idsOf(label)[0] ?? "") ?? 0))
    })
  )
  const votes = Result.getOrThrow(Votes.make(sheets))
  const own: SelfPreference.Own = (judge, label, group) => owns[group]?.(judge, label as Label) ?? false
  const learnt = Learn.learn(votes, {
    ...(config.weights !== undefined && { weights: config.weights }),
    ...(policy === "offset" && { own })
  })
  const isPlain =
    config.temperature === undefined &&
    learnt.from === "equal" &&
    policy === "offset" &&
    [...learnt.offsets.values()].every((by) => by === 0)

  const weightingOf = (one: Case): Weighting => ({
    weight: (judge: JudgeId) => learnt.weights.get(judge) ?? 1,
    ...(policy === "offset" && {
      offset: (judge: JudgeId, label: Label) => (one.own(judge, label) ? (learnt.offsets.get(judge) ?? 0) : 0)
    })
  })
  let changed = 0
  const recount = Effect.fnUntraced(function* (one: Case) {
    const ballots = policy === "offset" ? one.ballots : withoutOwn(one)
    const ranked: Result.Result<Ranking, unknown> = aggregate(ballots, weightingOf(one))
    // Fewer judges than are needed: what the run said stands.
    if (Result.isFailure(ranked)) return
    const { outcome } = one.judged
    const { isOther, row } = DatasetFile.recounted(outcome, ranked.success, one.idsOf, config.temperature)
    if (isOther) changed++
    if (row.json !== outcome.json) yield* store.outcomes.put(one.judged.id, { ...outcome, ...row })
  })
  // What was counted otherwise before is counted plainly now.
  const before = Option.isSome(yield* store.mark("recounted"))
  if (!isPlain || before) {
    yield* store.setMark("recounted", "true")
    yield* store.atomically(
      Stream.runForEach(cases(store, config), (one) => (one.ballots.labels.length < 2 ? Effect.void : recount(one)))
    )
  }
  const judging: Judging = { from: learnt.from, judges: auditOf(votes, learnt, own, lengths, config.seed), changed }
  return judging
})

/** As plain data, for `run.json`. */
export const asJson = (judging: Judging): Schema.Json => ({
  from: judging.from,
  judges: judging.judges.map((judge) => ({ ...judge, intervals: { ...judge.intervals } })),
  changed: judging.changed
})
