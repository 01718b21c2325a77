/** Stages 1 and 2: all prompts to vectors, vectors to the collection; both only where an earlier start has not done them. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type CallFailure, Halted } from "@consortium/core/Call"
import { embedAll, type Embedder, type Outcome, type Row, type TooLong } from "@consortium/core/Embedder"
import { EmbeddingError, type EmbeddingMatrix, spaceKey } from "@consortium/core/EmbeddingMatrix"
import { embeddedText } from "@consortium/core/Prompt"
import type { PromptId } from "@consortium/core/Ids"
import type { RunEvent } from "@consortium/core/RunEvent"
import { pickAt, type Selection, Selector } from "@consortium/core/Selection"
import { type Measures, report } from "@consortium/selector/Coverage"
import type { Cached } from "@consortium/embeddings/EmbeddingCache"
import type { Guard } from "@consortium/selector/Guard"
import type { Pick, Told } from "@consortium/store/Rows"
import type { RunStore } from "@consortium/store/RunStore"
import { type HeldOut, repeats, withoutLeaks } from "./Meaning.js"
import { EmbedderFailed } from "./RunConfig.js"

const Measured = Schema.Struct({ radius: Schema.Finite, meanNearest: Schema.Finite, vendi: Schema.Finite })

/** How well a collection stands for all prompts, beside a random draw of as many (docs/selection.md). */
export const Coverage = Schema.Struct({
  chosen: Measured,
  random: Measured,
  /** How many of the prompts were measured: all, or a sample of them. */
  measured: Schema.Int
})

const Mark = Schema.fromJsonString(
  Schema.Struct({
    stopped: Schema.Literals(["target", "tripwire", "exhausted", "guarded"]),
    nextCosine: Schema.NullOr(Schema.Finite),
    space: Schema.String,
    of: Schema.Int,
    /** Absent where nothing was compared. */
    coverage: Schema.optionalKey(Coverage),
    /** Of all prompts: those embedded by their beginning, and by the mean of their parts. Absent where there are none. */
    cut: Schema.optionalKey(Schema.Int),
    averaged: Schema.optionalKey(Schema.Int)
  })
)
export type Mark = typeof Mark.Type
const encode = Schema.encodeSync(Mark)
const decode = Schema.decodeSync(Mark)
const name = "selection"
const page = 512

/** Prompts' texts, a page at a time, so that memory holds the matrix and not the texts. */
const texts = (of: RunStore["Service"]["rows"]["pending"]): Stream.Stream<Row, Halted> =>
  Stream.paginate(0, (after) =>
    Effect.map(of(after, page), (rows) => {
      const last = rows.at(-1)
      const part = rows.map(({ prompt }) => ({ id: prompt.id, text: embeddedText(prompt) }))
      return [part, last === undefined || rows.length < page ? Option.none() : Option.some(last.position)] as const
    })
  )

const isCached = <E extends CallFailure>(embedder: Embedder<E>): embedder is Cached<E> => "counts" in embedder

/** What the ledger says of rows whose vector is not that of their whole text. */
const lengthsOf = ({ averaged, cut }: Outcome): ReadonlyArray<Told> => [
  ...cut.map((id) => ({ id, detail: "too long: embedded by its beginning" })),
  ...averaged.map((id) => ({ id, detail: "too long: embedded as the mean of its parts" }))
]

const partlyOf = ({ averaged, cut }: Outcome): { readonly cut?: number; readonly averaged?: number } => ({
  ...(cut.length > 0 && { cut: cut.length }),
  ...(averaged.length > 0 && { averaged: averaged.length })
})

/** Every prompt's vector, of the undecided or of all; prompts that have none are failed. */
export const embed = Effect.fnUntraced(function* <E extends CallFailure>(
  store: RunStore["Service"],
  embedder: Embedder<E>,
  emit: (event: RunEvent) => Effect.Effect<void>,
  tooLong: TooLong,
  whose: "pending" | "standing" = "pending"
) {
  const { rows } = store
  const states = whose === "pending" ? ["pending"] : ["pending", "selected", "not-selected", "failed"]
  const counts = yield* Effect.forEach(states, rows.count)
  const count = counts.reduce((sum, n) => sum + n, 0)
  const { matrix, ...outcome } = yield* embedAll(embedder, texts(rows[whose]), count, { tooLong }).pipe(
    Effect.mapError((error) =>
      error instanceof Halted || error instanceof EmbeddingError
        ? error
        : new EmbedderFailed({ embedder: embedder.ref, detail: error.message })
    )
  )
  const { averaged, cut, failed } = outcome
  const served = isCached(embedder) ? embedder.counts : undefined
  yield* emit({
    _tag: "Embedded",
    prompts: matrix.rows,
    failed: failed.length,
    cut: cut.length,
    ...(averaged.length > 0 && { averaged: averaged.length }),
    ...(served !== undefined && { kept: served.hits }),
    space: spaceKey(matrix.space)
  })
  return { matrix, failed, lengths: lengthsOf(outcome), partly: partlyOf(outcome) }
})

/** The picks of a selection, ranked behind those that were there. */
const ranked = (selection: Selection, behind: number): ReadonlyArray<Pick> =>
  Array.from(selection.picks, (_, index): Pick => {
    const pick = pickAt(selection, index)
    return { rank: behind + index + 1, id: pick.id, cosine: pick.cosine ?? null }
  })

/** At most so many multiplications: a second or so; above it a sample is measured. */
const work = 1e9

const coverageOf = Effect.fnUntraced(function* ({ matrix, picks: more }: Selection, earlier: Uint32Array) {
  const picks = Uint32Array.from([...earlier, ...more])
  // A space of one dimension has no sides.
  if (picks.length === 0 || matrix.space.dimension < 2) return {}
  const { chosen, random, rows } = yield* report({ matrix, picks }, { work })
  const brief = ({ meanNearest, radius, vendi }: Measures) => ({ radius, meanNearest, vendi })
  return { coverage: { chosen: brief(chosen), random: brief(random), measured: rows } }
})

/** @param earlier rows that were chosen before */
const markOf = Effect.fnUntraced(function* (
  selection: Selection,
  earlier = new Uint32Array(0)
): Effect.fn.Return<Mark> {
  return {
    stopped: selection.stopped,
    nextCosine: selection.nextCosine ?? null,
    space: spaceKey(selection.matrix.space),
    of: selection.matrix.rows,
    ...(yield* coverageOf(selection, earlier))
  }
})

/** What besides the rule decides what is chosen. */
export interface Meaning {
  /** That of the selector, so that the ledger says what repeats which. @default "off": nothing is said */
  readonly guard?: Guard
  /** Prompts that must not be learnt from, found by their vectors. @default none */
  readonly heldOut?: HeldOut
}

/** The selection without leaks, and what the ledger has to know; what is there already stays, whatever it is. */
const selected = Effect.fnUntraced(function* <E extends CallFailure>(
  matrix: EmbeddingMatrix,
  embedder: Embedder<E>,
  { guard = "off", heldOut }: Meaning,
  there?: ReadonlyArray<PromptId>
) {
  const clean =
    heldOut === undefined ? { matrix, told: [] } : yield* withoutLeaks(matrix, embedder, heldOut, new Set(there))
  const rowOf = new Map(there === undefined ? [] : clean.matrix.ids.map((id, row) => [id, row]))
  const earlier = there === undefined ? undefined : Uint32Array.from(there.flatMap((id) => rowOf.get(id) ?? []))
  const pool = { matrix: clean.matrix, ...(earlier !== undefined && { earlier }) }
  const selection = yield* (yield* Selector).select(pool)
  const near = yield* repeats(selection, guard, earlier)
  return { selection, earlier, told: [...clean.told, ...near] }
})

/** What was chosen, and why it stopped. */
export const choose = Effect.fnUntraced(function* <E extends CallFailure>(
  store: RunStore["Service"],
  embedder: Embedder<E>,
  emit: (event: RunEvent) => Effect.Effect<void>,
  tooLong: TooLong,
  meaning: Meaning = {}
) {
  const before = Option.map(yield* store.mark(name), decode)
  if (Option.isSome(before)) {
    const picks = yield* store.rows.picks
    yield* emit({ _tag: "Selected", prompts: picks.length, of: before.value.of, stopped: before.value.stopped })
    return { picks, mark: before.value }
  }
  const { failed, lengths, matrix, partly } = yield* embed(store, embedder, emit, tooLong)
  const { selection, told } = yield* selected(matrix, embedder, meaning)
  const picks = ranked(selection, 0)
  const mark = { ...(yield* markOf(selection)), ...partly }
  yield* store.atomically(
    Effect.gen(function* () {
      yield* store.rows.fail(failed)
      yield* store.rows.tell([...lengths, ...told])
      yield* store.rows.select(picks)
      yield* store.setMark(name, encode(mark))
    })
  )
  yield* emit({ _tag: "Selected", prompts: picks.length, of: matrix.rows, stopped: selection.stopped })
  return { picks, mark }
})

/** The collection of an earlier start with more in it: the rule goes on from where it stood, over all prompts. */
export const grow = Effect.fnUntraced(function* <E extends CallFailure>(
  store: RunStore["Service"],
  embedder: Embedder<E>,
  emit: (event: RunEvent) => Effect.Effect<void>,
  tooLong: TooLong,
  targetSize: number | undefined,
  meaning: Meaning = {}
) {
  const before = Option.map(yield* store.mark(name), decode)
  const there = yield* store.rows.picks
  const isFull = targetSize !== undefined && there.length >= targetSize
  if (Option.isNone(before) || isFull) return yield* choose(store, embedder, emit, tooLong, meaning)
  const { failed, lengths, matrix, partly } = yield* embed(store, embedder, emit, tooLong, "standing")
  if (before.value.space !== spaceKey(matrix.space)) {
    const detail = `${before.value.space} and ${spaceKey(matrix.space)}: grow a run with the embedder that it began with`
    return yield* new EmbeddingError({ why: "mixed-spaces", detail })
  }
  const chosen = there.map(({ id }) => id)
  const { earlier, selection, told } = yield* selected(matrix, embedder, meaning, chosen)
  const more = ranked(selection, there.length)
  const mark = { ...(yield* markOf(selection, earlier)), ...partly }
  yield* store.atomically(
    Effect.gen(function* () {
      yield* store.rows.reconsider
      yield* store.rows.fail(failed)
      yield* store.rows.tell([...lengths, ...told])
      yield* store.rows.select(more)
      yield* store.setMark(name, encode(mark))
    })
  )
  const picks = [...there, ...more]
  yield* emit({ _tag: "Selected", prompts: picks.length, of: matrix.rows, stopped: selection.stopped })
  return { picks, mark }
})
