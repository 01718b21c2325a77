/** What the vectors say besides the selection: prompts that hold a held-out one by meaning, and what repeats a chosen one. */
import { type CallFailure, Halted } from "@consortium/core/Call"
import { embedAll, type Embedder } from "@consortium/core/Embedder"
import { EmbeddingError, EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { embeddedText } from "@consortium/core/Prompt"
import type { PromptSource } from "@consortium/core/PromptSource"
import type { Selection } from "@consortium/core/Selection"
import * as Coverage from "@consortium/selector/Coverage"
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

const heldRows = Effect.fnUntraced(function* (sources: ReadonlyArray<PromptSource["Service"]>) {
  const rows: Array<{ readonly id: PromptId; readonly text: string }> = []
  for (const { name, stream } of sources) {
    yield* Stream.runForEach(stream, (row) =>
      Effect.sync(() => {
        if (row._tag === "Prompt")
          rows.push({ id: PromptId.make(`${name}:${row.number}`), text: embeddedText(row.prompt) })
      })
    )
  }
  return rows
})

/** The rows without the leaks, and what the ledger has to know of them; held-out texts that can't be embedded are passed over. */
export const withoutLeaks = Effect.fnUntraced(function* <E extends CallFailure>(
  matrix: EmbeddingMatrix,
  embedder: Embedder<E>,
  { cosine, onLeak = "drop", sources }: HeldOut
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
    told.push({ id, detail, ...(onLeak === "drop" && { state: "dropped" as const }) })
    if (onLeak === "report") kept.push(row)
  }
  if (kept.length === matrix.rows) return { matrix, told }
  const { dimension } = matrix.space
  const data = new Float32Array(kept.length * dimension)
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

/** For each row that was not chosen and is as near to a chosen one as the guard forbids: which, and how near. */
export const repeats = Effect.fnUntraced(function* (selection: Selection, guard: number) {
  const { ids } = selection.matrix
  const { cosines, rows, to } = yield* Coverage.assign(selection, whole)
  const chosen = new Set(selection.picks)
  const told: Array<Told> = []
  for (const [at, row] of rows.entries()) {
    const [id, of] = [ids[row], ids[selection.picks[to[at] ?? 0] ?? -1]]
    const near = cosines[at] ?? -1
    if (near > guard && !chosen.has(row) && id !== undefined && of !== undefined)
      told.push({ id, detail: `repeats ${of}, cosine ${near.toFixed(3)}` })
  }
  return told
})
