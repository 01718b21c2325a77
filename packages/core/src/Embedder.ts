/** What turns texts into vectors: an embedder as a value, and the stage that makes a matrix of many batches. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Call, type CallFailure, Failure, Halted } from "./Call.js"
import { EmbeddingError, EmbeddingMatrix, normalise, type Space, spaceKey } from "./EmbeddingMatrix.js"
import type { PromptId } from "./Ids.js"
import { isNonEmpty, map, type NonEmpty } from "./NonEmpty.js"

/** An embedder's answer: a row for each text, row after row, of any scale. The space comes with it, since some models say it only then. */
export interface Batch {
  readonly space: Space
  /** `texts × space.dimension` numbers. */
  readonly data: Float32Array
  readonly inputTokens?: number
}

export interface Embedder<out E extends CallFailure = CallFailure> {
  /** `vendor/model`, as the user names it. */
  readonly ref: string
  /** The most texts that one call takes. */
  readonly maxBatch: number
  /** The most tokens that one call takes over all its texts. @default no limit is known */
  readonly maxTokens?: number
  /** The wire and the options that decide the vectors besides `ref` and text; part of the journal's key. @default "" */
  readonly wire?: string
  /** Computed in this process and free: such answers are not kept in the journal. @default false */
  readonly local?: boolean
  readonly embed: Call<NonEmpty<string>, Batch, E>
}

/** The tag, for programs that need exactly one embedder. */
export const Embedder = Context.Service<Embedder>("@consortium/core/Embedder")

/** The matrix, and the rows that have no place in it because their text alone could not be embedded. */
export interface Embedded {
  readonly matrix: EmbeddingMatrix
  readonly failed: ReadonlyArray<{ readonly id: PromptId; readonly failure: Failure }>
  /** Rows whose vector is that of the text's beginning only. */
  readonly cut: ReadonlyArray<PromptId>
}

export interface Row {
  readonly id: PromptId
  readonly text: string
}

export interface Options {
  /** Batches in flight. @default 4 */
  readonly concurrency?: number
  /** A text that is longer than the model takes fails by its id, or is halved until the model takes it. @default "refuse" */
  readonly tooLong?: "refuse" | "cut"
}

const refused = new Set(["InvalidRequest", "ContextOverflow", "ContentPolicy"])
/** Whether an error blames the text rather than the call. */
const blamesText = (error: CallFailure & { readonly reason?: { readonly _tag: string } }) =>
  error.reason !== undefined && refused.has(error.reason._tag)

const isTooLong = (error: CallFailure & { readonly reason?: { readonly _tag: string } }) =>
  error.reason?._tag === "ContextOverflow"

const inOrder = <A>(rows: ReadonlyMap<number, A>): ReadonlyArray<A> =>
  [...rows].sort(([a], [b]) => a - b).map(([, one]) => one)

/**
 * Stage 1: all texts, in batches, to one matrix of `count` rows at most, filled in place. A batch that the vendor
 * refuses is halved until the text that it refuses stands alone; that text fails by its id and the others go on. A
 * server that changes its model midway is `mixed-spaces`, not a bad selection.
 */
export const embedAll = Effect.fnUntraced(function* <E extends CallFailure, E2, R>(
  embedder: Embedder<E>,
  rows: Stream.Stream<Row, E2, R>,
  count: number,
  options: Options = {}
) {
  let space: Space | undefined
  let data = new Float32Array(0)
  const ids: Array<PromptId | undefined> = []
  // By row, since batches may answer in any order.
  const cut = new Map<number, PromptId>()
  const failures = new Map<number, { readonly id: PromptId; readonly failure: Failure }>()

  const keep = (batch: Batch, at: number, part: NonEmpty<Row>): EmbeddingError | undefined => {
    if (space === undefined) {
      space = batch.space
      data = new Float32Array(count * space.dimension)
    }
    const { dimension } = space
    if (spaceKey(batch.space) !== spaceKey(space)) {
      return new EmbeddingError({ why: "mixed-spaces", detail: `${spaceKey(space)} and ${spaceKey(batch.space)}` })
    }
    if (batch.data.length !== part.length * dimension) {
      const detail = `${embedder.ref} gave ${batch.data.length} numbers for ${part.length} texts of ${dimension}`
      return new EmbeddingError({ why: "wrong-shape", detail })
    }
    data.set(batch.data, at * dimension)
    for (const [offset, { id }] of part.entries()) {
      const trouble = normalise(data, (at + offset) * dimension, (at + offset + 1) * dimension)
      if (trouble === undefined) ids[at + offset] = id
      else {
        const error = new EmbeddingError({ why: trouble, detail: `the vector of ${id}` })
        failures.set(at + offset, { id, failure: Failure.from(error) })
      }
    }
    return undefined
  }

  const embed = (at: number, part: NonEmpty<Row>): Effect.Effect<void, E | EmbeddingError> =>
    Effect.matchEffect(embedder.embed(map(part, (row) => row.text)), {
      onSuccess: (batch) => {
        const error = keep(batch, at, part)
        return error === undefined ? Effect.void : Effect.fail(error)
      },
      onFailure: (error) => {
        if (error instanceof Halted || !blamesText(error)) return Effect.fail(error)
        const left = part.slice(0, part.length >> 1)
        const right = part.slice(part.length >> 1)
        if (isNonEmpty(left) && isNonEmpty(right)) {
          return Effect.andThen(embed(at, left), embed(at + left.length, right))
        }
        const [{ id, text }] = part
        if (options.tooLong === "cut" && isTooLong(error) && text.length > 1) {
          cut.set(at, id)
          return embed(at, [{ id, text: text.slice(0, text.length >> 1).toWellFormed() }])
        }
        failures.set(at, { id, failure: Failure.from(error) })
        return Effect.void
      }
    })

  let next = 0
  yield* rows.pipe(
    Stream.grouped(embedder.maxBatch),
    Stream.map((part) => {
      const at = next
      next += part.length
      return { at, part }
    }),
    Stream.mapEffect(
      ({ at, part }) => (next > count ? Effect.die(new Error(`more than ${count} rows`)) : embed(at, part)),
      {
        concurrency: options.concurrency ?? 4,
        unordered: true
      }
    ),
    Stream.runDrain
  )
  const failed = inOrder(failures)
  if (space === undefined) {
    const detail =
      failed[0] === undefined
        ? "no texts"
        : `all ${failed.length} texts failed, the first with: ${failed[0].failure.message}`
    return yield* new EmbeddingError({ why: "empty", detail })
  }
  const matrix = yield* Effect.fromResult(compact(space, ids, data, next))
  return { matrix, failed, cut: inOrder(cut) } satisfies Embedded
})

/** Closes the gaps that failed rows left, in place. */
const compact = (space: Space, ids: ReadonlyArray<PromptId | undefined>, data: Float32Array, rows: number) => {
  const { dimension } = space
  const kept: Array<PromptId> = []
  for (let row = 0; row < rows; row++) {
    const id = ids[row]
    if (id === undefined) continue
    if (kept.length < row) data.copyWithin(kept.length * dimension, row * dimension, (row + 1) * dimension)
    kept.push(id)
  }
  return EmbeddingMatrix.make(space, kept, data.subarray(0, kept.length * dimension))
}
