/** Stages 1 and 2: all prompts to vectors, vectors to the collection; both only where an earlier start has not done them. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type CallFailure, Halted } from "@consortium/core/Call"
import { embedAll, type Embedder, type Row } from "@consortium/core/Embedder"
import { EmbeddingError, spaceKey } from "@consortium/core/EmbeddingMatrix"
import { embeddedText } from "@consortium/core/Prompt"
import type { RunEvent } from "@consortium/core/RunEvent"
import { pickAt, Selector } from "@consortium/core/Selection"
import type { Pick } from "@consortium/store/Rows"
import type { RunStore } from "@consortium/store/RunStore"
import { EmbedderFailed } from "./RunConfig.js"

const Mark = Schema.fromJsonString(
  Schema.Struct({
    stopped: Schema.Literals(["target", "tripwire", "exhausted", "guarded"]),
    nextCosine: Schema.NullOr(Schema.Finite),
    space: Schema.String,
    of: Schema.Int
  })
)
export type Mark = typeof Mark.Type
const encode = Schema.encodeSync(Mark)
const decode = Schema.decodeSync(Mark)
const name = "selection"
const page = 512

/** Undecided prompts' texts, a page at a time, so that memory holds the matrix and not the texts. */
const texts = (store: RunStore["Service"]): Stream.Stream<Row, Halted> =>
  Stream.paginate(0, (after) =>
    Effect.map(store.rows.pending(after, page), (rows) => {
      const last = rows.at(-1)
      const part = rows.map(({ prompt }) => ({ id: prompt.id, text: embeddedText(prompt) }))
      return [part, last === undefined || rows.length < page ? Option.none() : Option.some(last.position)] as const
    })
  )

/** Every undecided prompt's vector; prompts that have none are failed. */
export const embed = Effect.fnUntraced(function* <E extends CallFailure>(
  store: RunStore["Service"],
  embedder: Embedder<E>,
  emit: (event: RunEvent) => Effect.Effect<void>,
  tooLong: "refuse" | "cut"
) {
  const count = yield* store.rows.count("pending")
  const { matrix, failed, cut } = yield* embedAll(embedder, texts(store), count, { tooLong }).pipe(
    Effect.mapError((error) =>
      error instanceof Halted || error instanceof EmbeddingError
        ? error
        : new EmbedderFailed({ embedder: embedder.ref, detail: error.message })
    )
  )
  yield* emit({
    _tag: "Embedded",
    prompts: matrix.rows,
    failed: failed.length,
    cut: cut.length,
    space: spaceKey(matrix.space)
  })
  return { matrix, failed }
})

/** What was chosen, and why it stopped. */
export const choose = Effect.fnUntraced(function* <E extends CallFailure>(
  store: RunStore["Service"],
  embedder: Embedder<E>,
  emit: (event: RunEvent) => Effect.Effect<void>,
  tooLong: "refuse" | "cut"
) {
  const before = Option.map(yield* store.mark(name), decode)
  if (Option.isSome(before)) {
    const picks = yield* store.rows.picks
    yield* emit({ _tag: "Selected", prompts: picks.length, of: before.value.of, stopped: before.value.stopped })
    return { picks, mark: before.value }
  }
  const { failed, matrix } = yield* embed(store, embedder, emit, tooLong)
  const selection = yield* (yield* Selector).select({ matrix })
  const picks = Array.from(selection.picks, (_, index): Pick => {
    const pick = pickAt(selection, index)
    return { rank: index + 1, id: pick.id, cosine: pick.cosine ?? null }
  })
  const mark: Mark = {
    stopped: selection.stopped,
    nextCosine: selection.nextCosine ?? null,
    space: spaceKey(matrix.space),
    of: matrix.rows
  }
  yield* store.atomically(
    Effect.gen(function* () {
      yield* store.rows.fail(failed)
      yield* store.rows.select(picks)
      yield* store.setMark(name, encode(mark))
    })
  )
  yield* emit({ _tag: "Selected", prompts: picks.length, of: matrix.rows, stopped: selection.stopped })
  return { picks, mark }
})
