/** What the vectors say besides the selection: prompts that hold a held-out one by meaning, and what repeats a chosen one. */
import { type CallFailure, Halted } from "@consortium/core/Call"
import { embedAll, type Embedder } from "@consortium/core/Embedder"
import { EmbeddingError, EmbeddingMatrix, roomFor } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { embeddedText } from "@consortium/core/Prompt"
import type { PromptSource } from "@consortium/core/PromptSource"
import type { Selection } from "@consortium/core/Selection"
import * as Coverage from "@consortium/selector/Coverage"
import { type Guard, thresholdOf } from "@consortium/selector/Guard"
import type { Told } from "@consortium/store/Rows"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { EmbedderFailed } from "./RunConfig.js"

/** Prompts that must not be learnt from, also in other words. */
export interface HeldOut {
  readonly sources: ReadonlyArray<PromptSource["Service"]>
  /** From this cosine to a held-out prompt on, a prompt is a leak. */
  readonly cosine: number
  /** @default "drop" */
  readonly onLeak?: "drop" | "report"
}

/** Comparisons are exact, whatever they take. */
const whole = { work: Number.MAX_SAFE_INTEGER }
/** Unless a cosine is asked for, repeated rows are named where that takes some seconds at most, in multiplications. */
const unasked = 2e10

const heldRows = Effect.fnUntraced(function* (sources: ReadonlyArray<PromptSource["Service"]>) {
  const rows: Array<{ readonly id: PromptId; readonly text: string }> = []
  for (const { name, stream } of sources) {
    yield* Stream.runForEach(stream, (row) => {
      if (row._tag === "Invalid") return Effect.fail(row.error)
      return Effect.sync(() =>
        rows.push({ id: PromptId.make(`${name}:${row.number}`), text: embeddedText(row.prompt) })
      )
    })
  }
  return rows
})

/**
 * The rows without the leaks, and what the ledger has to know of them; those in `there` are chosen already, stay, and
 * are only told of. Held-out texts that can't be embedded are passed over.
 */
export const withoutLeaks = Effect.fnUntraced(function* <E extends CallFailure>(
  matrix: EmbeddingMatrix,
  embedder: Embedder<E>,
  { cosine, onLeak = "drop", sources }: HeldOut,
  there: ReadonlySet<string> = new Set()
) {
  const texts = yield* heldRows(sources)
  const none: ReadonlyArray<Told> = []
  if (texts.length === 0) return { matrix, told: none }
  const held = yield* embedAll(embedder, Stream.fromIterable(texts), texts.length, { tooLong: "cut" }).pipe(
    Effect.mapError((error) =>
      error instanceof Halted || error instanceof EmbeddingError
        ? error
        : new EmbedderFailed({ embedder: embedder.ref, detail: error.message })
    )
  )
  const both = yield* Effect.fromResult(matrix.append(held.matrix))
  const picks = Uint32Array.from({ length: held.matrix.rows }, (_, row) => matrix.rows + row)
  const { cosines, to } = yield* Coverage.assign({ matrix: both, picks }, whole)
  const told: Array<Told> = []
  const kept: Array<number> = []
  for (const [row, id] of matrix.ids.entries()) {
    const near = cosines[row] ?? -1
    if (near < cosine) {
      kept.push(row)
      continue
    }
    const where = held.matrix.ids[to[row] ?? 0]
    const detail = `leak of ${where}, cosine ${near.toFixed(3)}`
    const stays = onLeak === "report" || there.has(id)
    told.push({ id, detail, ...(!stays && { state: "dropped" as const }) })
    if (stays) kept.push(row)
  }
  if (kept.length === matrix.rows) return { matrix, told }
  const { dimension } = matrix.space
  const data = roomFor(kept.length * dimension)
  for (const [at, row] of kept.entries()) data.set(matrix.row(row), at * dimension)
  const left = EmbeddingMatrix.make(
    matrix.space,
    kept.flatMap((row) => matrix.ids[row] ?? []),
    data
  )
  if (Result.isFailure(left))
    return yield* new EmbeddingError({ why: "empty", detail: "every prompt is a leak of a held-out one" })
  return { matrix: left.success, told }
})

/**
 * For each row that was not chosen and is as near to a chosen one as the guard forbids: which, and how near. Nothing
 * without a guard, and nothing for `adaptive` where comparing every row with every pick would take long.
 */
export const repeats = Effect.fnUntraced(function* (
  selection: Selection,
  guard: Guard,
  earlier: Uint32Array = new Uint32Array(0)
) {
  const { matrix } = selection
  const { ids } = matrix
  const none: ReadonlyArray<Told> = []
  const picks = new Uint32Array(earlier.length + selection.picks.length)
  picks.set(earlier)
  picks.set(selection.picks, earlier.length)
  const work = matrix.rows * picks.length * matrix.space.dimension
  if (picks.length === 0 || (guard === "adaptive" && work > unasked)) return none
  const threshold = yield* thresholdOf(guard, matrix)
  if (threshold === undefined) return none
  const { cosines, rows, to } = yield* Coverage.assign({ matrix, picks }, whole)
  const chosen = new Set(picks)
  const told: Array<Told> = []
  for (const [at, row] of rows.entries()) {
    const [id, of] = [ids[row], ids[picks[to[at] ?? 0] ?? -1]]
    const near = cosines[at] ?? -1
    if (near > threshold && !chosen.has(row) && id !== undefined && of !== undefined)
      told.push({ id, detail: `repeats ${of}, cosine ${near.toFixed(3)}` })
  }
  return told
})
