/**
 * Ranks answers that are there already: the same checks, judges, budget, store and files as a run, without a selection
 * and without members. Rows of the input have their answers in `candidates`.
 */
import { type Candidate, Candidates, Sampler } from "@consortium/core/Candidates"
import type { CallFailure } from "@consortium/core/Call"
import * as ChatModel from "@consortium/core/ChatModel"
import type { Embedder } from "@consortium/core/Embedder"
import { candidateId, MemberId } from "@consortium/core/Ids"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import type { Prompt } from "@consortium/core/Prompt"
import { type PromptSource, SourceError, type SourceRow } from "@consortium/core/PromptSource"
import { fromEvents } from "@consortium/core/Receipt"
import { type Selection, Selector } from "@consortium/core/Selection"
import { type CheckRule, checked } from "@consortium/sampling/CheckRule"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { unreadRef } from "./internal/unread.js"
import type { RunConfig } from "./RunConfig.js"

/** What a row has in `candidates`: texts, or texts with the model that gave them. A dataset of ours has this shape too. */
const Given = Schema.Struct({
  candidates: Schema.Array(
    Schema.Union([
      Schema.String,
      Schema.Struct({
        text: Schema.optionalKey(Schema.String),
        completion: Schema.optionalKey(Schema.String),
        content: Schema.optionalKey(Schema.String),
        model: Schema.optionalKey(Schema.String)
      })
    ])
  )
})
const decodeGiven = Schema.decodeUnknownResult(Given)

/** An answer as it was given. */
interface Answer {
  readonly text: string
  readonly model: string
}

const answersOf = (prompt: Prompt): Result.Result<ReadonlyArray<Answer>, string> =>
  Result.mapBoth(decodeGiven(prompt.carried ?? {}), {
    onSuccess: ({ candidates }) =>
      candidates.flatMap((one) => {
        if (typeof one === "string") return [{ text: one, model: "given" }]
        const text = one.text ?? one.completion ?? one.content
        return text === undefined ? [] : [{ text, model: one.model ?? "given" }]
      }),
    onFailure: () => 'give the answers as a list: "candidates": ["…", { "text": "…", "model": "…" }]'
  })

/** The texts of a prompt's answers; none where it has none. */
export const textsOf = (prompt: Prompt): ReadonlyArray<string> =>
  Result.match(answersOf(prompt), { onSuccess: (all) => all.map(({ text }) => text), onFailure: () => [] })

const checkedRow = (file: string, row: SourceRow): SourceRow => {
  if (row._tag !== "Prompt") return row
  const answers = answersOf(row.prompt)
  const reason = Result.isFailure(answers)
    ? answers.failure
    : answers.success.length === 0
      ? "there is no answer to rank"
      : undefined
  if (reason === undefined) return row
  const error = new SourceError({ file, line: row.number, field: "candidates", reason })
  return { _tag: "Invalid", number: row.number, error }
}

/** The source, whose rows without answers are invalid. */
const withAnswers = (source: PromptSource["Service"]): PromptSource["Service"] => ({
  ...source,
  stream: Stream.map(source.stream, (row) => checkedRow(source.name, row))
})

const member = MemberId.make("given")

const nobody = ChatModel.make({
  ref: "given/candidates",
  complete: () => Effect.die(new Error("answers that are given are not asked for"))
})

/** The carried fields without the answers, which stand in the row's own candidates. */
const bare = (prompt: Prompt): Prompt => {
  const { candidates: _, ...carried } = prompt.carried ?? {}
  const { carried: __, ...rest } = prompt
  return Object.keys(carried).length === 0 ? rest : { ...rest, carried }
}

const sampler = (checks: ReadonlyArray<CheckRule>, quorum: number | undefined): Sampler["Service"] => ({
  sample: Effect.fnUntraced(function* (prompt: Prompt) {
    const plain = bare(prompt)
    const answers = Result.getOrElse(answersOf(prompt), () => [])
    const all = yield* Effect.forEach(answers, ({ model, text }, sample) => {
      const given: Candidate = {
        id: candidateId(prompt.id, member, sample),
        member,
        sample,
        outcome: Result.succeed({
          parts: [{ _tag: "Text", text }],
          finish: { kind: "unknown", raw: null },
          usage: {},
          model
        }),
        checks: [],
        receipt: fromEvents([], 0, 0)
      }
      return checked(checks, given, plain)
    })
    if (!isNonEmpty(all)) return yield* Effect.die(new Error("a row without answers went on"))
    return yield* Effect.fromResult(Candidates.make(plain, all, quorum))
  })
})

/** Every row, in the order of the input. */
const everyRow: Selector["Service"] = {
  select: ({ matrix }) => {
    const selection: Selection = {
      matrix,
      picks: Uint32Array.from({ length: matrix.rows }, (_, row) => row),
      cosines: new Float64Array(matrix.rows).fill(-2),
      stopped: "exhausted"
    }
    return Effect.succeed(selection)
  },
  stream: ({ matrix }) => Stream.fromIterable(matrix.ids.map((id, row) => ({ row, id, cosine: undefined })))
}

/** All rows are wanted, so none is compared with another. */
const unread: Embedder<never> = {
  ref: unreadRef,
  maxBatch: 4096,
  local: true,
  embed: (texts) =>
    Effect.succeed({ space: { model: unreadRef, dimension: 1 }, data: new Float32Array(texts.length).fill(1) })
}

/** A run without what only selecting and sampling need. */
export type RankConfig<E extends CallFailure = CallFailure> = Omit<
  RunConfig<E>,
  "members" | "embedder" | "stop" | "tooLong" | "given"
>

/** The run that ranks: give it to `buildDataset` or `planDataset`. Rows without answers are invalid, by number and field. */
export const rankConfig = (config: RankConfig<never>): RunConfig<never> => ({
  ...config,
  source: withAnswers(config.source),
  embedder: unread,
  stop: { targetSize: Number.MAX_SAFE_INTEGER },
  members: [{ id: member, model: nobody, samples: 1 }],
  given: textsOf,
  // Own panels and aggregators count here too; nothing is selected and nobody is asked for an answer.
  stages: {
    ...config.stages,
    selector: Layer.succeed(Selector, everyRow),
    sampler: Layer.succeed(Sampler, sampler(config.checks ?? [], config.quorum))
  }
})
