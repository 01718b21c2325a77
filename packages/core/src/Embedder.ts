/** What turns texts into vectors: an embedder as a value, and the stage that makes a matrix of many batches. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Call, CallFailure, Failure } from "./Call.js"
import { EmbeddingError, EmbeddingMatrix, type Space } from "./EmbeddingMatrix.js"
import type { PromptId } from "./Ids.js"
import { batches, estimateTokens } from "./internal/batches.js"
import { type Piece, pieces } from "./internal/pieces.js"
import type { NonEmpty } from "./NonEmpty.js"

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
  /**
   * The wire and the options that decide the vectors besides `ref` and text, for a local model its revision too; part of
   * the journal's and the cache's key. @default ""
   */
  readonly wire?: string
  /** Computed in this process and free: such answers are not kept in the journal. @default false */
  readonly local?: boolean
  /** Whether a text would be answered without a call, as far as is known now: such texts have batches of their own. @default none */
  readonly knows?: (text: string) => boolean
  readonly embed: Call<NonEmpty<string>, Batch, E>
}

/** The tag, for programs that need exactly one embedder. */
export const Embedder = Context.Service<Embedder>("@consortium/core/Embedder")

export interface Row {
  readonly id: PromptId
  readonly text: string
}

/** What becomes of a text that is longer than the model takes. */
export type TooLong = "refuse" | "cut" | "mean"

export { estimateTokens } from "./internal/batches.js"

export interface Options {
  /** Batches in flight; a slow one holds up no other. Each has at most `maxBatch` texts in memory. @default 8 */
  readonly concurrency?: number
  /**
   * Such a text fails by its id (`refuse`), is halved until the model takes its beginning (`cut`), or is embedded in
   * parts whose unit vectors are averaged by length (`mean`). @default "refuse"
   */
  readonly tooLong?: TooLong
  /**
   * How many tokens the model sees in a text, exactly; a text over `maxTokens` is then not sent.
   * @default an estimate: half a token for each ASCII character, one for each other byte; what is alone over it is sent alone
   */
  readonly tokens?: (text: string) => number
}

/** Rows that have no vector since their text alone could not be embedded, and those that have not the whole text's. */
export interface Outcome {
  readonly failed: ReadonlyArray<{ readonly id: PromptId; readonly failure: Failure }>
  /** Rows whose vector is that of the text's beginning only. */
  readonly cut: ReadonlyArray<PromptId>
  /** Rows whose vector is the mean of its parts. */
  readonly averaged: ReadonlyArray<PromptId>
}

/** The matrix, and the rows that have no place in it or not with their whole text. */
export interface Embedded extends Outcome {
  readonly matrix: EmbeddingMatrix
}

/** A row, its number in the list from 0, and how much of its text its vector stands for. */
export interface Place {
  readonly at: number
  readonly row: Row
  readonly how: "whole" | "cut" | "mean"
}

/** Where vectors stay: memory, a file. */
export interface Sink<out E = never, out R = never> {
  /** How a row is there already; such a row is not asked. @default none is */
  readonly has?: (row: Row, at: number) => Place["how"] | undefined
  /** The space, before any row: once, or why rows of it have no place here. */
  readonly begin: (space: Space) => EmbeddingError | undefined
  /** Memory for some rows that follow one another, to be written to. */
  readonly room: (at: number, rows: number) => Float32Array
  /** The same rows when they are written, each of length 1; nothing stands where a row failed. */
  readonly put: (at: number, places: ReadonlyArray<Place | undefined>, rows: Float32Array) => Effect.Effect<void, E, R>
}

const inOrder = <A>(rows: ReadonlyMap<number, A>): ReadonlyArray<A> =>
  [...rows].sort(([a], [b]) => a - b).map(([, one]) => one)

/**
 * All texts to a sink, in batches inside the vendor's limits. A batch that the vendor refuses, or that fails although it
 * was made again, is halved until the text that does it stands alone; that text fails by its id and the others go on.
 * Failures that no text can provoke (keys, limits, a busy server), eight in a row without an answer between them, or two
 * hundred and one in a hundred rows, are the server's and fail the whole. A server that changes its model midway is
 * `mixed-spaces`.
 */
export const embedEach = Effect.fnUntraced(function* <E extends CallFailure, E2, R2, E3, R3>(
  embedder: Embedder<E>,
  rows: Stream.Stream<Row, E2, R2>,
  sink: Sink<E3, R3>,
  options: Options = {}
) {
  const { concurrency = 8, tooLong = "refuse" } = options
  const limit = embedder.maxTokens
  const tokens = options.tokens ?? estimateTokens
  let next = 0
  let there = 0
  const made = pieces({ embedder, sink, tooLong, tokens, exact: options.tokens !== undefined, taken: () => next })
  const take = (row: Row) => {
    const at = next++
    const how = sink.has?.(row, at)
    if (how === undefined) {
      const one: Piece = { at, row, how: "whole", said: row.text }
      const known = embedder.knows?.(row.text) === true
      return { one, known, tokens: limit === undefined || known ? 0 : tokens(row.text) }
    }
    there++
    if (how === "cut") made.cut.set(at, row.id)
    if (how === "mean") made.averaged.set(at, row.id)
    return undefined
  }
  yield* rows.pipe(
    batches({ maxBatch: embedder.maxBatch, maxTokens: limit ?? Number.POSITIVE_INFINITY, take }),
    Stream.mapEffect(made.embed, { concurrency, unordered: true }),
    Stream.runDrain
  )
  const unanswered = made.unanswered()
  if (unanswered !== undefined && there === 0) return yield* Effect.fail(unanswered)
  return {
    /** Rows that were taken, and those among them that the sink had. */
    rows: next,
    there,
    space: made.space(),
    failed: inOrder(made.failures),
    cut: inOrder(made.cut),
    averaged: inOrder(made.averaged)
  }
})

/** Why nothing was embedded. */
export const nothingOf = (failed: Outcome["failed"]): EmbeddingError =>
  new EmbeddingError({
    why: "empty",
    detail:
      failed[0] === undefined
        ? "no texts"
        : `all ${failed.length} texts failed, the first with: ${failed[0].failure.message}`
  })

/** Stage 1: all texts, as `embedEach` takes them, to one matrix of `count` rows at most, filled in place. */
export const embedAll = Effect.fnUntraced(function* <E extends CallFailure, E2, R>(
  embedder: Embedder<E>,
  rows: Stream.Stream<Row, E2, R>,
  count: number,
  options: Options = {}
) {
  let dimension = 0
  let data = new Float32Array(0)
  const ids: Array<PromptId | undefined> = []
  const sink: Sink = {
    begin: (space) => {
      dimension = space.dimension
      data = new Float32Array(count * dimension)
      return undefined
    },
    room: (at, rows) => {
      if (at + rows > count) throw new Error(`more than ${count} rows`)
      return data.subarray(at * dimension, (at + rows) * dimension)
    },
    put: (at, places) => {
      for (const [offset, place] of places.entries()) ids[at + offset] = place?.row.id
      return Effect.void
    }
  }
  const { averaged, cut, failed, rows: taken, space } = yield* embedEach(embedder, rows, sink, options)
  if (space === undefined) return yield* nothingOf(failed)
  const matrix = yield* Effect.fromResult(compact(space, ids, data, taken))
  return { matrix, failed, cut, averaged } satisfies Embedded
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
