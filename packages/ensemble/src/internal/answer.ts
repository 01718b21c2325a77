/** From a question to its answer: ask, check, judge or count, and say who did what. */
import { make as makeAggregator } from "@consortium/aggregation/Aggregate"
import { seal } from "@consortium/core/Blind"
import { type CallFailure, Failure, Halted } from "@consortium/core/Call"
import {
  type Candidate,
  Candidates,
  type Eligible,
  isEligible,
  type Member,
  withEmptyCheck
} from "@consortium/core/Candidates"
import type { ChatModel, ChatRequest } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { Deadline } from "@consortium/core/Deadline"
import { type CandidateId, candidateId, MemberId } from "@consortium/core/Ids"
import type { Ballots, Judge, Vote } from "@consortium/core/Judge"
import { isNonEmpty, map, type NonEmpty } from "@consortium/core/NonEmpty"
import type { Prompt } from "@consortium/core/Prompt"
import { open, type Verdict } from "@consortium/core/Ranking"
import { type CallEvent, CallLog, fromEvents, record, type Receipt } from "@consortium/core/Receipt"
import { Seed } from "@consortium/core/Seed"
import { surfaceFor } from "@consortium/judge-strategies/Surface"
import { makeBudget } from "@consortium/middleware/Budget"
import type { Lanes } from "@consortium/middleware/Lane"
import { chatStack } from "@consortium/middleware/Stack"
import * as Panel from "@consortium/panel/Panel"
import type { CheckRule } from "@consortium/sampling/CheckRule"
import { requestFor } from "@consortium/sampling/Sampler"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Answer, Asked } from "../Answer.js"
import type { Options } from "../Consortium.js"
import { ConsortiumError, type Trouble } from "../ConsortiumError.js"
import type { ConsortiumEvent } from "../ConsortiumEvent.js"
import { fusion } from "./fusion.js"
import { gather } from "./gather.js"
import { majority } from "./majority.js"

/** What the answer has to be. */
export interface Wanted<A> {
  readonly name: string
  readonly schema?: NonNullable<ChatRequest["responseSchema"]>
  /** The value in a text; `undefined` where it holds none. */
  readonly decode: (text: string) => A | undefined
}

/** A value of a schema, asked for by its JSON Schema and read from the text, also out of a fence. */
export const wantedOf = <A>(schema: Schema.Codec<A, unknown>): Wanted<A> => {
  const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.toCodecJson(schema)))
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema)
  const inside = (text: string): string => /```(?:json)?\s*\n([\s\S]*?)\n```/.exec(text)?.[1] ?? text
  return {
    name: "schema",
    schema: {
      name: "answer",
      schema: JSON.parse(
        JSON.stringify({ ...root, ...(Object.keys(definitions).length > 0 && { $defs: definitions }) })
      )
    },
    decode: (text) => Result.getOrUndefined(decode(inside(text)))
  }
}

export interface World extends Omit<Options, "judges"> {
  readonly judges: NonEmpty<
    { readonly judge: Judge } | { readonly model: ChatModel; readonly strategy: (model: ChatModel) => Judge }
  >
  readonly lanes: Lanes
}

type Hear = (event: ConsortiumEvent<never>) => void

const defaults = { mode: "best", grace: { partOfElapsed: 0.1 }, stopAt: 0.75, checks: [] } as const

/** The part of a deadline that belongs to the members, once one of them has answered well. */
const forMembers = 0.7

interface Seat {
  readonly member: Member
  readonly sample: number
}

const idOf = (prompt: Prompt, { member, sample }: Seat): CandidateId => candidateId(prompt.id, member.id, sample)

/** Of what was asked and may be interrupted at any time: what it has told so far. */
interface Log {
  readonly startedAt: number
  readonly events: Array<CallEvent>
}

/** A streamed call that ends as a whole one, and says its first words on the way. */
const told =
  (model: ChatModel, onText: (delta: string) => void) =>
  (request: ChatRequest): Effect.Effect<Completion.Completion, CallFailure> =>
    Effect.flatMap(
      Stream.runFold(
        model.stream(request),
        (): Completion.Completion | undefined => undefined,
        (done, part) => {
          if (part._tag === "Text" && part.delta !== "") onText(part.delta)
          return part._tag === "Done" ? part.completion : done
        }
      ),
      (done) =>
        done === undefined ? Effect.die(new Error(`${model.ref}: a stream without an end`)) : Effect.succeed(done)
    )

const usdOf = ({ attempts, usd }: Receipt): number | null => (attempts === 0 ? 0 : (usd ?? null))

const failureOf = (candidate: Candidate): { readonly what: string; readonly message: string } | undefined => {
  if (Result.isFailure(candidate.outcome)) {
    const { message, reason, tag } = candidate.outcome.failure
    return { what: reason ?? tag, message }
  }
  const check = candidate.checks.find(({ passed }) => !passed)
  return check === undefined ? undefined : { what: check.by, message: check.note ?? `did not pass ${check.by}` }
}

/** What came of one mode: who wins, and why. */
interface Outcome {
  readonly chosen: Eligible
  readonly by: MemberId
  readonly judged: boolean
  readonly score: number
  readonly pBest: number
  readonly agreement: Answer["agreement"]
  readonly ballots?: Ballots
  readonly verdict?: Verdict
}

const alone = (chosen: Eligible): Outcome => ({
  chosen,
  by: chosen.member,
  judged: false,
  score: 1,
  pBest: 1,
  agreement: { first: 0, of: 0 }
})

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
    const logs = new Map<CandidateId, Log>()
    const all: Array<Candidate> = []
    const votes: Array<Vote> = []
    const receiptOf = (id: CandidateId): Receipt => {
      const log = logs.get(id) ?? { startedAt: now(), events: [] }
      return fromEvents(log.events, log.startedAt, now())
    }

    const rules: ReadonlyArray<CheckRule> = [
      ...(wanted.schema === undefined
        ? []
        : [
            {
              by: wanted.name,
              check: (candidate: Eligible) =>
                Effect.sync(() => ({
                  passed: wanted.decode(Completion.text(candidate.outcome.success)) !== undefined,
                  note: "the answer is no value of the schema"
                }))
            }
          ]),
      ...checks
    ]
    const checked = Effect.fnUntraced(function* (candidate: Candidate) {
      const known = withEmptyCheck(candidate)
      if (!isEligible(known)) return known
      const said = yield* Effect.forEach(rules, (rule) =>
        Effect.map(rule.check(known, prompt), ({ note, passed }) => ({
          by: rule.by,
          passed,
          ...(note !== undefined && !passed && { note })
        }))
      )
      return { ...known, checks: [...known.checks, ...said] }
    })

    /** One seat's answer, whatever becomes of it. */
    const ask = (seat: Seat, request?: ChatRequest): Effect.Effect<Candidate, Halted> =>
      Effect.gen(function* () {
        const { member } = seat
        const id = idOf(prompt, seat)
        const log: Log = { startedAt: now(), events: [] }
        logs.set(id, log)
        hear?.({ _tag: "MemberStarted", member: member.id })
        let silent = true
        const model = stack(member.model)
        const call =
          hear === undefined
            ? model.complete
            : told(model, (delta) => {
                if (silent) hear({ _tag: "FirstToken", member: member.id, millis: now() - log.startedAt })
                silent = false
                hear({ _tag: "Provisional", member: member.id, delta })
              })
        const asked = {
          ...(request ?? requestFor(seed, seat, prompt)),
          ...(wanted.schema !== undefined && { responseSchema: wanted.schema })
        }
        const outcome: Result.Result<Completion.Completion, CallFailure> = yield* call(asked).pipe(
          Effect.result,
          Effect.provideService(CallLog, log.events)
        )
        if (Result.isFailure(outcome) && outcome.failure instanceof Halted) return yield* outcome.failure
        const candidate = yield* checked({
          id,
          member: member.id,
          sample: seat.sample,
          outcome: Result.mapError(outcome, Failure.from),
          checks: [],
          receipt: receiptOf(id)
        })
        all.push(candidate)
        const state = isEligible(candidate) ? "answered" : Result.isFailure(outcome) ? "failed" : "refused"
        hear?.({ _tag: "MemberEnded", member: member.id, state, millis: now() - log.startedAt })
        return candidate
      }).pipe(Effect.provideService(Deadline, end))

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
      const panel = Panel.make({
        judges: map(world.judges, (seat) => ("judge" in seat ? seat.judge : seat.strategy(stack(seat.model)))),
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
        judged: true,
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

    const value = wanted.decode(Completion.text(outcome.chosen.outcome.success))
    if (value === undefined) return yield* Effect.die(new Error("a chosen answer lost its value"))
    return { outcome, value, all, votes, seats, receiptOf, millis: now() - startedAt }
  }).pipe(
    (whole) => record(() => whole)(undefined),
    Effect.flatMap(([result, receipt]) =>
      Result.isFailure(result) ? Effect.fail(result.failure) : Effect.succeed(finished(prompt, result.success, receipt))
    )
  )

interface Parts<A> {
  readonly outcome: Outcome
  readonly value: A
  readonly all: ReadonlyArray<Candidate>
  readonly votes: ReadonlyArray<Vote>
  readonly seats: ReadonlyArray<Seat>
  readonly receiptOf: (id: CandidateId) => Receipt
  readonly millis: number
}

const finished = <A>(prompt: Prompt, parts: Parts<A>, whole: Receipt): Answer<A> => {
  const { all, millis, outcome, receiptOf, seats, value, votes } = parts
  const place = new Map(seats.map((seat, index) => [idOf(prompt, seat), index]))
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
    .filter((seat) => !ended.has(idOf(prompt, seat)) && receiptOf(idOf(prompt, seat)).millis > 0)
    .map((seat): Asked => {
      const receipt = receiptOf(idOf(prompt, seat))
      return { id: seat.member.id, role: "member", state: "late", millis: receipt.millis, usd: receipt.usd ?? null }
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
  const asked = [...members, ...late, ...judges]
  const isPriced = asked.every(({ state, usd }) => usd !== null || state === "late" || state === "failed")
  const { agreement, ballots, by, chosen, judged, pBest, score, verdict } = outcome
  return {
    value,
    text: Completion.text(chosen.outcome.success),
    completion: chosen.outcome.success,
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
