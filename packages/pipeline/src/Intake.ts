/** The input, row by row, into the store: read once, deduplicated, every row accounted for. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type Dropped, type PromptSource, SourceError, type SourceRow } from "@consortium/core/PromptSource"
import type { RunEvent } from "@consortium/core/RunEvent"
import type { Clash, NewRow } from "@consortium/store/Rows"
import type { RunStore } from "@consortium/store/RunStore"
import { digest } from "./internal/digest.js"
import { contentKey } from "./PromptFile.js"
import { RunConflict } from "./RunConfig.js"

/** What the intake leaves behind for the next start. */
const Mark = Schema.fromJsonString(
  Schema.Struct({ rows: Schema.Int, digest: Schema.String, stamp: Schema.optionalKey(Schema.String) })
)
const encode = Schema.encodeSync(Mark)
const decode = Schema.decodeSync(Mark)
const name = "intake"
const batch = 256

export interface Options {
  readonly source: PromptSource["Service"]
  readonly store: RunStore["Service"]
  readonly out: string
  readonly skipInvalid: boolean
  /** Whether an input that has changed adds its new rows instead of being refused. @default false */
  readonly grow?: boolean
  readonly emit: (event: RunEvent) => Effect.Effect<void>
}

const rowOf = (row: SourceRow): NewRow => {
  const { number } = row
  switch (row._tag) {
    case "Invalid":
      return { _tag: "Invalid", number, detail: row.error.message }
    case "Prompt":
      return {
        _tag: "Prompt",
        number,
        prompt: row.prompt,
        content: contentKey(row.prompt),
        ...(row.note !== undefined && { note: row.note })
      }
    case "Dropped":
      return {
        _tag: "Dropped",
        number,
        state: row.why === "duplicate" ? "duplicate" : "dropped",
        detail: ledgerLine(row)
      }
  }
}

/** Which row it was, and what it repeats or why it was left out. */
const ledgerLine = ({ detail, of, prompt, why }: Dropped): string =>
  `${prompt.id}: ${why}${of === undefined ? "" : ` of ${of}`}, ${detail}`

/** What makes two inputs the same: every prompt to the last blank, and where rows are that are none. */
const lineOf = (row: SourceRow): string =>
  row._tag === "Prompt" ? JSON.stringify(row.prompt) : row._tag === "Invalid" ? "!" : `-${row.why}`

/** Whether an earlier start has read its input: before that nothing is paid for, and its settings bind nobody. */
export const begun = (store: RunStore["Service"]) => Effect.map(store.mark(name), Option.isSome)

/** Adds rows to the store and counts what becomes of them; fails on the first bad one unless such rows are skipped. */
const adder = ({ emit, skipInvalid, source, store }: Omit<Options, "out">, since = 1) => {
  let rows = 0
  let duplicate = 0
  let invalid = 0
  let dropped = 0
  const clashed = ({ first, id, number }: Clash) =>
    new SourceError({
      file: source.name,
      line: number,
      reason: `the id ${id} is already that of row ${first}: give each prompt its own id, or skip such rows with --skip-invalid`
    })
  return Effect.fnUntraced(function* (part: ReadonlyArray<SourceRow>) {
    const added = yield* store.rows.add(part.map(rowOf), since + rows, since)
    const errors = [
      ...part.flatMap((row) => (row._tag === "Invalid" ? [row.error] : [])),
      ...added.clashes.map(clashed)
    ]
    if (errors[0] !== undefined && !skipInvalid) return yield* errors[0]
    duplicate += added.duplicates
    const left = part.filter((row) => row._tag === "Dropped")
    const repeats = left.filter(({ why }) => why === "duplicate").length
    duplicate += repeats
    dropped += left.length - repeats
    invalid += errors.length
    rows += part.length
    const prompts = rows - duplicate - invalid - dropped
    yield* emit({ _tag: "Read", rows, prompts, duplicate, invalid, ...(dropped > 0 && { dropped }), done: false })
  })
}

/** Says what the input came to; one without a prompt is of no use. */
const told = Effect.fnUntraced(function* ({ emit, source, store }: Omit<Options, "out">) {
  const ledger = yield* store.rows.ledger
  const prompts = ledger.rows - ledger.duplicate - ledger.invalid - (ledger.dropped ?? 0)
  yield* emit({
    _tag: "Read",
    rows: ledger.rows,
    prompts,
    duplicate: ledger.duplicate,
    invalid: ledger.invalid,
    ...(ledger.dropped !== undefined && { dropped: ledger.dropped }),
    done: true
  })
  if (prompts === 0) {
    return yield* new SourceError({ file: source.name, reason: "no usable prompt in it: give at least one" })
  }
})

/** Reads the whole input in place of whatever rows the store has. */
export const replace = Effect.fnUntraced(function* (options: Omit<Options, "out">) {
  yield* options.store.rows.clear
  yield* options.source.stream.pipe(Stream.grouped(batch), Stream.runForEach(adder(options)))
  yield* told(options)
})

/**
 * Reads the whole input. Where an earlier start has read it already, it is read again only to see that it is still
 * the same, and not even that where its stamp is; where that start was cut short, it begins anew, since nothing has been paid for yet.
 */
export const read = Effect.fnUntraced(function* (options: Options) {
  const { store, source } = options
  const before = Option.map(yield* store.mark(name), decode)
  const known = Option.isSome(before)
  const stamp = yield* source.stamp ?? Effect.succeed(undefined)
  if (known && stamp !== undefined && before.value.stamp === stamp) return yield* told(options)
  if (!known) yield* store.rows.clear
  const seen = digest()
  let rows = 0
  const add = adder(options)
  const take = (part: ReadonlyArray<SourceRow>) => {
    for (const row of part) seen.update(lineOf(row))
    rows += part.length
    return known ? Effect.void : add(part)
  }
  yield* source.stream.pipe(Stream.grouped(batch), Stream.runForEach(take))
  const mark = { rows, digest: seen.finish(), ...(stamp !== undefined && { stamp }) }
  const isOther = Option.isSome(before) && before.value.digest !== mark.digest
  if (isOther && options.grow === true) {
    const since = yield* store.rows.end
    yield* source.stream.pipe(Stream.grouped(batch), Stream.runForEach(adder(options, since)))
  } else if (isOther) {
    const difference = `prompts: there ${before.value.rows} rows, here ${rows}${before.value.rows === rows ? " of other content" : ""}`
    return yield* new RunConflict({ out: options.out, differences: [difference] })
  }
  yield* told(options)
  // Only now is the input the run's: one that was of no use may be mended.
  yield* store.setMark(name, encode(mark))
})
