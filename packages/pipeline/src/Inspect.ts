/** Looks into a run's store: whether everything is where it belongs, and all that is known of one prompt. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { PromptId } from "@consortium/core/Ids"
import { textOf } from "@consortium/core/Prompt"
import { balances, type Ledger } from "@consortium/core/RunEvent"
import type { Spending } from "@consortium/store/Calls"
import type { Outcome } from "@consortium/store/Outcomes"
import type { Place } from "@consortium/store/Rows"
import { layerSqlite, RunStore } from "@consortium/store/RunStore"
import { StoreError } from "@consortium/store/StoreError"
import { DatasetRow, RejectedRow } from "./DatasetFile.js"
import * as Outputs from "./Outputs.js"

/** There is no such thing in the run. */
export class NotThere extends Schema.TaggedError<NotThere>()("NotThere", {
  what: Schema.String,
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `${this.what}: ${this.detail}`
  }
}

/** The store of the run in a folder; a folder without one is not touched. */
export const layerOf = (out: string) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const filename = (yield* Path.Path).join(out, "run.db")
      const isThere = yield* Effect.orElseSucceed(files.exists(filename), () => false)
      if (isThere) return layerSqlite({ filename })
      return Layer.effectContext(
        Effect.fail(new StoreError({ why: "unusable", path: filename, detail: "no run has been written there" }))
      )
    })
  )

/** What a look at the whole run found. */
export interface Verified {
  readonly ledger: Ledger
  readonly spending: ReadonlyArray<Spending>
  /** What is wrong, a line each; none in a whole run. */
  readonly problems: ReadonlyArray<string>
}

const decoders = {
  example: Schema.decodeUnknownResult(Schema.fromJsonString(DatasetRow)),
  rejected: Schema.decodeUnknownResult(Schema.fromJsonString(RejectedRow))
}

/** Ids that a row speaks of and does not have. */
const strangers = (row: DatasetRow | RejectedRow): ReadonlyArray<string> => {
  const own = new Set(row.candidates.map(({ id }) => id))
  const named = [
    ...row.judges.flatMap(({ order = [], shown, unacceptable = [], unranked = [] }) => [
      ...order.flat(),
      ...unranked,
      ...unacceptable,
      ...shown
    ]),
    ...("ranking" in row ? row.ranking.flatMap(({ candidates }) => candidates) : []),
    ...("chosen" in row ? [row.chosen.candidate] : [])
  ]
  return [...new Set(named.filter((id) => !own.has(id)))]
}

type Row = DatasetRow | RejectedRow

const decodeRow = (kind: Outcome["kind"], json: string): Result.Result<Row, { readonly message: string }> =>
  decoders[kind](json)

const rowProblems = (kind: Outcome["kind"], json: string): ReadonlyArray<string> => {
  const read = decodeRow(kind, json)
  if (Result.isFailure(read)) return [`a row of the ${kind}s is not readable: ${read.failure.message.split("\n")[0]}`]
  const other = strangers(read.success)
  return other.length === 0
    ? []
    : [`${read.success.id} speaks of ${other.join(", ")}, which is not among its candidates`]
}

const files = { example: "dataset.jsonl", rejected: "rejected.jsonl" } as const

/** Whether a file has the lines that the store has; a run that was killed writes it when it goes on. */
const fileProblems = Effect.fnUntraced(function* (out: string, kind: Outcome["kind"], count: number) {
  const system = yield* FileSystem.FileSystem
  const path = (yield* Path.Path).join(out, files[kind])
  if (!(yield* Effect.orElseSucceed(system.exists(path), () => false))) return [`${files[kind]} is not written yet`]
  const store = yield* RunStore
  const written = system.stream(path).pipe(Stream.decodeText(), Stream.splitLines)
  const kept = Outputs.lines(store, kind)
  const same = Stream.zipWith(written, kept, (a, b) => a === b)
  const all = yield* Stream.runFold(
    same,
    () => ({ same: 0, other: 0 }),
    (sum, isSame) => ({ same: sum.same + Number(isSame), other: sum.other + Number(!isSame) })
  ).pipe(Effect.catchTag("PlatformError", () => Effect.succeed({ same: 0, other: 0 })))
  const lines = yield* Effect.orElseSucceed(Stream.runCount(written), () => 0)
  return all.same === count && lines === count
    ? []
    : [
        `${files[kind]} has ${lines} rows, ${all.same} of them as the store's ${count}: run the same command to write it`
      ]
})

/** Proves from the store that every input row is accounted for once, and that rows and files say the same. */
export const verify = Effect.fnUntraced(function* (out: string) {
  const store = yield* RunStore
  const faults = yield* store.faults
  const ledger = yield* store.rows.ledger
  const astray = yield* store.rows.astray
  const problems: Array<string> = [
    ...faults.map((fault) => `the database: ${fault}`),
    ...(balances(ledger) ? [] : [`the ledger does not balance: ${JSON.stringify(ledger)}`]),
    ...astray.map((id) => `${id} is selected in one table and not in another`)
  ]
  for (const kind of ["example", "rejected"] as const) {
    let count = 0
    yield* Stream.runForEach(Outputs.lines(store, kind), (json) =>
      Effect.sync(() => {
        count++
        if (problems.length < 100) problems.push(...rowProblems(kind, json))
      })
    )
    problems.push(...(yield* fileProblems(out, kind, count)))
  }
  const verified: Verified = { ledger, spending: yield* store.spending, problems }
  return verified
})

/** All that is known of one prompt. */
export interface Shown {
  readonly id: string
  /** Its row in the input, from 1. */
  readonly number: number
  readonly state: Place["state"]
  readonly detail: string | null
  readonly prompt: string
  readonly rank: number | null
  readonly cosine: number | null
  /** Its row of the dataset, or of the rejected. */
  readonly row: DatasetRow | RejectedRow | null
  /** What the members and judges of the run are asked with: models, samples, system prompts, sampling. */
  readonly settings: Schema.Json
  /** What each of its calls took and when; of an answer that was stored, when it was made. */
  readonly receipts: Schema.Json
}

const decodeJson = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Json))

/** Everything behind one row. */
export const show = Effect.fnUntraced(function* (id: string) {
  const { mark, outcomes, rows } = yield* RunStore
  const promptId = PromptId.make(id)
  const place = yield* rows.find(promptId)
  if (Option.isNone(place)) {
    return yield* new NotThere({
      what: id,
      detail: "no prompt of this run has the id: dataset.jsonl has those that do"
    })
  }
  const { detail, number, prompt, state } = place.value
  const pick = (yield* rows.picks).find((one) => one.id === id)
  const outcome = yield* outcomes.get(promptId)
  const read = Option.map(outcome, (one) => Result.getOrUndefined(decodeRow(one.kind, one.json)))
  const row = Option.getOrUndefined(read) ?? null
  const receipts = Option.getOrUndefined(outcome)?.receipts
  const settings = Option.getOrUndefined(yield* mark("settings"))
  const shown: Shown = {
    id,
    number,
    state,
    detail,
    prompt: prompt.messages.map((said) => `${said.role}: ${textOf(said)}`).join("\n"),
    rank: pick?.rank ?? null,
    cosine: pick?.cosine ?? null,
    row,
    settings: settings === undefined ? null : decodeJson(settings),
    receipts: receipts === undefined ? null : decodeJson(receipts)
  }
  return shown
})
