/** What the types of core say, and what cannot be said in them. */
import { Ballot } from "@consortium/core/Ballot"
import type { Key, Option, Sheet } from "@consortium/core/Blind"
import { attempt, record } from "@consortium/core/Receipt"
import type { Call, CallFailure, Halted, Middleware } from "@consortium/core/Call"
import { Candidates, type Candidate, type Eligible, type QuorumNotMet, type Sampler } from "@consortium/core/Candidates"
import { type ChatModel, type ChatRequest, make, type StreamPart, wrap } from "@consortium/core/ChatModel"
import type { CallKey } from "@consortium/core/CallJournal"
import type { Completion } from "@consortium/core/Completion"
import { type Embedder, embedAll, type Row } from "@consortium/core/Embedder"
import { type EmbeddingError, EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { type CandidateId, Label, PromptId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import type { ModelError } from "@consortium/core/ModelError"
import type { Message, Prompt } from "@consortium/core/Prompt"
import type { Receipt } from "@consortium/core/Receipt"
import { hash, type Seed } from "@consortium/core/Seed"
import type { StopRule } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import { describe, expectTypeOf, it } from "vitest"

declare const model: ChatModel<ModelError>
declare const judge: Judge
declare const sheet: Sheet
declare const key: Key
declare const ballot: Ballot
declare const candidate: Candidate
declare const candidates: Candidates
declare const rows: Stream.Stream<Row, ModelError>
declare const sampler: Sampler["Service"]
declare const limiting: Middleware<Slow>
declare const needing: Middleware<never, Clockwork>
interface Slow extends CallFailure {
  readonly _tag: "Slow"
}
interface Clockwork {
  readonly tick: number
}

describe("calls and middleware", () => {
  it("a middleware adds its own error and requirement, and keeps the call's", () => {
    expectTypeOf(limiting(model.complete)).toEqualTypeOf<Call<ChatRequest, Completion, ModelError | Slow>>()
    expectTypeOf(needing(model.complete)).toEqualTypeOf<Call<ChatRequest, Completion, ModelError, Clockwork>>()
    expectTypeOf(attempt(model.complete)).toEqualTypeOf<Call<ChatRequest, Completion, ModelError>>()
  })

  it("the same value wraps a stage", () => {
    expectTypeOf(limiting(sampler.sample)).toEqualTypeOf<Call<Prompt, Candidates, QuorumNotMet | Halted | Slow>>()
  })

  it("both verbs of a wrapped model show the error", () => {
    const wrapped = wrap(model, limiting)
    expectTypeOf(wrapped).toEqualTypeOf<ChatModel<ModelError | Slow>>()
    expectTypeOf(wrapped.stream).returns.toEqualTypeOf<Stream.Stream<StreamPart, ModelError | Slow>>()
  })

  it("a recorded call cannot fail: its outcome is a value", () => {
    expectTypeOf(record(model.complete)).toEqualTypeOf<
      Call<ChatRequest, readonly [Result.Result<Completion, ModelError>, Receipt]>
    >()
  })

  it("any model stands where a model is asked for", () => {
    expectTypeOf(model).toExtend<ChatModel>()
    expectTypeOf<ChatModel<never>>().toExtend<ChatModel>()
  })

  it("refuses an error that can't say whether it is worth repeating", () => {
    // @ts-expect-error a string is no CallFailure
    limiting((_: string) => Effect.fail("plain string"))
    // @ts-expect-error nor is an error without the word
    make({ ref: "x", complete: () => Effect.fail(new Error("no")) })
  })
})

describe("blindness", () => {
  it("a judge sees labels and texts only", () => {
    expectTypeOf<keyof Sheet>().toEqualTypeOf<"promptId" | "task" | "options">()
    expectTypeOf<keyof Option>().toEqualTypeOf<"label" | "text">()
    expectTypeOf(judge.judge).parameter(0).toEqualTypeOf<Sheet>()
    // @ts-expect-error candidates are no sheet
    judge.judge(candidates)
    // @ts-expect-error there is no field for a model's name
    judge.judge({ ...sheet, options: [{ label: Label.make("A"), text: "x", model: "m" }] })
  })

  it("a key has nothing to read", () => {
    expectTypeOf<keyof Key>().toEqualTypeOf<never>()
    // @ts-expect-error its map is private
    key.candidates
  })
})

describe("values that only their makers make", () => {
  it("ballots", () => {
    // @ts-expect-error a private constructor
    new Ballot(sheet.promptId, [], {})
    // @ts-expect-error a spread is no ballot
    const edited: Ballot = { ...ballot, tiers: [[Label.make("B")]] }
    // @ts-expect-error a plain string is no label
    Ballot.make(sheet, { tiers: [["A"]] })
    // @ts-expect-error missing, unknown and repeated labels must be handled first
    Ballot.make(sheet, { tiers: [] }).success
    expectTypeOf(edited).toEqualTypeOf<Ballot>()
    expectTypeOf(ballot.tiers).toEqualTypeOf<ReadonlyArray<readonly [Label, ...ReadonlyArray<Label>]>>()
  })

  it("candidates", () => {
    // @ts-expect-error a spread is no Candidates
    const more: Candidates = { ...candidates, quorum: 0 }
    expectTypeOf(more).toEqualTypeOf<Candidates>()
    expectTypeOf(candidates.eligible[0]).toEqualTypeOf<Eligible>()
    expectTypeOf(candidates.eligible[0].outcome.success).toEqualTypeOf<Completion>()
    // @ts-expect-error there is at least one candidate
    Candidates.make(candidates.prompt, [])
  })

  it("matrices", () => {
    // @ts-expect-error a private constructor
    new EmbeddingMatrix({ model: "a", dimension: 1 }, [], new Float32Array())
    const row = () => new Float32Array()
    const append = (other: EmbeddingMatrix) => Result.succeed(other)
    // @ts-expect-error a literal is no matrix
    const forged: EmbeddingMatrix = { space: { model: "a", dimension: 1 }, ids: [], data: row(), rows: 0, row, append }
    expectTypeOf(forged).toEqualTypeOf<EmbeddingMatrix>()
  })
})

describe("outcomes and ids", () => {
  it("a failed sample must be looked at", () => {
    // @ts-expect-error it may be a failure
    candidate.outcome.success.text
    if (Result.isFailure(candidate.outcome))
      expectTypeOf(candidate.outcome.failure.isRetryable).toEqualTypeOf<boolean>()
  })

  it("one kind of id never stands where another is meant", () => {
    expectTypeOf(sheet.promptId).not.toExtend<CandidateId>()
    expectTypeOf<string>().not.toExtend<PromptId>()
    expectTypeOf<string>().not.toExtend<CallKey>()
    expectTypeOf<number>().not.toExtend<Seed>()
    // @ts-expect-error a plain number is no seed
    hash(7, "word")
  })

  it("embedding answers a matrix or says why not, with the embedder's own error kept", () => {
    const embedder: Embedder<Slow> = { ref: "x", maxBatch: 1, embed: () => Effect.never }
    const made = embedAll(embedder, rows, 1)
    expectTypeOf<Effect.Error<typeof made>>().toEqualTypeOf<Slow | ModelError | EmbeddingError>()
  })
})

describe("plain data", () => {
  it("a selection ends for a reason", () => {
    expectTypeOf<{ readonly targetSize: number }>().toExtend<StopRule>()
    expectTypeOf<{ readonly tripwire: number; readonly targetSize: number }>().toExtend<StopRule>()
    expectTypeOf<{}>().not.toExtend<StopRule>()
    expectTypeOf<{ readonly targetSize: undefined }>().not.toExtend<StopRule>()
  })

  it("a message has a part, and only parts of its role", () => {
    expectTypeOf<{ readonly role: "user"; readonly parts: readonly [] }>().not.toExtend<Message>()
    // @ts-expect-error the system shows no pictures
    const pictured: Message = { role: "system", parts: [{ _tag: "Image", source: { _tag: "Url", url: "x" } }] }
    // @ts-expect-error a request has at least one message
    const silent: ChatRequest = { messages: [] }
    expectTypeOf([pictured, silent]).not.toBeAny()
  })
})
