/** What was answered, by what was asked; and what all calls took together, by model. */
import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SqlClient from "effect/sql/SqlClient"
import type * as SqlError from "effect/sql/SqlError"
import type { Halted } from "@consortium/core/Call"
import { type CallJournal, type Entry, Took } from "@consortium/core/CallJournal"

/** What a run spent on one model for one purpose, over all of its starts. */
export interface Spending {
  readonly ref: string
  /** What for: `sample`, `judge`, `embed`; empty where nobody said. */
  readonly purpose: string
  /** Calls whose answer is kept, and calls that gave none. */
  readonly answered: number
  readonly lost: number
  /** How often the model was really asked. */
  readonly attempts: number
  /** Calls whose price nobody knows; they are missing in `usd`. */
  readonly unpriced: number
  /** US dollars. */
  readonly usd: number
  /** Tokens of the answered calls, as far as the vendor says. */
  readonly inputTokens: number
  readonly outputTokens: number
  /** Milliseconds of the answered calls' attempts, without waits. */
  readonly millis: number
}

export interface Calls {
  readonly journal: CallJournal["Service"]
  readonly spending: Effect.Effect<ReadonlyArray<Spending>, Halted>
}

const digest = (key: string): string => createHash("sha256").update(key).digest("hex")

const TookJson = Schema.fromJsonString(Took)
const encodeTook = Schema.encodeSync(TookJson)
const decodeTook = Schema.decodeResult(TookJson)

type Guard = <A>(effect: Effect.Effect<A, SqlError.SqlError>) => Effect.Effect<A, Halted>

interface Row {
  readonly json: string
  readonly bytes: Uint8Array | null
  readonly took: string | null
  readonly crc: number | null
}

/** As a signed 32-bit integer, which every database has. */
const crcOf = (json: string, bytes: Uint8Array | undefined): number => {
  const text = crc32(json)
  return (bytes === undefined ? text : crc32(bytes, text)) | 0
}

const isWhole = ({ bytes, crc, json }: Row): boolean => crc === null || crc === crcOf(json, bytes ?? undefined)

const entryOf = (row: Row): Entry => {
  const took = row.took === null ? undefined : Result.getOrUndefined(decodeTook(row.took))
  return { json: row.json, ...(row.bytes !== null && { bytes: row.bytes }), ...(took !== undefined && { took }) }
}

/**
 * @param table where answers are kept, which several runs may share
 * @param damaged what a changed answer is
 */
export const make = (sql: SqlClient.SqlClient, guard: Guard, table: string, damaged: Halted): Calls => {
  const calls = sql.literal(table)
  const add = (took: Took, answered: boolean) => {
    const { attempts, inputTokens = 0, millis, outputTokens = 0, purpose = "", ref, usd } = took
    const [good, bad] = answered ? [1, 0] : [0, 1]
    const unpriced = usd === undefined && attempts > 0 ? 1 : 0
    return sql`INSERT INTO spending (ref, purpose, answered, lost, attempts, unpriced, usd, input_tokens, output_tokens, millis)
      VALUES (${ref}, ${purpose}, ${good}, ${bad}, ${attempts}, ${unpriced}, ${usd ?? 0}, ${inputTokens}, ${outputTokens},
      ${answered ? millis : 0})
      ON CONFLICT (ref, purpose) DO UPDATE SET answered = spending.answered + excluded.answered,
      lost = spending.lost + excluded.lost, attempts = spending.attempts + excluded.attempts,
      unpriced = spending.unpriced + excluded.unpriced, usd = spending.usd + excluded.usd,
      input_tokens = spending.input_tokens + excluded.input_tokens,
      output_tokens = spending.output_tokens + excluded.output_tokens, millis = spending.millis + excluded.millis`
  }
  const insert = (key: string, { bytes, json, took }: Entry) =>
    sql`INSERT INTO ${calls} (key, json, bytes, took, crc)
      VALUES (${digest(key)}, ${json}, ${bytes ?? null}, ${took === undefined ? null : encodeTook(took)},
      ${crcOf(json, bytes)}) ON CONFLICT DO NOTHING`
  return {
    journal: {
      get: (key) =>
        guard(sql<Row>`SELECT json, bytes, took, crc FROM ${calls} WHERE key = ${digest(key)}`).pipe(
          Effect.flatMap(([row]) =>
            row === undefined
              ? Effect.succeedNone
              : isWhole(row)
                ? Effect.succeedSome(entryOf(row))
                : Effect.fail(damaged)
          )
        ),
      put: (key, entry) => {
        const { took } = entry
        const kept = insert(key, entry)
        return guard(
          Effect.asVoid(took === undefined ? kept : sql.withTransaction(Effect.andThen(kept, add(took, true))))
        )
      },
      lost: (took) => guard(Effect.asVoid(add(took, false)))
    },
    spending: guard(
      sql<Spending>`SELECT ref, purpose, answered, lost, attempts, unpriced, usd, input_tokens AS "inputTokens",
        output_tokens AS "outputTokens", millis FROM spending ORDER BY ref, purpose`
    )
  }
}
