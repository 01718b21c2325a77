/** Every row of the input and where it is: the ledger. Rows join by id; positions only give the order. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as SqlClient from "effect/sql/SqlClient"
import type * as SqlError from "effect/sql/SqlError"
import type { Failure, Halted } from "@consortium/core/Call"
import { PromptId } from "@consortium/core/Ids"
import { isNonEmpty, map, type NonEmpty } from "@consortium/core/NonEmpty"
import { Prompt } from "@consortium/core/Prompt"
import type { Ledger } from "@consortium/core/RunEvent"

/** A row as it is read. */
export type NewRow =
  | {
      readonly _tag: "Prompt"
      readonly number: number
      readonly prompt: Prompt
      readonly content: string
      /** What stands in the ledger besides its state. */
      readonly note?: string
    }
  | { readonly _tag: "Invalid"; readonly number: number; readonly detail: string }
  /** Left out before it came here: what it repeats, or why. */
  | {
      readonly _tag: "Dropped"
      readonly number: number
      readonly state: "duplicate" | "dropped"
      readonly detail: string
    }

/** A row that repeats another's id with other content. */
export interface Clash {
  readonly number: number
  readonly id: string
  /** The number of the row that has the id. */
  readonly first: number
}

/** What became of added rows, besides those that stand for themselves. */
export interface Added {
  readonly duplicates: number
  readonly clashes: ReadonlyArray<Clash>
}

export interface Pick {
  readonly rank: number
  readonly id: PromptId
  readonly cosine: number | null
}

/** Where a prompt is. */
export interface Place {
  /** Its row in the input, from 1. */
  readonly number: number
  readonly state: string
  /** Why it failed, where it did. */
  readonly detail: string | null
  readonly prompt: Prompt
}

/** What became known of a prompt after it was read. */
export interface Told {
  readonly id: PromptId
  readonly detail: string
  /** Left out for it. @default it stands */
  readonly state?: "dropped"
}

export interface Rows {
  /** Forgets all rows and picks, for an intake that starts again. */
  readonly clear: Effect.Effect<void, Halted>
  /**
   * Adds rows in order, from a position. A row with the content of an earlier one is a duplicate; one that clashes is
   * invalid. Rows that an earlier intake, which ended before the position `since`, has read already are passed over.
   */
  readonly add: (rows: ReadonlyArray<NewRow>, from: number, since?: number) => Effect.Effect<Added, Halted>
  /** The position behind the last row. */
  readonly end: Effect.Effect<number, Halted>
  /** Undecided prompts after a position, in order. */
  readonly pending: (
    after: number,
    most: number
  ) => Effect.Effect<ReadonlyArray<{ readonly position: number; readonly prompt: Prompt }>, Halted>
  /** The same of all prompts that stand for themselves, whatever became of them. */
  readonly standing: Rows["pending"]
  readonly prompt: (id: PromptId) => Effect.Effect<Prompt, Halted>
  readonly find: (id: PromptId) => Effect.Effect<Option.Option<Place>, Halted>
  /** Ids that are selected in one table and not in the other, at most ten; none in a whole store. */
  readonly astray: Effect.Effect<ReadonlyArray<string>, Halted>
  /** Makes the rows that were not selected, or failed, undecided again. */
  readonly reconsider: Effect.Effect<void, Halted>
  readonly fail: (
    failures: ReadonlyArray<{ readonly id: PromptId; readonly failure: Failure }>
  ) => Effect.Effect<void, Halted>
  /** Notes what became known of rows, once, and leaves out those for which that is said. */
  readonly tell: (told: ReadonlyArray<Told>) => Effect.Effect<void, Halted>
  /** Keeps the picks, and decides every row that is still undecided. */
  readonly select: (picks: ReadonlyArray<Pick>) => Effect.Effect<void, Halted>
  readonly picks: Effect.Effect<ReadonlyArray<Pick>, Halted>
  readonly count: (state: string) => Effect.Effect<number, Halted>
  readonly ledger: Effect.Effect<Ledger, Halted>
}

const encodePrompt = Schema.encodeSync(Schema.fromJsonString(Prompt))
const decodePrompt = Schema.decodeSync(Schema.fromJsonString(Prompt))
const decodeRows = (rows: ReadonlyArray<{ readonly position: number; readonly prompt: string }>) =>
  rows.map(({ position, prompt }) => ({ position, prompt: decodePrompt(prompt) }))
const chunk = 200

type Guard = <A>(effect: Effect.Effect<A, SqlError.SqlError>) => Effect.Effect<A, Halted>

type Stored = {
  readonly position: number
  readonly number: number
  readonly id: string | null
  readonly content: string | null
  readonly state: string
  readonly prompt: string | null
  readonly detail: string | null
}

const stored = (row: NewRow, position: number): Stored =>
  row._tag === "Prompt"
    ? {
        position,
        number: row.number,
        id: row.prompt.id,
        content: row.content,
        state: "pending",
        prompt: encodePrompt(row.prompt),
        detail: row.note ?? null
      }
    : {
        position,
        number: row.number,
        id: null,
        content: null,
        state: row._tag === "Invalid" ? "invalid" : row.state,
        prompt: null,
        detail: row.detail
      }

const addRows = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  rows: ReadonlyArray<NewRow>,
  from: number,
  since: number
): Effect.fn.Return<Added, SqlError.SqlError> {
  const clashes: Array<Clash> = []
  let duplicates = 0
  const seen = new Set<number>()
  if (since > 1) {
    for (const row of rows.filter((one) => one._tag !== "Prompt")) {
      const [before] = yield* sql`SELECT position FROM rows WHERE state IN ('invalid', 'duplicate', 'dropped')
        AND position < ${since} AND number = ${row.number} AND detail = ${row.detail} LIMIT 1`
      if (before !== undefined) seen.add(row.number)
    }
  }
  const all: ReadonlyArray<Stored> = rows
    .map((row, index) => stored(row, from + index))
    .filter((row) => row.state === "pending" || !seen.has(row.number))
  if (!isNonEmpty(all)) return { duplicates, clashes }
  const taken = yield* sql<{
    position: number
  }>`INSERT INTO rows ${sql.insert(all)} ON CONFLICT DO NOTHING RETURNING position`
  if (taken.length === all.length) return { duplicates, clashes }
  const kept = new Set(taken.map((row) => row.position))
  const repeated: Array<Stored> = []
  for (const row of all.filter((one) => !kept.has(one.position))) {
    // A later row of this batch is in the table already, and must not decide about an earlier one.
    const [first] = yield* sql<{ position: number; id: string; number: number; content: string }>`
      SELECT position, id, number, content FROM rows WHERE state NOT IN ('duplicate', 'invalid') AND position < ${row.position}
      AND (content = ${row.content} OR id = ${row.id}) ORDER BY content = ${row.content} DESC LIMIT 1`
    if (first === undefined) continue
    if (first.content === row.content && first.position < since) continue
    if (first.content === row.content) {
      duplicates++
      repeated.push({ ...row, state: "duplicate", prompt: null, detail: first.id })
    } else {
      clashes.push({ number: row.number, id: first.id, first: first.number })
      repeated.push({
        ...row,
        state: "invalid",
        prompt: null,
        detail: `the id ${first.id} is already that of row ${first.number}`
      })
    }
  }
  const more: ReadonlyArray<Stored> = repeated
  if (isNonEmpty(more)) yield* sql`INSERT INTO rows ${sql.insert(more)}`
  return { duplicates, clashes }
})

const ledgerOf = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const states = yield* sql<{
    state: string
    n: number
  }>`SELECT state, CAST(count(*) AS INTEGER) AS n FROM rows GROUP BY state`
  const outcomes = yield* sql<{ kind: string; n: number }>`
    SELECT kind, CAST(count(*) AS INTEGER) AS n FROM outcomes JOIN picks USING (id) GROUP BY kind`
  const of = new Map(states.map((row) => [row.state, row.n]))
  const out = new Map(outcomes.map((row) => [row.kind, row.n]))
  const at = (counts: ReadonlyMap<string, number>, name: string) => counts.get(name) ?? 0
  const selected = at(of, "selected")
  const examples = at(out, "example")
  const rejected = at(out, "rejected")
  return {
    rows: states.reduce((sum, row) => sum + row.n, 0),
    selected,
    notSelected: at(of, "not-selected"),
    duplicate: at(of, "duplicate"),
    invalid: at(of, "invalid"),
    ...(at(of, "dropped") > 0 && { dropped: at(of, "dropped") }),
    failed: at(of, "failed"),
    pending: at(of, "pending"),
    examples,
    rejected,
    unfinished: selected - examples - rejected
  } satisfies Ledger
})

export const make = (sql: SqlClient.SqlClient, guard: Guard): Rows => {
  const inChunks = <A>(items: ReadonlyArray<A>, f: (part: NonEmpty<A>) => Effect.Effect<unknown, SqlError.SqlError>) =>
    Effect.forEach(
      Array.from({ length: Math.ceil(items.length / chunk) }, (_, i) =>
        items.slice(i * chunk, (i + 1) * chunk)
      ).flatMap((part) => (isNonEmpty(part) ? [part] : [])),
      f,
      { discard: true }
    )
  return {
    clear: guard(sql.withTransaction(Effect.andThen(sql`DELETE FROM picks`, Effect.asVoid(sql`DELETE FROM rows`)))),
    add: (rows, from, since = 1) => guard(sql.withTransaction(addRows(sql, rows, from, since))),
    end: guard(sql<{ n: number | null }>`SELECT max(position) AS n FROM rows`).pipe(
      Effect.map(([row]) => (row?.n ?? 0) + 1)
    ),
    pending: (after, most) =>
      guard(sql<{ position: number; prompt: string }>`
        SELECT position, prompt FROM rows WHERE state = 'pending' AND position > ${after} ORDER BY position LIMIT ${most}`).pipe(
        Effect.map(decodeRows)
      ),
    standing: (after, most) =>
      guard(sql<{ position: number; prompt: string }>`
        SELECT position, prompt FROM rows WHERE prompt IS NOT NULL AND state <> 'dropped' AND position > ${after}
        ORDER BY position LIMIT ${most}`).pipe(Effect.map(decodeRows)),
    prompt: (id) =>
      guard(
        sql<{ prompt: string }>`SELECT prompt FROM rows WHERE id = ${id} AND state NOT IN ('duplicate', 'invalid')`
      ).pipe(
        Effect.flatMap(([row]) =>
          row === undefined
            ? Effect.die(new Error(`no prompt ${id} in the store`))
            : Effect.succeed(decodePrompt(row.prompt))
        )
      ),
    find: (id) =>
      guard(
        sql<{ number: number; state: string; detail: string | null; prompt: string }>`
          SELECT number, state, detail, prompt FROM rows WHERE id = ${id} AND state NOT IN ('duplicate', 'invalid')`
      ).pipe(
        Effect.map(([row]) =>
          row === undefined ? Option.none() : Option.some({ ...row, prompt: decodePrompt(row.prompt) })
        )
      ),
    astray: guard(
      sql<{ id: string }>`
        SELECT id FROM picks WHERE id NOT IN (SELECT id FROM rows WHERE state = 'selected' AND id IS NOT NULL)
        UNION SELECT id FROM rows WHERE state = 'selected' AND id NOT IN (SELECT id FROM picks)
        UNION SELECT id FROM outcomes WHERE id NOT IN (SELECT id FROM picks) LIMIT 10`
    ).pipe(Effect.map((rows) => rows.map((row) => row.id))),
    reconsider: guard(
      sql.withTransaction(
        Effect.andThen(
          sql`UPDATE rows SET state = 'pending' WHERE state = 'not-selected'`,
          Effect.asVoid(sql`UPDATE rows SET state = 'pending', detail = NULL WHERE state = 'failed'`)
        )
      )
    ),
    fail: (failures) =>
      guard(
        sql.withTransaction(
          Effect.forEach(
            failures,
            ({ id, failure }) =>
              sql`UPDATE rows SET state = 'failed', detail = coalesce(detail || '; ', '') || ${failure.message} WHERE id = ${id} AND state = 'pending'`,
            { discard: true }
          )
        )
      ),
    tell: (told) =>
      guard(
        sql.withTransaction(
          Effect.forEach(
            told,
            ({ detail, id, state }) =>
              sql`UPDATE rows SET state = coalesce(${state ?? null}, state),
                detail = CASE WHEN replace(detail, ${detail}, '') <> detail THEN detail ELSE coalesce(detail || '; ', '') || ${detail} END
                WHERE id = ${id} AND state NOT IN ('duplicate', 'invalid')`,
            { discard: true }
          )
        )
      ),
    select: (picks) =>
      guard(
        sql.withTransaction(
          Effect.gen(function* () {
            yield* inChunks(
              picks,
              (part) =>
                sql`INSERT INTO picks ${sql.insert(map(part, ({ rank, id, cosine }) => ({ rank, id, cosine })))}`
            )
            yield* sql`UPDATE rows SET state = 'selected' WHERE state = 'pending' AND id IN (SELECT id FROM picks)`
            yield* sql`UPDATE rows SET state = 'not-selected' WHERE state = 'pending'`
          })
        )
      ),
    picks: guard(
      sql<{ rank: number; id: string; cosine: number | null }>`SELECT rank, id, cosine FROM picks ORDER BY rank`
    ).pipe(
      Effect.map((rows) => rows.map((row) => ({ rank: row.rank, id: PromptId.make(row.id), cosine: row.cosine })))
    ),
    count: (state) =>
      guard(sql<{ n: number }>`SELECT CAST(count(*) AS INTEGER) AS n FROM rows WHERE state = ${state}`).pipe(
        Effect.map(([row]) => row?.n ?? 0)
      ),
    ledger: guard(sql.withTransaction(ledgerOf(sql)))
  }
}
