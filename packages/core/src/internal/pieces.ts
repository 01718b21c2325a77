/** One batch to rows: refused and failing batches are asked apart, long texts by their beginning or in parts. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type CallFailure, Failure } from "../Call.js"
import type { Batch, Embedder, Place, Sink, TooLong } from "../Embedder.js"
import { EmbeddingError, normalise, type Space, spaceKey } from "../EmbeddingMatrix.js"
import type { PromptId } from "../Ids.js"
import { isNonEmpty, map, type NonEmpty } from "../NonEmpty.js"
import { Blame, isRefusal, isTooLong } from "./blame.js"

/** A text to be embedded: a row's, its beginning, or a part of it. */
export interface Piece extends Place {
  readonly said: string
}

export interface Options<E extends CallFailure, E2, R2> {
  readonly embedder: Embedder<E>
  readonly sink: Sink<E2, R2>
  readonly tooLong: TooLong
  readonly tokens: (text: string) => number
  /** Whether `tokens` is what the model counts: then a text that is over the limit is not sent. */
  readonly exact: boolean
  /** Rows that were taken so far. */
  readonly taken: () => number
}

/** The sum of a row's parts that came, and how many are still to come. */
interface Mean {
  sum: Float64Array | undefined
  left: number
}

type Groups = Array<NonEmpty<Piece>>

/** Two halves, between words where there is a space near the middle, never inside of a character. */
const halves = (text: string): readonly [string, string] => {
  const middle = text.length >> 1
  const space = text.lastIndexOf(" ", middle)
  const at = space > middle / 2 ? space + 1 : middle
  const unit = text.charCodeAt(at)
  const cut = unit >= 0xdc00 && unit <= 0xdfff && at > 1 ? at - 1 : at
  return [text.slice(0, cut), text.slice(cut)]
}

/** What all batches of one list share. */
export const pieces = <E extends CallFailure, E2, R2>(options: Options<E, E2, R2>) => {
  const { embedder, exact, sink, taken, tokens, tooLong } = options
  const { maxTokens = Number.POSITIVE_INFINITY } = embedder
  const blame = new Blame()
  const means = new Map<number, Mean>()
  // By row, since batches may answer in any order.
  const failures = new Map<number, { readonly id: PromptId; readonly failure: Failure }>()
  const cut = new Map<number, PromptId>()
  const averaged = new Map<number, PromptId>()
  let space: Space | undefined
  let unanswered: E | undefined

  const fail = ({ at, row }: Place, failure: Failure): void => {
    failures.set(at, { id: row.id, failure })
    cut.delete(at)
    averaged.delete(at)
    means.delete(at)
  }

  /** Rows that follow one another, straight to their places, and there to length 1. */
  const put = (at: number, group: NonEmpty<Piece>, data: Float32Array): Effect.Effect<void, E2, R2> => {
    const room = sink.room(at, group.length)
    room.set(data)
    const dimension = data.length / group.length
    const places = group.map((piece, index): Place | undefined => {
      const trouble = normalise(room, index * dimension, (index + 1) * dimension)
      if (trouble === undefined) return piece
      const error = new EmbeddingError({ why: trouble, detail: `the vector of ${piece.row.id}` })
      fail(piece, Failure.from(error))
      return undefined
    })
    return sink.put(at, places, room)
  }

  /** A part of a row, weighed by its length; with the last one the row is there. */
  const add = (piece: Piece, data: Float32Array): Effect.Effect<void, E2, R2> => {
    const mean = means.get(piece.at)
    // Another part has failed.
    if (mean === undefined) return Effect.void
    const unit = Float32Array.from(data)
    const trouble = normalise(unit, 0, unit.length)
    if (trouble !== undefined) {
      fail(piece, Failure.from(new EmbeddingError({ why: trouble, detail: `a part's vector of ${piece.row.id}` })))
      return Effect.void
    }
    const sum = mean.sum ?? new Float64Array(unit.length)
    for (let i = 0; i < unit.length; i++) sum[i] = (sum[i] as number) + piece.said.length * (unit[i] as number)
    mean.sum = sum
    if (--mean.left > 0) return Effect.void
    means.delete(piece.at)
    return put(piece.at, [piece], Float32Array.from(sum))
  }

  const keep = (batch: Batch, group: NonEmpty<Piece>): Effect.Effect<void, E2 | EmbeddingError, R2> => {
    const { dimension } = batch.space
    if (space !== undefined && spaceKey(batch.space) !== spaceKey(space)) {
      const detail = `${spaceKey(space)} and ${spaceKey(batch.space)}`
      return Effect.fail(new EmbeddingError({ why: "mixed-spaces", detail }))
    }
    if (batch.data.length !== group.length * dimension) {
      const detail = `${embedder.ref} gave ${batch.data.length} numbers for ${group.length} texts of ${dimension}`
      return Effect.fail(new EmbeddingError({ why: "wrong-shape", detail }))
    }
    const trouble = space === undefined ? sink.begin(batch.space) : undefined
    if (trouble !== undefined) return Effect.fail(trouble)
    space = batch.space
    const [{ at }] = group
    if (group.every((piece, index) => piece.at === at + index && piece.how !== "mean"))
      return put(at, group, batch.data)
    return Effect.forEach(
      group,
      (piece, index) => {
        const row = batch.data.subarray(index * dimension, (index + 1) * dimension)
        return piece.how === "mean" ? add(piece, row) : put(piece.at, [piece], row)
      },
      { discard: true }
    )
  }

  /** Halves of a group; one text by what is to be done with long ones; else it fails by its id. */
  const apart = (group: NonEmpty<Piece>, error: E | EmbeddingError, groups: Groups): void => {
    const middle = group.length >> 1
    const [left, right] = [group.slice(0, middle), group.slice(middle)]
    if (isNonEmpty(left) && isNonEmpty(right)) {
      groups.push(left, right)
      return
    }
    const [piece] = group
    if (!isTooLong(error) || tooLong === "refuse" || piece.said.length < 2) {
      fail(piece, Failure.from(error))
      return
    }
    const [beginning, rest] = halves(piece.said)
    if (tooLong === "cut") {
      cut.set(piece.at, piece.row.id)
      groups.push([{ ...piece, how: "cut", said: beginning }])
      return
    }
    averaged.set(piece.at, piece.row.id)
    const mean = means.get(piece.at) ?? { sum: undefined, left: 1 }
    means.set(piece.at, mean)
    mean.left++
    // Each alone, since together they are what was too long; first, so that a row that has no end ends soon.
    groups.unshift([{ ...piece, how: "mean", said: beginning }], [{ ...piece, how: "mean", said: rest }])
  }

  const ask = Effect.fnUntraced(function* (group: NonEmpty<Piece>, groups: Groups) {
    const [{ said }] = group
    if (exact && group.length === 1 && tokens(said) > maxTokens) {
      const detail = `${tokens(said)} tokens where one call takes ${maxTokens}`
      return apart(group, new EmbeddingError({ why: "too-long", detail }), groups)
    }
    const answer = yield* Effect.result(embedder.embed(map(group, (piece) => piece.said)))
    if (Result.isSuccess(answer)) {
      blame.answered()
      return yield* keep(answer.success, group)
    }
    const error = answer.failure
    if (!blame.isOfTexts(error, taken())) return yield* Effect.fail(error)
    if (!isRefusal(error)) unanswered = error
    return apart(group, error, groups)
  })

  return {
    /** Its groups one after the other, larger ones first: the good half of a failed batch soon says that the server lives. */
    embed: Effect.fnUntraced(function* (batch: NonEmpty<Piece>) {
      const groups: Groups = [batch]
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
        const open = group.filter(({ at }) => !failures.has(at))
        if (isNonEmpty(open)) yield* ask(open, groups)
      }
    }),
    failures,
    cut,
    averaged,
    space: () => space,
    /** The last failure that was blamed on a text, where nothing was ever answered. */
    unanswered: () => (blame.hasAnswered ? undefined : unanswered)
  }
}
