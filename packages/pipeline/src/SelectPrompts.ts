/** Stages 1 and 2 alone: which prompts, in which order, and how well they stand for all; without any member or judge. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CallFailure, Halted } from "@consortium/core/Call"
import type { Embedder, TooLong } from "@consortium/core/Embedder"
import type { EmbeddingError, EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { spaceKey } from "@consortium/core/EmbeddingMatrix"
import { WriteError } from "@consortium/core/Example"
import type { PromptId } from "@consortium/core/Ids"
import { type Prompt, textOf } from "@consortium/core/Prompt"
import type { PriceBook } from "@consortium/core/PriceBook"
import type { PromptSource } from "@consortium/core/PromptSource"
import type { RunEvent } from "@consortium/core/RunEvent"
import type { Seed } from "@consortium/core/Seed"
import { pickAt, type Pool, type Selection, type Selector } from "@consortium/core/Selection"
import { cached, type Options as EmbeddingCache } from "@consortium/embeddings/EmbeddingCache"
import type { MatrixFileError } from "@consortium/embeddings/MatrixFileError"
import { makeConcurrency } from "@consortium/middleware/Concurrency"
import { embedStack } from "@consortium/middleware/Stack"
import * as Centre from "@consortium/selector/Centre"
import * as Coverage from "@consortium/selector/Coverage"
import * as Curve from "@consortium/selector/Curve"
import { layerSqlite, RunStore } from "@consortium/store/RunStore"
import type { Guard } from "@consortium/selector/Guard"
import { embed, type Meaning } from "./Choose.js"
import * as DatasetFile from "./DatasetFile.js"
import * as Intake from "./Intake.js"
import { type HeldOut, repeats, withoutLeaks } from "./Meaning.js"
import { chatMessages } from "@consortium/formats/ChatFormat"
import { bill } from "./internal/bill.js"
import { version } from "./internal/version.js"
import * as JsonLines from "./JsonLines.js"

/** Prompts to be embedded; the store in the folder keeps what a vendor was paid for. */
export interface Prompts<E extends CallFailure> extends Meaning {
  readonly source: PromptSource["Service"]
  readonly embedder: Embedder<E>
  /** @default "refuse" */
  readonly tooLong?: TooLong
  /** A folder of vectors that selections and runs share. @default none: `select.db` keeps them */
  readonly embeddingCache?: EmbeddingCache
  /** What embedding costs. @default what the vendor states */
  readonly prices?: PriceBook["Service"]
  /** Counts rows that are no prompts and goes on. @default false */
  readonly skipInvalid?: boolean
  /** A field of the rows that parts them into strata: equal values, one stratum. */
  readonly by?: string
  /** A field of the rows that holds their weight, a number from 0. */
  readonly weight?: string
}

/** Vectors that are there already. */
export interface Vectors {
  readonly matrix: Effect.Effect<EmbeddingMatrix, MatrixFileError | EmbeddingError, FileSystem.FileSystem>
}

export interface SelectConfig<E extends CallFailure = CallFailure> {
  readonly input: Prompts<E> | Vectors
  /** The folder for the files. */
  readonly out: string
  readonly selector: Selector["Service"]
  /** Takes the mean out of the vectors first; a tripwire then means little. @default false */
  readonly centred?: boolean
  /** Ids of an earlier collection: they count as chosen. @default none */
  readonly earlier?: ReadonlyArray<string>
  /** Of the random draw that the selection is measured beside. */
  readonly seed: Seed
  /** What a reader of the files has to know besides, by name. */
  readonly settings?: Readonly<Record<string, Schema.Json>>
  /** Embedding calls in flight. @default 16 */
  readonly concurrency?: number
  readonly onEvent?: (event: RunEvent) => Effect.Effect<void>
}

/** What a selection came to. */
export interface Selected {
  readonly picks: number
  readonly of: number
  readonly stopped: Selection["stopped"]
  readonly nextCosine?: number
  readonly space: string
  readonly curve: ReadonlyArray<Curve.Firing>
  readonly suggestion: Curve.Suggestion | Curve.NoSuggestion
  readonly coverage: Coverage.Report
  readonly files: ReadonlyArray<string>
  /** From prompts: those that could not be embedded, that are embedded by their beginning, and by the mean of their parts. */
  readonly failed?: number
  readonly cut?: number
  readonly averaged?: number
  /** From prompts: embedding calls that were made, those that were answered without one, and US dollars; null where a price is unknown. */
  readonly calls?: number
  readonly stored?: number
  readonly usd?: number | null
}

/** What was asked does not fit what there is to choose from. */
export class SelectConflict extends Schema.TaggedError<SelectConflict>()("SelectConflict", { detail: Schema.String }) {
  readonly isRetryable = false
  override get message(): string {
    return this.detail
  }
}

const page = 512

/** Every prompt that has a vector, a page at a time. */
const eachPrompt = (store: RunStore["Service"]) =>
  Stream.paginate(0, (after) =>
    Effect.map(store.rows.pending(after, page), (rows) => {
      const last = rows.at(-1)
      const next = last === undefined || rows.length < page ? Option.none() : Option.some(last.position)
      return [rows.map((row) => row.prompt), next] as const
    })
  )

const noField = (field: string, id: string, wanted: string) =>
  new SelectConflict({
    detail: `${id} has no ${wanted} in its field ${JSON.stringify(field)}: add it or choose another field`
  })

/** Strata and weights from the rows' own fields, in the order of the matrix. */
const columns = Effect.fnUntraced(function* <E extends CallFailure>(
  store: RunStore["Service"],
  matrix: EmbeddingMatrix,
  { by, weight }: Prompts<E>
) {
  if (by === undefined && weight === undefined) return {}
  const rowOf = new Map(matrix.ids.map((id, row) => [id, row]))
  const strata = new Uint32Array(matrix.rows)
  const weights = new Float64Array(matrix.rows)
  const names = new Map<string, number>()
  yield* Stream.runForEach(eachPrompt(store), (prompt: Prompt) => {
    const row = rowOf.get(prompt.id)
    if (row === undefined) return Effect.void
    if (by !== undefined) {
      const value = prompt.carried?.[by]
      if (value === undefined || value === null) return Effect.fail(noField(by, prompt.id, "value"))
      const name = JSON.stringify(value)
      strata[row] = names.get(name) ?? names.size
      names.set(name, strata[row])
    }
    if (weight !== undefined) {
      const value = prompt.carried?.[weight]
      if (typeof value !== "number" || !(value >= 0)) return Effect.fail(noField(weight, prompt.id, "number from 0"))
      weights[row] = value
    }
    return Effect.void
  })
  return { ...(by !== undefined && { strata }), ...(weight !== undefined && { weights }) }
})

const rowsOf = (matrix: EmbeddingMatrix, ids: ReadonlyArray<string>) => {
  const rowOf = new Map<string, number>(matrix.ids.map((id, row) => [id, row]))
  const missing = ids.find((id) => !rowOf.has(id))
  return missing === undefined
    ? Effect.succeed(Uint32Array.from(ids, (id) => rowOf.get(id) ?? 0))
    : Effect.fail(
        new SelectConflict({
          detail: `the earlier collection has ${missing}, which is not among the prompts: add it to them`
        })
      )
}

/** A prompt as it may be read again. */
const promptRow = (prompt: Prompt): Readonly<Record<string, Schema.Json>> => {
  const [first, ...rest] = prompt.messages
  const plain = rest.length === 0 && first.role === "user" && first.parts.every((part) => part._tag === "Text")
  const said = plain ? { prompt: textOf(first) } : { messages: prompt.messages.flatMap(chatMessages) }
  return { id: prompt.id, ...said, ...prompt.carried }
}

const pickRows = (selection: Selection) =>
  Array.from(selection.picks, (_, index) => {
    const { cosine, id } = pickAt(selection, index)
    return { rank: index + 1, id, cosine: cosine ?? null }
  })

const openFolder = Effect.fnUntraced(
  function* (out: string) {
    const files = yield* FileSystem.FileSystem
    yield* files.makeDirectory(out, { recursive: true })
    if ((yield* files.readDirectory(out)).includes("run.db")) {
      return yield* new SelectConflict({ detail: `${out} is the folder of a run: choose another one for a selection` })
    }
  },
  (effect, out) =>
    Effect.catchTag(effect, "PlatformError", (error) =>
      Effect.fail(new WriteError({ path: out, reason: `${error.message}: choose a folder that can be written` }))
    )
)

/** What is known of prompts, and what becomes known of them. */
interface Ledger {
  readonly promptOf: (id: PromptId) => Effect.Effect<Prompt, Halted>
  readonly guard: Guard
  readonly tell: RunStore["Service"]["rows"]["tell"]
}

/** Selects from a matrix, measures, and writes; there is a ledger where there are prompts. */
const selectFrom = Effect.fnUntraced(function* <E extends CallFailure>(
  config: SelectConfig<E>,
  full: EmbeddingMatrix,
  more: Pick<Pool, "strata" | "weights">,
  ledger: Ledger | undefined
) {
  const path = yield* Path.Path
  const emit = config.onEvent ?? (() => Effect.void)
  const matrix = config.centred === true ? (yield* Centre.centre(full)).matrix : full
  const earlier = config.earlier === undefined ? undefined : yield* rowsOf(matrix, config.earlier)
  const selection = yield* config.selector.select({ matrix, ...more, ...(earlier !== undefined && { earlier }) })
  const { stopped } = selection
  if (ledger !== undefined) yield* ledger.tell(yield* repeats(selection, ledger.guard, earlier))
  yield* emit({ _tag: "Selected", prompts: selection.picks.length, of: matrix.rows, stopped })
  const coverage = yield* Coverage.report(selection, { seed: config.seed })
  const { counts } = yield* Coverage.assign(selection)
  const curve = Curve.firings(selection)
  const suggestion = Curve.suggest(selection)
  const file = (name: string) => path.join(config.out, name)
  const picks = pickRows(selection)
  yield* JsonLines.write(
    file("selection.jsonl"),
    Stream.fromIterable(picks.map((pick, at) => ({ ...DatasetFile.selectionRow(pick), standsFor: counts[at] ?? 0 })))
  )
  if (ledger !== undefined) {
    const rows = Stream.mapEffect(Stream.fromIterable(picks), ({ id }) => Effect.map(ledger.promptOf(id), promptRow))
    yield* JsonLines.write(file("prompts.jsonl"), rows)
  }
  yield* JsonLines.writeJson(file("selection.json"), {
    schema: "consortium.select/1",
    version,
    settings: { ...config.settings, seed: config.seed },
    space: spaceKey(matrix.space),
    of: matrix.rows,
    picks: picks.length,
    stopped,
    nextCosine: selection.nextCosine ?? null,
    curve,
    suggestion,
    coverage
  })
  const names = ["selection.jsonl", ...(ledger === undefined ? [] : ["prompts.jsonl"]), "selection.json"]
  const selected: Selected = {
    picks: picks.length,
    of: matrix.rows,
    stopped,
    ...(selection.nextCosine !== undefined && { nextCosine: selection.nextCosine }),
    space: spaceKey(matrix.space),
    curve,
    suggestion,
    coverage,
    files: names.map(file)
  }
  return selected
})

/** Without leaks; what was collected earlier stays. */
const clean = <E extends CallFailure>(
  matrix: EmbeddingMatrix,
  embedder: Embedder<E>,
  heldOut: HeldOut | undefined,
  earlier: ReadonlyArray<string> | undefined
) =>
  heldOut === undefined
    ? Effect.succeed({ matrix, told: [] })
    : withoutLeaks(matrix, embedder, heldOut, new Set(earlier))

/** Reads, embeds and selects prompts. Each start reads the input anew; vectors that were paid for are kept in `select.db`. */
const fromPrompts = Effect.fnUntraced(function* <E extends CallFailure>(config: SelectConfig<E>, input: Prompts<E>) {
  const store = yield* RunStore
  const emit = config.onEvent ?? (() => Effect.void)
  yield* Intake.replace({ store, source: input.source, skipInvalid: input.skipInvalid ?? false, emit })
  const concurrency = makeConcurrency({ permits: config.concurrency ?? 16 })
  const told = bill(emit)
  const { embeddingCache, prices } = input
  const keep = <X extends CallFailure>(embedder: Embedder<X>) =>
    embeddingCache === undefined ? Effect.succeed(embedder) : cached(embedder, embeddingCache)
  const stack = { journal: store.journal, concurrency, ...(prices !== undefined && { prices }) }
  const embedder =
    input.embedder.local === true
      ? yield* keep(input.embedder)
      : told.embedder(yield* keep(embedStack(stack)(input.embedder)))
  const all = yield* embed(store, embedder, emit, input.tooLong ?? "refuse")
  const { matrix, told: leaks } = yield* clean(all.matrix, embedder, input.heldOut, config.earlier)
  const { prompt: promptOf, tell } = store.rows
  yield* tell([...all.lengths, ...leaks])
  const more = yield* columns(store, matrix, input)
  const selected = yield* selectFrom(config, matrix, more, { promptOf, tell, guard: input.guard ?? "off" })
  return { ...selected, ...all.partly, failed: all.failed.length, ...told.totals() }
}, Effect.scoped)

/**
 * Selects a collection and writes `selection.jsonl`, `selection.json` (curve, coverage beside a random draw) and, from
 * prompts, `prompts.jsonl`, the chosen rows in the order of choice.
 */
export const selectPrompts = Effect.fnUntraced(function* <E extends CallFailure>(config: SelectConfig<E>) {
  const { input, out } = config
  yield* openFolder(out)
  if ("matrix" in input) return yield* selectFrom(config, yield* input.matrix, {}, undefined)
  const path = yield* Path.Path
  return yield* Effect.provide(fromPrompts(config, input), layerSqlite({ filename: path.join(out, "select.db") }))
})

/** The same for programs that do not write Effect: rejects with the very error. */
export const selectPromptsPromise = <E extends CallFailure>(
  config: SelectConfig<E>,
  options?: { readonly signal?: AbortSignal }
): Promise<Selected> =>
  Effect.runPromise(selectPrompts(config).pipe(Effect.provide([NodeFileSystem.layer, NodePath.layer])), options)
