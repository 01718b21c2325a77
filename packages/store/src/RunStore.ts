/** Where a run lives: its calls, its rows, its picks and its outcomes, in one file or one database. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as SqlClient from "effect/sql/SqlClient"
import type * as SqlError from "effect/sql/SqlError"
import type { Halted } from "@consortium/core/Call"
import type { CallJournal } from "@consortium/core/CallJournal"
import * as Calls from "./Calls.js"
import { known, makeCalls, migrate } from "./internal/migrations.js"
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
    /** What the run's calls took, over all of its starts. */
    readonly spending: Effect.Effect<ReadonlyArray<Calls.Spending>, Halted>
    /** What the database finds wrong with itself, at most ten lines; none in a whole one. */
    readonly faults: Effect.Effect<ReadonlyArray<string>, Halted>
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
  /** A file of answers that several runs share, so that none pays for what another has. @default the run's own file */
  readonly calls?: string
}

type Guard = <A>(effect: Effect.Effect<A, SqlError.SqlError>) => Effect.Effect<A, Halted>

/**
 * The store over a client whose tables are there.
 *
 * @param place what errors name
 * @param calls the table where answers are kept
 */
export const make = Effect.fnUntraced(function* (place: string, calls: string) {
  const sql = yield* SqlClient.SqlClient
  const guard: Guard = Effect.mapError((error) => halt(fromSql(place, error)))
  const changed = new StoreError({ why: "damaged", path: place, detail: "a stored answer is not what was written" })
  return RunStore.of({
    ...Calls.make(sql, guard, calls, halt(changed)),
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
    faults: sql.onDialectOrElse({
      orElse: () => Effect.succeed([]),
      sqlite: () =>
        guard(sql<{ quick_check: string }>`PRAGMA quick_check(10)`).pipe(
          Effect.map((rows) => rows.map((row) => row.quick_check).filter((line) => line !== "ok"))
        )
    }),
    atomically: (effect) =>
      sql.withTransaction(effect).pipe(
        Effect.catchIf(
          (error): error is SqlError.SqlError =>
            typeof error === "object" && error !== null && "_tag" in error && error._tag === "SqlError",
          (error) => Effect.fail(halt(fromSql(place, error)))
        )
      )
  })
})

/**
 * Refuses a store that this version could misread, then brings it up to date.
 *
 * @param tables the names of those that are there
 */
export const prepare = Effect.fnUntraced(function* (place: string, calls: string, tables: ReadonlyArray<string>) {
  const sql = yield* SqlClient.SqlClient
  const refuse = (why: StoreError["why"], detail: string) => new StoreError({ why, path: place, detail })
  yield* Effect.gen(function* () {
    const begun = tables.includes("effect_sql_migrations")
    if (tables.length > 0 && !begun) return yield* refuse("damaged", "it is no store of a run")
    if (begun) {
      const [taken] = yield* sql<{ n: number }>`SELECT max(migration_id) AS n FROM effect_sql_migrations`
      if ((taken?.n ?? 0) > known) return yield* refuse("newer", `schema ${taken?.n}, this version knows ${known}`)
    }
    yield* migrate
    if (calls !== "calls") yield* makeCalls(sql, calls)
  }).pipe(
    Effect.catchTag("SqlError", (error) => Effect.fail(fromSql(place, error))),
    Effect.catchTag("MigrationError", (error) => Effect.fail(refuse("unusable", error.message)))
  )
})

const inFile = Effect.fnUntraced(function* (filename: string, calls: string) {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* Effect.mapError(
    sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`,
    (error) => fromSql(filename, error)
  )
  yield* prepare(
    filename,
    calls,
    tables.map(({ name }) => name)
  )
  return yield* make(filename, calls)
})

/** A run's store on SQLite. One process at a time: the file is locked while it is open; a file of shared answers is not. */
export const layerSqlite = (options: Options): Layer.Layer<RunStore, StoreError> => {
  const synchronous = options.durability === "full" ? "FULL" : "NORMAL"
  const pragmas = ["main.locking_mode = EXCLUSIVE", "main.journal_mode = WAL", `main.synchronous = ${synchronous}`]
  const shared = ["shared.journal_mode = WAL", `shared.synchronous = ${synchronous}`]
  const database = Sqlite.layer({
    filename: options.filename,
    pragmas,
    ...(options.calls !== undefined && { attached: { shared: { filename: options.calls, pragmas: shared } } })
  }).pipe(Layer.catchTag("SqlError", (error) => Layer.effectContext(Effect.fail(fromSql(options.filename, error)))))
  const calls = options.calls === undefined ? "calls" : "shared.calls"
  return Layer.effect(RunStore, inFile(options.filename, calls)).pipe(Layer.provide(database))
}
