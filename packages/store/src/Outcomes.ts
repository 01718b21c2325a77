/** What became of each selected prompt: its row of the dataset, or of the rejected ones, as it will be written. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as SqlClient from "effect/sql/SqlClient"
import type * as SqlError from "effect/sql/SqlError"
import type { Halted } from "@consortium/core/Call"
import type { PromptId } from "@consortium/core/Ids"

export interface Outcome {
  readonly kind: "example" | "rejected"
  /** Whether another try could not change it; the others are tried again when the run goes on. */
  readonly final: boolean
  /** One line of the output. */
  readonly json: string
  /** What the judges said, so that it can be counted again; absent where nobody was asked. */
  readonly ballots?: string
  /** What its calls took, as JSON; the line has no times. */
  readonly receipts?: string
}

/** An outcome that judges decided. */
export interface Judged {
  readonly rank: number
  readonly id: PromptId
  readonly outcome: Outcome & { readonly ballots: string }
}

export interface Outcomes {
  readonly get: (id: PromptId) => Effect.Effect<Option.Option<Outcome>, Halted>
  readonly put: (id: PromptId, outcome: Outcome) => Effect.Effect<void, Halted>
  /** How many another try could change. */
  readonly open: Effect.Effect<number, Halted>
  /** How many have a call that failed, of a member or a judge, or are open. */
  readonly failed: Effect.Effect<number, Halted>
  /** Forgets those. */
  readonly retry: Effect.Effect<void, Halted>
  /** Forgets those that are open. */
  readonly reopen: Effect.Effect<void, Halted>
  /** Forgets all: what was asked and answered stays, and is counted anew. */
  readonly clear: Effect.Effect<void, Halted>
  /** Those with ballots, in the order of the picks, after a rank. */
  readonly judged: (after: number, most: number) => Effect.Effect<ReadonlyArray<Judged>, Halted>
  /** Lines of one kind in the order of the picks, after a rank. */
  readonly lines: (
    kind: Outcome["kind"],
    after: number,
    most: number
  ) => Effect.Effect<ReadonlyArray<{ readonly rank: number; readonly json: string }>, Halted>
}

/** A receipt of a failed call: inside a text the quotation marks would be escaped. */
const failure = '%"failure":%'

type Guard = <A>(effect: Effect.Effect<A, SqlError.SqlError>) => Effect.Effect<A, Halted>

export const make = (sql: SqlClient.SqlClient, guard: Guard): Outcomes => ({
  get: (id) =>
    guard(
      sql<{
        kind: Outcome["kind"]
        final: number
        json: string
        receipts: string | null
      }>`SELECT kind, final, json, receipts FROM outcomes WHERE id = ${id}`
    ).pipe(
      Effect.map(([row]) => {
        if (row === undefined) return Option.none()
        const { final, json, kind, receipts } = row
        return Option.some({ kind, final: final === 1, json, ...(receipts !== null && { receipts }) })
      })
    ),
  put: (id, { ballots, kind, final, json, receipts }) =>
    guard(
      Effect.asVoid(sql`INSERT INTO outcomes (id, kind, final, json, ballots, receipts)
        VALUES (${id}, ${kind}, ${final ? 1 : 0}, ${json}, ${ballots ?? null}, ${receipts ?? null})
        ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, final = excluded.final, json = excluded.json,
        ballots = excluded.ballots, receipts = coalesce(excluded.receipts, outcomes.receipts)`)
    ),
  judged: (after, most) =>
    guard(
      sql<{ rank: number; id: PromptId; kind: Outcome["kind"]; final: number; json: string; ballots: string }>`
        SELECT rank, id, kind, final, json, ballots FROM picks JOIN outcomes USING (id)
        WHERE ballots IS NOT NULL AND rank > ${after} ORDER BY rank LIMIT ${most}`
    ).pipe(
      Effect.map((rows) =>
        rows.map(({ rank, id, ...row }) => ({ rank, id, outcome: { ...row, final: row.final === 1 } }))
      )
    ),
  open: guard(sql<{ n: number }>`SELECT CAST(count(*) AS INTEGER) AS n FROM outcomes WHERE final = 0`).pipe(
    Effect.map(([row]) => row?.n ?? 0)
  ),
  failed: guard(
    sql<{
      n: number
    }>`SELECT CAST(count(*) AS INTEGER) AS n FROM outcomes WHERE final = 0 OR receipts LIKE ${failure}`
  ).pipe(Effect.map(([row]) => row?.n ?? 0)),
  retry: guard(Effect.asVoid(sql`DELETE FROM outcomes WHERE final = 0 OR receipts LIKE ${failure}`)),
  reopen: guard(Effect.asVoid(sql`DELETE FROM outcomes WHERE final = 0`)),
  clear: guard(Effect.asVoid(sql`DELETE FROM outcomes`)),
  lines: (kind, after, most) =>
    guard(sql<{ rank: number; json: string }>`
      SELECT rank, json FROM picks JOIN outcomes USING (id) WHERE kind = ${kind} AND rank > ${after} ORDER BY rank LIMIT ${most}`)
})
