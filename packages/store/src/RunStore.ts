/** Where a run lives: its calls, its rows, its picks and its outcomes, in one file. */
import { createHash } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as SqlClient from "effect/sql/SqlClient"
import type * as SqlError from "effect/sql/SqlError"
import type { Halted } from "@consortium/core/Call"
import type { CallJournal } from "@consortium/core/CallJournal"
import { known, migrate } from "./internal/migrations.js"
import * as Sqlite from "./internal/sqlite.js"
import * as Outcomes from "./Outcomes.js"
import * as Rows from "./Rows.js"
import { fromSql, halt, StoreError } from "./StoreError.js"

export class RunStore extends Context.Service<
  RunStore,
  {
    readonly journal: CallJournal["Service"]
    readonly rows: Rows.Rows
    readonly outcomes: Outcomes.Outcomes
    /** Small named facts about the run, as JSON text. */
    readonly mark: (name: string) => Effect.Effect<Option.Option<string>, Halted>
    readonly setMark: (name: string, json: string) => Effect.Effect<void, Halted>
    /** How many answers are kept. */
    readonly calls: Effect.Effect<number, Halted>
    /** All or nothing. */
    readonly atomically: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | Halted, R>
  }
>()("@consortium/store/RunStore") {}

export interface Options {
  /** A path, or `:memory:` for a run that ends with its process. */
  readonly filename: string
  /**
   * `normal` keeps a stored answer when the process dies, and may lose the last ones when the power fails; `full`
   * keeps them then too, at the price of a disk flush for each answer. @default "normal"
   */
  readonly durability?: "normal" | "full"
}

const digest = (key: string): string => createHash("sha256").update(key).digest("hex")

type Guard = <A>(effect: Effect.Effect<A, SqlError.SqlError>) => Effect.Effect<A, Halted>

const journal = (sql: SqlClient.SqlClient, guard: Guard): CallJournal["Service"] => ({
  get: (key) =>
    guard(
      sql<{ json: string; bytes: Uint8Array | null }>`SELECT json, bytes FROM calls WHERE key = ${digest(key)}`
    ).pipe(
      Effect.map(([row]) =>
        row === undefined
          ? Option.none()
          : Option.some({ json: row.json, ...(row.bytes !== null && { bytes: row.bytes }) })
      )
    ),
  put: (key, entry) =>
    guard(
      Effect.asVoid(
        sql`INSERT INTO calls (key, json, bytes) VALUES (${digest(key)}, ${entry.json}, ${entry.bytes ?? null}) ON CONFLICT DO NOTHING`
      )
    )
})

const make = Effect.fnUntraced(function* (filename: string) {
  const sql = yield* SqlClient.SqlClient
  const guard: Guard = Effect.mapError((error) => halt(fromSql(filename, error)))
  return RunStore.of({
    journal: journal(sql, guard),
    rows: Rows.make(sql, guard),
    outcomes: Outcomes.make(sql, guard),
    mark: (name) =>
      guard(sql<{ json: string }>`SELECT json FROM marks WHERE name = ${name}`).pipe(
        Effect.map(([row]) => Option.fromNullishOr(row?.json))
      ),
    setMark: (name, json) =>
      guard(
        Effect.asVoid(
          sql`INSERT INTO marks (name, json) VALUES (${name}, ${json}) ON CONFLICT (name) DO UPDATE SET json = excluded.json`
        )
      ),
    calls: guard(sql<{ n: number }>`SELECT count(*) AS n FROM calls`).pipe(Effect.map(([row]) => row?.n ?? 0)),
    atomically: (effect) =>
      sql.withTransaction(effect).pipe(
        Effect.catchIf(
          (error): error is SqlError.SqlError =>
            typeof error === "object" && error !== null && "_tag" in error && error._tag === "SqlError",
          (error) => Effect.fail(halt(fromSql(filename, error)))
        )
      )
  })
})

/** Refuses a store that this version could misread, then brings it up to date. */
const prepare = Effect.fnUntraced(function* (filename: string) {
  const sql = yield* SqlClient.SqlClient
  const refuse = (why: StoreError["why"], detail: string) => new StoreError({ why, path: filename, detail })
  yield* Effect.gen(function* () {
    const tables = yield* sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`
    const names = new Set(tables.map((table) => table.name))
    if (names.size > 0 && !names.has("effect_sql_migrations"))
      return yield* refuse("damaged", "it is no store of a run")
    if (names.has("effect_sql_migrations")) {
      const [taken] = yield* sql<{ n: number }>`SELECT max(migration_id) AS n FROM effect_sql_migrations`
      if ((taken?.n ?? 0) > known) return yield* refuse("newer", `schema ${taken?.n}, this version knows ${known}`)
    }
    return yield* migrate
  }).pipe(
    Effect.catchTag("SqlError", (error) => Effect.fail(fromSql(filename, error))),
    Effect.catchTag("MigrationError", (error) => Effect.fail(refuse("unusable", error.message)))
  )
})

/** A run's store on SQLite. One process at a time: the file is locked while it is open. */
export const layerSqlite = (options: Options): Layer.Layer<RunStore, StoreError> => {
  const pragmas = [
    "locking_mode = EXCLUSIVE",
    "journal_mode = WAL",
    `synchronous = ${options.durability === "full" ? "FULL" : "NORMAL"}`
  ]
  const database = Sqlite.layer({ filename: options.filename, pragmas }).pipe(
    Layer.catchTag("SqlError", (error) => Layer.effectContext(Effect.fail(fromSql(options.filename, error))))
  )
  return Layer.effect(RunStore, Effect.andThen(prepare(options.filename), make(options.filename))).pipe(
    Layer.provide(database)
  )
}
