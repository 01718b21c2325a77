/**
 * A run's store on PostgreSQL: runs of many machines in one database, each in a schema of its own, with the answers of
 * all in another.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import type * as SqlError from "effect/sql/SqlError"
import { make, prepare, RunStore } from "@consortium/store/RunStore"
import { fromSql, StoreError } from "@consortium/store/StoreError"

export interface Options {
  /** `postgres://user:password@host/database`. */
  readonly url: Redacted.Redacted<string>
  /** The run's name in the database: letters, digits, `_` and `-`. */
  readonly run: string
  /** Connections at most. @default 10 */
  readonly maxConnections?: number
}

const defaults = { maxConnections: 10 } as const

/** The schema of the answers that all runs share. */
const shared = "consortium_calls"
const calls = `${shared}.calls`

/** Milliseconds that a start waits for a run that another process holds. */
const patience = 3000

/** The database's address without its password. */
const placeOf = (url: string, run: string): string => {
  if (!URL.canParse(url)) return run
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname} run ${run}`
}

/** Holds the run while the scope is open; another process finds it locked. */
const lock = Effect.fnUntraced(function* (place: string, schema: string) {
  const sql = yield* SqlClient.SqlClient
  const connection = yield* sql.reserve
  // The database may take a moment to see that the last holder has died.
  yield* connection.execute(`SET lock_timeout = ${patience}`, [], undefined)
  yield* Effect.mapError(
    connection.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", [schema], undefined),
    (error) => new StoreError({ why: "locked", path: place, detail: error.message })
  )
  return yield* Effect.addFinalizer(() =>
    Effect.ignore(connection.execute("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [schema], undefined))
  )
})

const open = Effect.fnUntraced(function* (place: string, schema: string) {
  const sql = yield* SqlClient.SqlClient
  yield* lock(place, schema)
  // Two runs that begin at once may both try to make what they share.
  yield* Effect.ignore(sql`CREATE SCHEMA IF NOT EXISTS ${sql(shared)}`)
  yield* sql`CREATE SCHEMA IF NOT EXISTS ${sql(schema)}`
  const tables = yield* sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ${schema}`
  yield* prepare(
    place,
    calls,
    tables.map(({ name }) => name)
  )
  return yield* make(place, calls)
})

/** A run's store in a database. One process at a time holds a run; other runs go on beside it. */
export const layer = (options: Options): Layer.Layer<RunStore, StoreError> => {
  const { maxConnections, run, url } = { ...defaults, ...options }
  const place = placeOf(Redacted.value(url), run)
  const wrong = (detail: string) => new StoreError({ why: "unusable", path: place, detail })
  if (!/^[\w-]{1,48}$/.test(run))
    return Layer.effectContext(
      Effect.fail(wrong("a run's name has 1 to 48 letters, digits, `_` and `-`: choose such a name"))
    )
  const schema = `run_${run}`
  const database = PgClient.layer({
    url,
    maxConnections,
    applicationName: "consortium",
    startupParameters: { search_path: `"${schema}"` }
  })
  return Layer.effect(RunStore, open(place, schema)).pipe(
    Layer.provide(database),
    Layer.catchTag("SqlError", (error: SqlError.SqlError) => Layer.effectContext(Effect.fail(fromSql(place, error))))
  )
}
