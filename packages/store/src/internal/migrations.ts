/** The tables of a run, in the order in which they came to be. Never edit a step that has been published: add one. */
import * as Effect from "effect/Effect"
import * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"

/** What the two databases call the same thing. */
const words = (sql: SqlClient.SqlClient) => ({
  bytes: sql.literal(sql.onDialectOrElse({ orElse: () => "BLOB", pg: () => "BYTEA" })),
  float: sql.literal("DOUBLE PRECISION"),
  /** SQLite keeps such a table by its key alone. */
  byKey: sql.literal(sql.onDialectOrElse({ orElse: () => "WITHOUT ROWID", pg: () => "" }))
})

/** Answers by what was asked: of this run, or of all that share them. */
export const makeCalls = (sql: SqlClient.SqlClient, table: string) => {
  const { byKey, bytes } = words(sql)
  return sql`CREATE TABLE IF NOT EXISTS ${sql.literal(table)} (key TEXT PRIMARY KEY, json TEXT NOT NULL, bytes ${bytes}, took TEXT, crc INTEGER) ${byKey}`
}

const steps = {
  "0001_run": Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { byKey, bytes, float } = words(sql)
    yield* sql`CREATE TABLE marks (name TEXT PRIMARY KEY, json TEXT NOT NULL)`
    yield* sql`CREATE TABLE calls (key TEXT PRIMARY KEY, json TEXT NOT NULL, bytes ${bytes}) ${byKey}`
    yield* sql`CREATE TABLE rows (
      position INTEGER PRIMARY KEY,
      number INTEGER NOT NULL,
      id TEXT,
      content TEXT,
      state TEXT NOT NULL,
      prompt TEXT,
      detail TEXT
    )`
    // Only a row that stands for itself has to be unlike the others.
    yield* sql`CREATE UNIQUE INDEX rows_id ON rows (id) WHERE state NOT IN ('duplicate', 'invalid')`
    yield* sql`CREATE UNIQUE INDEX rows_content ON rows (content) WHERE state NOT IN ('duplicate', 'invalid')`
    yield* sql`CREATE INDEX rows_state ON rows (state, position)`
    yield* sql`CREATE TABLE picks (rank INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, cosine ${float})`
    yield* sql`CREATE TABLE outcomes (id TEXT PRIMARY KEY, kind TEXT NOT NULL, final INTEGER NOT NULL, json TEXT NOT NULL) ${byKey}`
  }),
  // What the judges said, in a form that can be counted again with other weights.
  "0002_ballots": Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`ALTER TABLE outcomes ADD COLUMN ballots TEXT`
  }),
  // What calls took: with each answer, with each outcome, and added up, so that a budget outlives the process.
  "0003_spending": Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { byKey, float } = words(sql)
    yield* sql`ALTER TABLE calls ADD COLUMN took TEXT`
    // Of what was answered: a database does not see a byte that changed inside a text.
    yield* sql`ALTER TABLE calls ADD COLUMN crc INTEGER`
    yield* sql`ALTER TABLE outcomes ADD COLUMN receipts TEXT`
    yield* sql`CREATE TABLE spending (
      ref TEXT NOT NULL,
      purpose TEXT NOT NULL,
      answered INTEGER NOT NULL,
      lost INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      unpriced INTEGER NOT NULL,
      usd ${float} NOT NULL,
      input_tokens ${float} NOT NULL,
      output_tokens ${float} NOT NULL,
      millis ${float} NOT NULL,
      PRIMARY KEY (ref, purpose)
    ) ${byKey}`
  })
}

/** How many steps this version knows; a store that has taken more was written by a newer one. */
export const known = Object.keys(steps).length

/** Takes the steps that the store has not taken yet. */
export const migrate = Migrator.make({})({ loader: Migrator.fromRecord(steps) })
