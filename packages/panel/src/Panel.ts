/**
 * Which judge sees what, when to stop and what to ask next: a pass over all judges, a second one in reverse order where
 * they are not sure, and a duel of the best two in both orders where they still are not.
 */
import { make as makeAggregator, stopConfidence } from "@consortium/aggregation/Aggregate"
import { type Calibration, scale } from "@consortium/aggregation/Calibration"
import type { Ballot } from "@consortium/core/Ballot"
import { arrange, type Sheet } from "@consortium/core/Blind"
import { type CallFailure, Failure, Halted } from "@consortium/core/Call"
import type { Label } from "@consortium/core/Ids"
import { type Ballots, type Judge, Panel, type Vote } from "@consortium/core/Judge"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import type { Weighting } from "@consortium/core/Ranking"
import { record } from "@consortium/core/Receipt"
import type { Seed } from "@consortium/core/Seed"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import { finalists, groupsOf } from "./internal/groups.js"

export interface Options {
  /** Each with its own id; their order decides what each of them sees. */
  readonly judges: NonEmpty<Judge>
  /** Letters and orders are drawn from it. */
  readonly seed: Seed
  /** How often each judge may be asked; every second time in reverse order. @default 2 */
  readonly maxPasses?: number
  /** Whether the heaviest judge compares the best two, in both orders, where all passes left them open. @default true */
  readonly playOff?: boolean
  /** The certainty of the best candidate, 0 to 1, that ends the asking; above 1 none does. @default 0.75, or 0.85 with a calibration */
  readonly stopAt?: number
  /** Makes a probability of the certainty; learnt from labels. @default none */
  readonly calibration?: Pick<Calibration, "temperature">
  /** The judges' weights and offsets, for that certainty. @default all judges alike */
  readonly weighting?: Weighting
  /**
   * `together` asks all judges of a pass at once; `one-by-one` asks the heaviest first and stops between two of them
   * too: fewer verdicts, longer waits. `race` asks all at once and lets the slower ones go when the others make it
   * certain: the shortest wait, and an outcome that depends on who is quick. @default "together"
   */
  readonly ask?: "together" | "one-by-one" | "race"
  /** Verdicts on one sheet, at most; a pass that does not fit is not begun. @default two for each judge and two more */
  readonly maxVerdicts?: number
  /** More candidates than this are judged in groups of `size`, whose best two meet in a final. @default { above: 6, size: 5 } */
  readonly groups?: { readonly above: number; readonly size: number }
  /** Hears of each vote as soon as it is cast, also of an absent judge. */
  readonly onVote?: (vote: Vote, sheet: Sheet) => Effect.Effect<void>
}

const defaults = {
  maxPasses: 2,
  playOff: true,
  stopAt: 0.75,
  calibratedStopAt: 0.85,
  ask: "together",
  groups: { above: 6, size: 5 }
} as const

const withOwnIds = (judges: NonEmpty<Judge>): NonEmpty<Judge> => {
  const ids = new Set(judges.map((judge) => judge.id))
  if (ids.size < judges.length)
    throw new Error("two judges with one id: give each its own, or one would count as a pass of the other")
  return judges
}

interface Seated {
  readonly judge: Judge
  /** Its place among the judges, which decides what it sees. */
  readonly index: number
}

/** The heaviest first; equal ones in the order of the judges. A judge without weight is not heard, so it is not asked. */
const byWeight = (judges: NonEmpty<Judge>, weighting: Weighting | undefined): ReadonlyArray<Seated> => {
  const weight = (judge: Judge) => weighting?.weight?.(judge.id) ?? 1
  return judges
    .map((judge, index) => ({ judge, index }))
    .filter(({ judge }) => weight(judge) > 0)
    .sort((a, b) => weight(b.judge) - weight(a.judge))
}

/** All at once; a halt cuts off nobody, since what is in flight is paid for. */
const together = <A, B>(items: ReadonlyArray<A>, f: (item: A) => Effect.Effect<B, Halted>) =>
  Effect.flatMap(
    Effect.forEach(items, (item) => Effect.result(f(item)), { concurrency: "unbounded" }),
    (all): Effect.Effect<Array<B>, Halted> => Effect.fromResult(Result.all(all))
  )

/** All at once, each heard as soon as it ends, until one makes an end of it; the others are interrupted then. */
const raced = <A, B>(items: ReadonlyArray<A>, f: (item: A) => Effect.Effect<B, Halted>, isEnd: (heard: B) => boolean) =>
  Effect.scopedWith(
    Effect.fnUntraced(function* (scope): Effect.fn.Return<boolean, Halted> {
      const ends = yield* Queue.unbounded<Result.Result<B, Halted>>()
      yield* Effect.forEach(items, (item) =>
        Effect.result(f(item)).pipe(
          Effect.flatMap((end) => Queue.offer(ends, end)),
          Effect.forkIn(scope, { startImmediately: true })
        )
      )
      for (let heard = 0; heard < items.length; heard++) {
        if (isEnd(yield* Effect.flatMap(Queue.take(ends), Effect.fromResult))) return true
      }
      return false
    })
  )

/** The service. Two judges with one id are a defect. */
export const make = (options: Options): Panel["Service"] => {
  const { seed, maxPasses, playOff, ask: manner, groups, weighting, calibration, onVote } = { ...defaults, ...options }
  const judges = withOwnIds(options.judges)
  const seated = byWeight(judges, weighting)
  const stopAt = options.stopAt ?? (calibration === undefined ? defaults.stopAt : defaults.calibratedStopAt)
  const aggregator = makeAggregator({ seed })

  const vote = Effect.fnUntraced(function* (
    sheet: Sheet,
    { index, judge }: Seated,
    pass: number,
    only?: ReadonlyArray<Label>
  ): Effect.fn.Return<Vote, Halted> {
    const shown = arrange(sheet, seed, {
      judge: index,
      judges: judges.length,
      pass,
      ...(only !== undefined && { only })
    })
    const [answer, receipt] = yield* record(judge.judge)(shown.sheet)
    const outcome: Result.Result<Ballot, CallFailure> = Result.flatMap(answer, (ballot) =>
      ballot.restore(sheet, shown.restore)
    )
    if (Result.isFailure(outcome) && outcome.failure instanceof Halted) return yield* outcome.failure
    const cast: Vote = {
      judge: judge.id,
      pass,
      order: shown.order,
      outcome: Result.mapError(outcome, Failure.from),
      receipt
    }
    if (onVote !== undefined) yield* onVote(cast, sheet)
    return cast
  })

  /** One judge's pass: the whole sheet, or its groups and then their final. */
  const pass = Effect.fnUntraced(function* (
    sheet: Sheet,
    seat: Seated,
    turn: number
  ): Effect.fn.Return<ReadonlyArray<Vote>, Halted> {
    if (sheet.options.length <= groups.above) return [yield* vote(sheet, seat, turn)]
    const { order } = arrange(sheet, seed, { judge: seat.index, judges: judges.length, pass: turn })
    const heats = yield* together(groupsOf(order, groups.size), (group) => vote(sheet, seat, turn, group))
    const best = heats.flatMap(finalists)
    return best.length < 2 ? heats : [...heats, yield* vote(sheet, seat, turn, best)]
  })

  /** What one judge's pass takes of the cap. */
  const verdicts = (n: number) => (n <= groups.above ? 1 : Math.ceil(n / groups.size) + 1)

  const isSure = (ballots: Ballots): boolean => {
    const certainty = stopConfidence(ballots, { seed, ...(weighting !== undefined && { weighting }) })
    return (calibration === undefined ? certainty : scale(certainty, calibration)) >= stopAt
  }

  /** The best two so far, where at least two were ranked. */
  const leaders = (ballots: Ballots): readonly [Label, Label] | undefined => {
    const ranked = aggregator.aggregate(ballots, weighting)
    if (Result.isFailure(ranked)) return undefined
    const [first, second] = ranked.success.places
    return second === undefined ? undefined : [first.label, second.label]
  }

  return {
    judge: Effect.fnUntraced(function* (sheet: Sheet): Effect.fn.Return<Ballots, Halted> {
      const labels = map(sheet.options, (option) => option.label)
      let ballots: Ballots = { promptId: sheet.promptId, labels, votes: [] }
      const [heaviest] = seated
      // One candidate wins without a fight.
      if (labels.length === 1 || heaviest === undefined) return ballots
      const each = verdicts(labels.length)
      const most = options.maxVerdicts ?? 2 * each * seated.length + 2
      const fits = (more: number) => ballots.votes.length + more <= most
      const add = (votes: ReadonlyArray<Vote>) => {
        ballots = { ...ballots, votes: [...ballots.votes, ...votes] }
        return isSure(ballots)
      }

      for (let turn = 0; turn < maxPasses; turn++) {
        if (manner === "one-by-one") {
          for (const seat of seated) if (fits(each) && add(yield* pass(sheet, seat, turn))) return ballots
          continue
        }
        if (!fits(each * seated.length)) break
        if (manner === "race") {
          if (yield* raced(seated, (seat) => pass(sheet, seat, turn), add)) return ballots
          continue
        }
        // In the judges' order, whoever answered first.
        const inOrder = [...seated].sort((a, b) => a.index - b.index)
        const heard = yield* together(inOrder, (seat) => pass(sheet, seat, turn))
        if (add(heard.flat())) return ballots
      }

      const two = playOff && labels.length > 2 && fits(2) ? leaders(ballots) : undefined
      if (two === undefined) return ballots
      // An even pass and the odd one after it mirror each other.
      const turn = maxPasses + (maxPasses % 2)
      add(yield* together([turn, turn + 1], (at) => vote(sheet, heaviest, at, two)))
      return ballots
    })
  }
}

/** Stage 5 as a layer. */
export const layer = (options: Options): Layer.Layer<Panel> => Layer.sync(Panel, () => make(options))
