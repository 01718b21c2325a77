/** Asks one seat: streamed where somebody listens, checked when it ends, and told whatever becomes of it. */
import { type CallFailure, Failure, Halted } from "@consortium/core/Call"
import { type Candidate, type Eligible, isEligible, type Member } from "@consortium/core/Candidates"
import type { ChatModel, ChatRequest, Sampling } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { Deadline } from "@consortium/core/Deadline"
import { type CandidateId, candidateId } from "@consortium/core/Ids"
import type { Prompt } from "@consortium/core/Prompt"
import { type CallEvent, CallLog, fromEvents, type Receipt } from "@consortium/core/Receipt"
import type { Seed } from "@consortium/core/Seed"
import { type CheckRule, checked } from "@consortium/sampling/CheckRule"
import { requestFor } from "@consortium/sampling/Sampler"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { ConsortiumEvent } from "../ConsortiumEvent.js"
import { valueIn, type Wanted } from "./wanted.js"

/** Who is asked for which of its answers. */
export interface Seat {
  readonly member: Member
  readonly sample: number
}

export const idOf = (prompt: Prompt, { member, sample }: Seat): CandidateId => candidateId(prompt.id, member.id, sample)

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

interface Options<A> {
  readonly prompt: Prompt
  readonly wanted: Wanted<A>
  readonly checks: ReadonlyArray<CheckRule>
  readonly stack: (model: ChatModel) => ChatModel
  readonly seed: Seed
  /** Milliseconds of `Clock` at which nobody has more time. */
  readonly end: number
  readonly hear: ((event: ConsortiumEvent<never>) => void) | undefined
  /** What is offered besides. */
  readonly tools: Pick<ChatRequest, "tools" | "toolChoice">
  /** What the question says of every answer. */
  readonly sampling: Sampling
}

/** The asking of one question: how to ask a seat, and what was heard so far. */
export const asking = Effect.fnUntraced(function* <A>({
  checks,
  end,
  hear,
  prompt,
  sampling,
  seed,
  stack,
  tools,
  wanted
}: Options<A>) {
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const outer = yield* CallLog
  const logs = new Map<CandidateId, Log>()
  const all: Array<Candidate> = []
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
              Effect.sync(() =>
                valueIn(wanted, candidate.outcome.success) === undefined
                  ? { passed: false, note: "the answer is no value of the schema" }
                  : { passed: true }
              )
          }
        ]),
    ...checks
  ]
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
      const said = {
        ...(request ?? requestFor(seed, seat, prompt)),
        ...sampling,
        ...(wanted.schema !== undefined && { responseSchema: wanted.schema }),
        // A fused answer is words.
        ...(request === undefined && tools)
      }
      const outcome: Result.Result<Completion.Completion, CallFailure> = yield* call(said).pipe(
        Effect.result,
        Effect.provideService(CallLog, log.events),
        // Also of who is let go: what was tried and paid for stays told.
        Effect.ensuring(Effect.sync(() => outer?.push(...log.events)))
      )
      if (Result.isFailure(outcome) && outcome.failure instanceof Halted) return yield* outcome.failure
      const candidate = yield* checked(
        rules,
        {
          id,
          member: member.id,
          sample: seat.sample,
          outcome: Result.mapError(outcome, Failure.from),
          checks: [],
          receipt: receiptOf(id)
        },
        prompt
      )
      all.push(candidate)
      const state = isEligible(candidate) ? "answered" : Result.isFailure(outcome) ? "failed" : "refused"
      hear?.({ _tag: "MemberEnded", member: member.id, state, millis: now() - log.startedAt })
      return candidate
    }).pipe(Effect.provideService(Deadline, end))

  return { all, ask, receiptOf, rules }
})
