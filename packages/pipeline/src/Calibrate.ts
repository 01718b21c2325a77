/**
 * What a person's picks say of a run's judges: weights by stacking, and temperatures that make probabilities of
 * certainties. No call is made. Accuracies and temperatures are of prompts that the weights were not fitted on.
 */
import { make as makeAggregator, stopConfidence } from "@consortium/aggregation/Aggregate"
import * as Calibration from "@consortium/aggregation/Calibration"
import * as FlipRate from "@consortium/aggregation/FlipRate"
import * as Stacking from "@consortium/aggregation/Stacking"
import * as Votes from "@consortium/aggregation/Votes"
import * as Weights from "@consortium/aggregation/Weights"
import type { Label } from "@consortium/core/Ids"
import type { Ballots } from "@consortium/core/Judge"
import type { Weighting } from "@consortium/core/Ranking"
import { hash, Seed } from "@consortium/core/Seed"
import { RunStore } from "@consortium/store/RunStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as keptBallots from "./internal/keptBallots.js"
import { sheetOf } from "./internal/sheets.js"

/** What somebody found best for a prompt: a candidate's id, or a member's. */
export const Pick = Schema.Struct({ id: Schema.String, pick: Schema.String })
export type Pick = typeof Pick.Type

/** A file of what was learnt; runs start with it. */
export const Calibrated = Schema.Struct({
  schema: Schema.Literal("consortium.calibration/1"),
  /** Prompts that were picked for and that judges had ranked. */
  labels: Schema.Int,
  /** By judge; their mean is 1. */
  weights: Schema.Record(Schema.String, Schema.Finite),
  /** What `pBest` is divided by as log odds; null where there were fewer than 40 labels. */
  temperature: Schema.NullOr(Schema.Finite),
  /** The same for the certainty that ends the asking. */
  stopTemperature: Schema.NullOr(Schema.Finite),
  /** The share of prompts whose best answer is the picked one: with equal weights, and with weights fitted on the others. */
  accuracy: Schema.Struct({ equal: Schema.Finite, fitted: Schema.Finite }),
  /** Expected calibration error of `pBest` before and after, 0 to 1; null without a temperature. */
  error: Schema.NullOr(Schema.Struct({ before: Schema.Finite, after: Schema.Finite }))
})
export type Calibrated = typeof Calibrated.Type

/** The picks can't be learnt from. */
export class CalibrationError extends Schema.TaggedError<CalibrationError>()("CalibrationError", {
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return this.detail
  }
}

/** Fewer teach less than equal weights know (docs/aggregation.md). */
export const fewest = 20
const folds = 5
const page = 256

interface Labelled {
  readonly ballots: Ballots
  readonly sheet: Votes.Sheet
  readonly right: Label
  readonly fold: number
}

const labelOf = (
  pick: string,
  ballots: Ballots,
  idsOf: (label: Label) => ReadonlyArray<string>
): Label | ReadonlyArray<string> => {
  const ids = ballots.labels.flatMap((label) => idsOf(label).map((id) => ({ id, label })))
  const exact = ids.find(({ id }) => id === pick)
  if (exact !== undefined) return exact.label
  // `prompt/member/sample`
  const ofMember = new Set(ids.filter(({ id }) => id.includes(`/${pick}/`)).map(({ label }) => label))
  const [one] = ofMember
  return ofMember.size === 1 && one !== undefined ? one : ids.map(({ id }) => id)
}

const weightsOf = (cases: ReadonlyArray<Labelled>): Weights.Weights => {
  const votes = Result.getOrThrow(Votes.make(cases.map(({ sheet }) => sheet)))
  const prior = Weights.scaled(FlipRate.weights(votes), 1.5)
  const fitted = Stacking.weights(votes, { prior })
  const sum = [...fitted.values()].reduce((all, one) => all + one, 0)
  return sum > 0 ? Weights.scaled(fitted, votes.judges.length) : Weights.equal(votes.judges)
}

const seed = Seed.make(0)
const { aggregate } = makeAggregator({ seed })

/** Whether the best is the picked one, and how sure that is. */
const tried = ({ ballots, right }: Labelled, weights?: Weights.Weights) => {
  const weighting: Weighting | undefined =
    weights === undefined ? undefined : { weight: (judge) => weights.get(judge) ?? 0 }
  const ranked = aggregate(ballots, weighting)
  if (Result.isFailure(ranked)) return { right: 0, pBest: 0.5, sure: 0.5 }
  const [best] = ranked.success.places
  return {
    right: best.label === right ? 1 : 0,
    pBest: best.pBest,
    sure: stopConfidence(ballots, { seed, ...(weighting !== undefined && { weighting }) })
  }
}

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** Learns from labelled prompts; the temperatures need 40 of them. */
const learn = (cases: ReadonlyArray<Labelled>): Calibrated => {
  const held = Array.from({ length: folds }, (_, fold) => {
    const weights = weightsOf(cases.filter((one) => one.fold !== fold))
    return cases.filter((one) => one.fold === fold).map((one) => tried(one, weights))
  }).flat()
  const outcomes = (of: "pBest" | "sure") => held.map((one) => ({ certainty: one[of], right: one.right }))
  const temperature = Calibration.fit(outcomes("pBest"))
  const stop = Calibration.fit(outcomes("sure"))
  const scaled = Result.map(temperature, (by) =>
    outcomes("pBest").map(({ certainty, right }) => ({ certainty: Calibration.scale(certainty, by), right }))
  )
  return {
    schema: "consortium.calibration/1",
    labels: cases.length,
    weights: Object.fromEntries(weightsOf(cases)),
    temperature: Result.isSuccess(temperature) ? temperature.success.temperature : null,
    stopTemperature: Result.isSuccess(stop) ? stop.success.temperature : null,
    accuracy: { equal: mean(cases.map((one) => tried(one).right)), fitted: mean(held.map(({ right }) => right)) },
    error: Result.isSuccess(scaled)
      ? { before: Calibration.error(outcomes("pBest")), after: Calibration.error(scaled.success) }
      : null
  }
}

/** Learns from picks for prompts of the run in the store. Picks for prompts that nobody judged are left out. */
export const calibrate = Effect.fnUntraced(function* (picks: ReadonlyArray<Pick>) {
  const { outcomes, rows } = yield* RunStore
  const wanted = new Map(picks.map((one) => [one.id, one.pick]))
  const known = new Set((yield* rows.picks).map(({ id }) => String(id)))
  const stranger = [...wanted.keys()].find((id) => !known.has(id))
  if (stranger !== undefined)
    return yield* new CalibrationError({
      detail: `${stranger}: the run has no such prompt; picks name the ids of its dataset.jsonl`
    })
  const cases: Array<Labelled> = []
  const judged = Stream.paginate(0, (after) =>
    Effect.map(outcomes.judged(after, page), (found) => {
      const last = found.at(-1)
      return [found, last === undefined || found.length < page ? Option.none() : Option.some(last.rank)] as const
    })
  )
  yield* Stream.runForEach(
    judged,
    Effect.fnUntraced(function* ({ id, outcome }) {
      const pick = wanted.get(id)
      if (pick === undefined) return
      const { ballots, idsOf } = keptBallots.decode(outcome.ballots, id)
      const right = labelOf(pick, ballots, idsOf)
      if (typeof right !== "string")
        return yield* new CalibrationError({
          detail: `${id}: ${pick} is none of its candidates, or several: pick one of ${right.join(", ")}`
        })
      if (ballots.labels.length < 2) return
      const others = ballots.labels.filter((label) => label !== right)
      const truth = [{ judge: "picks", order: [[right], others] }]
      cases.push({ ballots, right, fold: hash(seed, id) % folds, sheet: { ...sheetOf(ballots), truth } })
    })
  )
  if (cases.length < fewest)
    return yield* new CalibrationError({
      detail: `${cases.length} picks are for prompts that judges ranked, where ${fewest} are needed: pick for more of them`
    })
  return learn(cases)
})
