/** What a killed run left behind, read from a copy of its store, so that looking changes nothing. */
import { createHash } from "node:crypto"
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { balances, type Ledger } from "@consortium/core/RunEvent"
import type { Postgres } from "./postgres.js"

export interface Left {
  /** How far the store says that the run has come. */
  readonly stage: "store" | "intake" | "before selection" | "on the road" | "after the last prompt"
  /** Digests of the chat requests that have a stored answer, as the simulated server names them. */
  readonly chats: ReadonlySet<string>
  /** Digests of the vectors of stored batches. */
  readonly batches: ReadonlySet<string>
  /** What does not add up; empty in a sound store. */
  readonly wrong: ReadonlyArray<string>
}

const states = ["pending", "selected", "not-selected", "duplicate", "invalid", "failed"]

const nothing: Left = { stage: "store", chats: new Set(), batches: new Set(), wrong: [] }

/** Counted from the tables one by one, rather than one number from the others. */
const ledgerOf = (count: (sql: string) => number): Ledger => {
  const inState = (state: string) => count(`SELECT count(*) AS n FROM rows WHERE state = '${state}'`)
  const ended = (kind: string) => count(`SELECT count(*) AS n FROM outcomes WHERE kind = '${kind}'`)
  return {
    rows: count("SELECT count(*) AS n FROM rows"),
    selected: inState("selected"),
    notSelected: inState("not-selected"),
    duplicate: inState("duplicate"),
    invalid: inState("invalid"),
    failed: inState("failed"),
    pending: inState("pending"),
    examples: ended("example"),
    rejected: ended("rejected"),
    unfinished: count("SELECT count(*) AS n FROM picks WHERE id NOT IN (SELECT id FROM outcomes)")
  }
}

const faults = (
  count: (sql: string) => number,
  marks: ReadonlySet<string>,
  expected: { rows: number; picks: number }
) => {
  const ledger = ledgerOf(count)
  const picks = count("SELECT count(*) AS n FROM picks")
  const chosen = marks.has("selection")
  const said: ReadonlyArray<readonly [boolean, string]> = [
    [balances(ledger), `the ledger does not balance: ${JSON.stringify(ledger)}`],
    [
      count(`SELECT count(*) AS n FROM rows WHERE state NOT IN (${states.map((one) => `'${one}'`).join()})`) === 0,
      "a row in no known state"
    ],
    [count("SELECT coalesce(max(position), 0) AS n FROM rows") === ledger.rows, "positions with gaps"],
    [!marks.has("intake") || ledger.rows === expected.rows, `the intake is marked as done with ${ledger.rows} rows`],
    [marks.has("intake") || !chosen, "a selection before the intake was done"],
    [
      picks === ledger.selected && picks === (chosen ? expected.picks : 0),
      `${picks} picks, ${ledger.selected} selected`
    ],
    [!chosen || ledger.pending === 0, `${ledger.pending} rows undecided after the selection`],
    [count("SELECT count(*) AS n FROM outcomes WHERE id NOT IN (SELECT id FROM picks)") === 0, "an outcome of no pick"]
  ]
  return said.flatMap(([holds, what]) => (holds ? [] : [what]))
}

type Query = (sql: string) => ReadonlyArray<Readonly<Record<string, unknown>>>

/** Bytes as a driver gives them, or as PostgreSQL writes them into JSON. */
const bytesOf = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : Buffer.from(String(value).replace(/^\\x/, ""), "hex")

const read = (all: Query, expected: { rows: number; picks: number }): Left => {
  const count = (sql: string) => Number(all(sql)[0]?.n)
  const marks = new Set(all("SELECT name FROM marks").map((row) => String(row.name)))
  const chats = all("SELECT json FROM calls WHERE bytes IS NULL").map(({ json }) => {
    const answer: { readonly requestId?: string } = JSON.parse(String(json))
    return answer.requestId?.split("_")[2] ?? "an answer without a request id"
  })
  const batches = all("SELECT bytes FROM calls WHERE bytes IS NOT NULL").map(({ bytes }) =>
    createHash("sha256").update(bytesOf(bytes)).digest("hex")
  )
  const left = count("SELECT count(*) AS n FROM picks WHERE id NOT IN (SELECT id FROM outcomes)")
  const stage = !marks.has("intake")
    ? "intake"
    : !marks.has("selection")
      ? "before selection"
      : left > 0
        ? "on the road"
        : "after the last prompt"
  return { stage, chats: new Set(chats), batches: new Set(batches), wrong: faults(count, marks, expected) }
}

/** @param expected rows of the input, and how many of them are to be picked */
export const look = (out: string, expected: { readonly rows: number; readonly picks: number }): Left => {
  if (!existsSync(join(out, "run.db"))) return nothing
  const copy = mkdtempSync(join(tmpdir(), "consortium-look-"))
  try {
    for (const name of ["run.db", "run.db-wal"]) {
      if (existsSync(join(out, name))) copyFileSync(join(out, name), join(copy, name))
    }
    const database = new DatabaseSync(join(copy, "run.db"))
    try {
      const all: Query = (sql) => database.prepare(sql).all()
      const isMade = all("SELECT name FROM sqlite_master WHERE name = 'spending'").length > 0
      return isMade ? read(all, expected) : nothing
    } finally {
      database.close()
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** The same of a run in a database. */
export const lookIn = (
  { rows }: Pick<Postgres, "rows">,
  run: string,
  expected: { readonly rows: number; readonly picks: number }
): Left => {
  const schema = `run_${run}`
  const tables = rows(`SELECT 1 AS n FROM information_schema.tables
    WHERE table_schema = '${schema}' AND table_name = 'spending'`)
  if (tables.length === 0) return nothing
  const all: Query = (sql) =>
    rows(
      sql
        .replaceAll(/(FROM|JOIN) (rows|picks|outcomes|marks)\b/g, `$1 "${schema}".$2`)
        .replaceAll("FROM calls", "FROM consortium_calls.calls")
    )
  return read(all, expected)
}
