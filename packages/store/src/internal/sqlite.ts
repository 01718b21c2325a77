/** `SqlClient` over Node's own SQLite. To be replaced when a published driver supports this version of Effect. */
import { accessSync, constants, existsSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type * as SqlConnection from "effect/sql/SqlConnection"
import * as SqlError from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import * as Stream from "effect/Stream"

export interface Options {
  /** A path, or `:memory:`. */
  readonly filename: string
  /** Run once when the database is open. */
  readonly pragmas: ReadonlyArray<string>
  /** Other databases by the names under which statements find them. */
  readonly attached?: Readonly<Record<string, Omit<Options, "attached">>>
}

/** Node calls SQLite's result code `errcode`; Effect's classifier reads `errno`. */
const withErrno = (cause: unknown): unknown =>
  cause instanceof Error && "errcode" in cause ? Object.assign(cause, { errno: cause.errcode }) : cause

const fail = (cause: unknown, operation: string) =>
  new SqlError.SqlError({
    reason: SqlError.classifySqliteError(withErrno(cause), {
      message: cause instanceof Error ? cause.message : `sqlite ${operation} failed`,
      operation
    })
  })

/** SQLite's code for what can't be written to; on a read-only medium it speaks of a failed disk instead. */
const readOnly = 8

/** The same error, with its reason where the medium has it. */
const ofMedium = (filename: string, cause: unknown): unknown => {
  if (filename === ":memory:" || !(cause instanceof Error)) return cause
  try {
    accessSync(existsSync(filename) ? filename : dirname(filename), constants.W_OK)
    return cause
  } catch (refused) {
    const isReadOnly = refused instanceof Error && "code" in refused && refused.code !== "ENOENT"
    return isReadOnly ? Object.assign(new Error(refused.message, { cause }), { errcode: readOnly }) : cause
  }
}

const open = ({
  attached = {},
  filename,
  pragmas
}: Options): Effect.Effect<DatabaseSync, SqlError.SqlError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        const database = new DatabaseSync(filename, { timeout: 2000 })
        try {
          for (const pragma of pragmas) database.exec(`PRAGMA ${pragma}`)
          for (const [name, other] of Object.entries(attached)) {
            database.prepare(`ATTACH DATABASE ? AS ${name}`).run(other.filename)
            for (const pragma of other.pragmas) database.exec(`PRAGMA ${pragma}`)
          }
        } catch (cause) {
          database.close()
          throw cause
        }
        return database
      },
      catch: (cause) => fail(ofMedium(filename, cause), "open")
    }),
    (database) => Effect.sync(() => database.close())
  )

type Mode = "rows" | "raw"
type Rows = ReadonlyArray<Record<string, unknown>>

const connect = (database: DatabaseSync): SqlConnection.Connection => {
  const prepared = new Map<string, StatementSync>()
  const prepare = (sql: string): StatementSync => {
    let statement = prepared.get(sql)
    if (statement === undefined) {
      statement = database.prepare(sql)
      if (prepared.size >= 200) prepared.clear()
      prepared.set(sql, statement)
    }
    return statement
  }
  const run = (sql: string, params: ReadonlyArray<unknown>, mode: Mode, cached: boolean) =>
    Effect.withFiber<Rows, SqlError.SqlError>((fiber) =>
      Effect.try({
        try: () => {
          const statement = cached ? prepare(sql) : database.prepare(sql)
          statement.setReadBigInts(Context.get(fiber.context, SqlClient.SafeIntegers))
          // SQLite's own values are all that the compiler for SQLite lets through.
          const values = params as ReadonlyArray<SQLInputValue>
          if (statement.columns().length > 0) return statement.all(...values)
          const done = statement.run(...values)
          return mode === "raw" ? [{ ...done }] : []
        },
        catch: (cause) => fail(cause, "execute")
      })
    )
  const transformed = (
    sql: string,
    params: ReadonlyArray<unknown>,
    cached: boolean,
    transform: ((rows: Rows) => Rows) | undefined
  ) =>
    transform === undefined ? run(sql, params, "rows", cached) : Effect.map(run(sql, params, "rows", cached), transform)
  // Named columns to values: no statement of ours gives two columns one name.
  const arrays = (sql: string, params: ReadonlyArray<unknown>, cached: boolean) =>
    Effect.map(run(sql, params, "rows", cached), (rows) => rows.map((row) => Object.values(row)))
  return {
    execute: (sql, params, transform) => transformed(sql, params, true, transform),
    executeRaw: (sql, params) => run(sql, params, "raw", true),
    executeValues: (sql, params) => arrays(sql, params, true),
    executeValuesUnprepared: (sql, params) => arrays(sql, params, false),
    executeUnprepared: (sql, params, transform) => transformed(sql, params, false, transform),
    executeStream: (sql, params, transform) =>
      Stream.suspend(() => {
        const rows = Stream.fromIteratorSucceed(
          database.prepare(sql).iterate(...(params as ReadonlyArray<SQLInputValue>))
        )
        return transform === undefined ? rows : Stream.mapArray(rows, (chunk) => transform(chunk) as typeof chunk)
      })
  }
}

const make = Effect.fnUntraced(function* (options: Options) {
  const database = yield* open(options)
  const acquirers = SqlClient.makeSqliteAcquirers({
    connection: Effect.succeed(connect(database)),
    semaphore: yield* Semaphore.make(1),
    isTransaction: () => database.isTransaction
  })
  return yield* SqlClient.make({
    ...acquirers,
    compiler: Statement.makeCompilerSqlite(),
    driver: "sqlite",
    spanAttributes: [["db.system.name", "sqlite"]]
  })
})

export const layer = (options: Options): Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> =>
  Layer.effect(SqlClient.SqlClient, make(options)).pipe(Layer.provide(Reactivity.layer))
