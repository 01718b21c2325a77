/** From a question to its answer: ask, check, judge or count, and say who did what. */
import { make as makeAggregator } from "@consortium/aggregation/Aggregate"
import { seal } from "@consortium/core/Blind"
import type { Halted } from "@consortium/core/Call"
import { Candidates, type Eligible, isEligible, type Member } from "@consortium/core/Candidates"
import type { ChatModel } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { Deadline } from "@consortium/core/Deadline"
import { MemberId } from "@consortium/core/Ids"
import type { Ballots, Judge, Vote } from "@consortium/core/Judge"
import { isNonEmpty, map, type NonEmpty } from "@consortium/core/NonEmpty"
import type { Prompt } from "@consortium/core/Prompt"
import { open, type Verdict } from "@consortium/core/Ranking"
import { type CallEvent, CallLog, fromEvents, record } from "@consortium/core/Receipt"
import { Seed } from "@consortium/core/Seed"
import { surfaceFor } from "@consortium/judge-strategies/Surface"
import { makeBudget } from "@consortium/middleware/Budget"
import type { Lanes } from "@consortium/middleware/Lane"
import { chatStack } from "@consortium/middleware/Stack"
import * as Panel from "@consortium/panel/Panel"
import { requestFor } from "@consortium/sampling/Sampler"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Answer } from "../Answer.js"
import type { Options } from "../Consortium.js"
import { ConsortiumError, type Trouble } from "../ConsortiumError.js"
import type { ConsortiumEvent } from "../ConsortiumEvent.js"
import { asking, idOf, type Seat } from "./asking.js"
import { alone, failureOf, finished, type Outcome, type Parts } from "./finished.js"
import { fusion } from "./fusion.js"
import { gather } from "./gather.js"
import { majority } from "./majority.js"
import { valueIn, type Wanted } from "./wanted.js"

export interface World extends Omit<Options, "judges"> {
  readonly judges: NonEmpty<
    { readonly judge: Judge } | { readonly model: ChatModel; readonly strategy: (model: ChatModel) => Judge }
  >
  readonly lanes: Lanes
}

type Hear = (event: ConsortiumEvent<never>) => void

const defaults = { mode: "best", grace: { partOfElapsed: 0.1 }, stopAt: 0.75, checks: [] } as const

/** A judge whose costs are known also of a verdict that nobody waited for. */
const accounted = (judge: Judge): { readonly judge: Judge; readonly spent: () => number | null } => {
  const events: Array<CallEvent> = []
  return {
    spent: () => fromEvents(events, 0, 0).usd ?? null,
    judge: {
      ...judge,
      judge: (sheet) =>
        Effect.flatMap(CallLog, (outer) => {
          const own: Array<CallEvent> = []
          return judge.judge(sheet).pipe(
            Effect.provideService(CallLog, own),
            Effect.ensuring(
              Effect.sync(() => {
                events.push(...own)
                outer?.push(...own)
              })
            )
          )
        })
    }
  }
}

/** The part of a deadline that belongs to the members, once one of them has answered well. */
const forMembers = 0.7

/** One question. @param hear is told what happens; members are streamed for it */
export const answer = <A>(
  world: World,
  prompt: Prompt,
  wanted: Wanted<A>,
  hear?: Hear
): Effect.Effect<Answer<A>, ConsortiumError> =>
  Effect.gen(function* () {
    const { checks, grace, mode, stopAt } = { ...defaults, ...world }
    const seed = world.seed ?? Seed.make(0)
    const clock = yield* Clock.Clock
    const now = () => clock.currentTimeMillisUnsafe()
    const startedAt = now()
    const allowed = world.deadline === undefined ? Infinity : Duration.toMillis(world.deadline)
    const end = Math.min(startedAt + allowed, yield* Deadline)
    const budget = world.budget === undefined ? undefined : makeBudget(world.budget)
    const stack = chatStack({ ...world.stack, lanes: world.lanes, ...(budget !== undefined && { budget }) })

    const seats: ReadonlyArray<Seat> = world.members.flatMap((member) =>
      Array.from({ length: member.samples }, (_, sample) => ({ member, sample }))
    )
    const votes: Array<Vote> = []
    /** The judges, once they are asked, and for how long. */
    let asked: () => Parts<A>["judges"] = () => []
    const { all, ask, receiptOf, rules } = yield* asking({
      prompt,
      wanted,
      checks,
      stack,
      seed,
      end,
      hear,
      sampling: world.sampling ?? {},
      tools: {
        ...(world.tools !== undefined && { tools: world.tools }),
        ...(world.toolChoice !== undefined && { toolChoice: world.toolChoice })
      }
    })
    const soft = startedAt + (end - startedAt) * forMembers
    const collect = (of: ReadonlyArray<Seat>, enough: number, within: typeof grace) =>
      gather(of, (seat) => ask(seat), {
        enough,
        grace: within,
        soft: mode === "vote" || mode === "first" ? end : soft,
        hard: end
      })
    const eligible = (): ReadonlyArray<Eligible> => {
      const place = new Map(seats.map((seat, index) => [idOf(prompt, seat), index]))
      return all
        .filter(isEligible)
        .sort((a, b) => (place.get(a.id) ?? seats.length) - (place.get(b.id) ?? seats.length))
    }

    const judged = Effect.fnUntraced(function* (): Effect.fn.Return<Outcome, ConsortiumError | Halted> {
      const good = eligible()
      const [only] = good
      if (!isNonEmpty(good) || only === undefined) return yield* nobody("no-answer")
      if (good.length === 1) return alone(only)
      const candidates = yield* Effect.orDie(Effect.fromResult(Candidates.make(prompt, good)))
      const [sheet, key] = seal(candidates, seed, surfaceFor(prompt))
      const aggregator = makeAggregator({ seed })
      const labels = map(sheet.options, ({ label }) => label)
      const heardSoFar = (): Ballots => ({ promptId: prompt.id, labels, votes })
      const ranked = (ballots: Ballots) =>
        Result.map(aggregator.aggregate(ballots, world.weighting), (ranking) => open(key, ranking))
      const memberOf = (verdict: Verdict): Eligible | undefined =>
        good.find((candidate) => candidate.id === verdict.places[0].candidates[0])
      const judges = map(world.judges, (seat) => {
        const { judge, spent } = accounted("judge" in seat ? seat.judge : seat.strategy(stack(seat.model)))
        return { ...judge, spent }
      })
      const began = now()
      asked = () => judges.map(({ id, spent }) => ({ id, millis: now() - began, usd: spent() }))
      const panel = Panel.make({
        judges,
        seed,
        ask: "race",
        stopAt,
        ...(world.weighting !== undefined && { weighting: world.weighting }),
        onVote: (vote) =>
          Effect.sync(() => {
            votes.push(vote)
            if (hear === undefined) return
            hear({ _tag: "JudgeVoted", judge: vote.judge, pass: vote.pass, ok: Result.isSuccess(vote.outcome) })
            const leader = ranked(heardSoFar())
            const member = Result.isSuccess(leader) ? memberOf(leader.success)?.member : undefined
            if (Result.isSuccess(leader) && member !== undefined)
              hear({ _tag: "Leader", member, pBest: leader.success.places[0].pBest })
          })
      })
      // At the deadline, or when the budget is spent, what was heard decides.
      const left = end - now()
      const whole = panel.judge(sheet).pipe(
        Effect.provideService(Deadline, end),
        Effect.catchTag("Halted", () => Effect.sync(heardSoFar))
      )
      const inTime = Number.isFinite(left)
        ? Effect.map(Effect.timeoutOption(whole, Math.max(0, left)), (ballots) =>
            ballots._tag === "Some" ? ballots.value : heardSoFar()
          )
        : whole
      const ballots = yield* inTime
      const verdict = Result.getOrUndefined(ranked(ballots))
      const chosen = verdict === undefined ? undefined : memberOf(verdict)
      // Nobody could judge: an answer that says so is worth more than none.
      if (verdict === undefined || chosen === undefined)
        return { ...alone(only), score: 1 / good.length, pBest: 1 / good.length, ballots }
      const [best] = verdict.places
      if (!best.acceptable) return yield* nobody("unacceptable")
      return {
        chosen,
        by: chosen.member,
        // Answers of one text need no judge.
        judged: verdict.judges > 0,
        score: best.score,
        pBest: best.pBest,
        agreement: { first: verdict.agree, of: verdict.judges },
        ballots,
        verdict
      }
    })

    const troubles = (): ReadonlyArray<Trouble> => [
      ...all.flatMap((candidate) => {
        const why = failureOf(candidate)
        return why === undefined ? [] : [{ id: candidate.member, role: "member" as const, ...why }]
      }),
      ...votes.flatMap(({ judge, outcome }) =>
        Result.isFailure(outcome)
          ? [{ id: judge, role: "judge" as const, what: outcome.failure.tag, message: outcome.failure.message }]
          : []
      )
    ]
    const nobody = (why: ConsortiumError["why"]): ConsortiumError =>
      new ConsortiumError({
        why: why === "no-answer" && all.length < seats.length && now() >= end ? "deadline" : why,
        troubles: troubles(),
        isRetryable: all.some(({ outcome }) => Result.isFailure(outcome) && outcome.failure.isRetryable)
      })

    const counted = (): Effect.Effect<Outcome, ConsortiumError> => {
      const good = eligible()
      if (!isNonEmpty(good)) return Effect.fail(nobody("no-answer"))
      return Effect.succeed(majority(good, wanted, world.extract))
    }

    const fused = Effect.fnUntraced(function* () {
      const good = eligible()
      if (!isNonEmpty(good) || good.length < 2 || now() >= soft) return
      const model = world.fuser ?? world.members[0].model
      const member: Member = { id: MemberId.make("fused"), model, samples: 1 }
      const seat = { member, sample: 0 }
      yield* Effect.ignore(ask(seat, { ...requestFor(seed, seat, prompt), messages: fusion(prompt, good, seed) }))
    })

    const most = world.enough ?? (seats.length > 2 ? seats.length - 1 : seats.length)
    const outcome = yield* Effect.gen(function* (): Effect.fn.Return<Outcome, ConsortiumError | Halted> {
      switch (mode) {
        case "first": {
          yield* collect(seats, 1, 0)
          const [first] = all.filter(isEligible)
          return first === undefined ? yield* nobody("no-answer") : alone(first)
        }
        case "vote":
          yield* collect(seats, most, grace)
          return yield* counted()
        case "cascade": {
          const cheap = seats.filter(({ member }) => member === world.members[0])
          yield* collect(cheap, cheap.length, grace)
          const [first] = eligible()
          if (first !== undefined) {
            const { accept } = world
            const text = Completion.text(first.outcome.success)
            if (accept === undefined ? rules.length > 0 : yield* accept(text, prompt)) return alone(first)
          }
          const rest = seats.filter((seat) => !cheap.includes(seat))
          if (rest.length > 0) yield* collect(rest, Math.max(1, most - cheap.length), grace)
          return yield* judged()
        }
        default:
          yield* collect(seats, most, grace)
          if (mode === "fuse") yield* fused()
          return yield* judged()
      }
    }).pipe(
      Effect.catchTag("Halted", (halted) => Effect.fail(nobody(halted.why === "deadline" ? "deadline" : "budget")))
    )

    const value = valueIn(wanted, outcome.chosen.outcome.success)
    if (value === undefined) return yield* Effect.die(new Error("a chosen answer lost its value"))
    return {
      outcome,
      value,
      all,
      votes,
      seats: seats.map((seat) => ({ id: idOf(prompt, seat), member: seat.member.id })),
      receiptOf,
      judges: asked(),
      millis: now() - startedAt
    }
  }).pipe(
    (whole) => record(() => whole)(undefined),
    Effect.flatMap(([result, receipt]) =>
      Result.isFailure(result) ? Effect.fail(result.failure) : Effect.succeed(finished(result.success, receipt))
    )
  )
