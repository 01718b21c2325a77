import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Failure } from "@consortium/core/Call"
import { fromText, message, type Prompt } from "@consortium/core/Prompt"
import { SourceError, type SourceRow } from "@consortium/core/PromptSource"
import type { RunEvent } from "@consortium/core/RunEvent"
import { balances } from "@consortium/core/RunEvent"
import * as Intake from "@consortium/pipeline/Intake"
import { layerSqlite, RunStore } from "@consortium/store/RunStore"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const rowsOf = (...rows: ReadonlyArray<Prompt | "broken">): ReadonlyArray<SourceRow> =>
  rows.map((row, index) => {
    const number = index + 1
    return row === "broken"
      ? { _tag: "Invalid", number, error: new SourceError({ file: "memory", line: number, reason: "broken" }) }
      : { _tag: "Prompt", number, prompt: row }
  })

/** Reads rows into the store at hand; a list that ends with an error stands for an input that breaks off. */
const read = Effect.fnUntraced(function* (
  rows: ReadonlyArray<SourceRow>,
  more: { readonly skipInvalid?: boolean; readonly breaks?: boolean } = {}
) {
  const store = yield* RunStore
  const events: Array<RunEvent> = []
  const end = more.breaks === true ? Stream.fail(new SourceError({ file: "memory", reason: "gone" })) : Stream.empty
  yield* Intake.read({
    store,
    source: { name: "memory", stream: Stream.concat(Stream.fromIterable(rows), end) },
    out: "out",
    skipInvalid: more.skipInvalid ?? false,
    emit: (event) => Effect.sync(() => void events.push(event))
  })
  const prompts = (yield* store.rows.pending(0, 1000)).map((row) => row.prompt)
  return { events, prompts, ledger: yield* store.rows.ledger }
})

const memory = Effect.provide(layerSqlite({ filename: ":memory:" }))
const refusal = <E extends { readonly message: string }, R>(reading: Effect.Effect<unknown, E, R>) =>
  Effect.map(Effect.flip(reading), (error) => error.message)

const [a, b, c] = [fromText("a", "What is rain?"), fromText("b", "What is snow?"), fromText("c", "What is ice?")]

describe("what is read", () => {
  it.effect(
    "is kept once where role and text are the same but for white space, with the first one's id and fields",
    () =>
      Effect.gen(function* () {
        const first: Prompt = { ...a, carried: { from: "first" } }
        // The same words, and the same by somebody else.
        const other: Prompt = {
          id: b.id,
          messages: [message("system", "What is rain?"), message("user", "What is rain?")]
        }
        const { ledger, prompts } = yield* read(
          rowsOf(
            first,
            { ...fromText("x", "  What\n is   rain? "), carried: { from: "second" } },
            { ...a, carried: { from: "third" } },
            other
          )
        )
        assert.deepStrictEqual(prompts, [first, other])
        assert.deepInclude(ledger, { rows: 4, pending: 2, duplicate: 2, invalid: 0 })
      }).pipe(memory)
  )

  it.effect("adds up at every event, over many batches", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 700 }, (_, i) =>
        i % 7 === 3 ? "broken" : fromText(`p${i}`, `Prompt ${i % 300}`)
      )
      const { events, ledger } = yield* read(rowsOf(...many), { skipInvalid: true })
      const reads = events.flatMap((event) => (event._tag === "Read" ? [event] : []))
      assert.isAbove(reads.length, 3)
      let before = 0
      for (const { duplicate, invalid, prompts, rows } of reads) {
        assert.strictEqual(rows, prompts + duplicate + invalid)
        assert.isAtLeast(prompts, before)
        before = prompts
      }
      const { duplicate, invalid, pending, rows } = ledger
      assert.isTrue(balances(ledger))
      assert.deepStrictEqual(reads.at(-1), { _tag: "Read", rows, prompts: pending, duplicate, invalid, done: true })
      assert.deepStrictEqual(
        reads.map((event) => event.done),
        reads.map((_, index) => index === reads.length - 1)
      )
    }).pipe(memory)
  )

  it.effect("stops at a row that is no prompt, and at an id that is another row's, unless they are skipped", () =>
    Effect.gen(function* () {
      const clash = fromText("a", "Another question?")
      assert.strictEqual(yield* refusal(read(rowsOf(a, "broken", b))), "memory:2: broken")
      assert.match(yield* refusal(read(rowsOf(a, b, clash))), /^memory:3: the id a is already that of row 1: give/)
      const { ledger, prompts } = yield* read(rowsOf(a, "broken", clash, b), { skipInvalid: true })
      assert.deepInclude(ledger, { rows: 4, pending: 2, invalid: 2, duplicate: 0 })
      assert.deepStrictEqual(prompts, [a, b])
    }).pipe(memory)
  )
})

describe("what was left out before it came here", () => {
  it.effect("stands in the ledger with what it repeats, and what was done to a prompt with it", () =>
    Effect.gen(function* () {
      const rows: ReadonlyArray<SourceRow> = [
        { _tag: "Prompt", number: 1, prompt: a, note: "scrubbed email 1+2 in messages[0]" },
        { _tag: "Dropped", number: 2, prompt: { ...b, id: a.id }, why: "duplicate", of: "a", detail: "0.93 alike" },
        { _tag: "Dropped", number: 3, prompt: c, why: "leak", of: "eval.jsonl:7", detail: "exact" },
        { _tag: "Prompt", number: 4, prompt: b }
      ]
      const filename = join(mkdtempSync(join(tmpdir(), "consortium-")), "run.db")
      const whole = Effect.gen(function* () {
        const result = yield* read(rows)
        const failure = new Failure({ tag: "EmbeddingError", message: "too long", isRetryable: false })
        yield* (yield* RunStore).rows.fail([{ id: a.id, failure }])
        return result
      })
      const { events, ledger, prompts } = yield* Effect.provide(whole, layerSqlite({ filename }))
      assert.deepStrictEqual(prompts, [a, b])
      assert.deepInclude(ledger, { rows: 4, pending: 2, duplicate: 1, dropped: 1, invalid: 0 })
      assert.isTrue(balances(ledger))
      const said = { _tag: "Read", rows: 4, prompts: 2, duplicate: 1, dropped: 1, invalid: 0 } as const
      assert.deepStrictEqual(events, [
        { ...said, done: false },
        { ...said, done: true }
      ])
      const kept = new DatabaseSync(filename).prepare("SELECT state, detail FROM rows ORDER BY position").all()
      assert.deepStrictEqual(
        kept.map(({ detail, state }) => [state, detail]),
        [
          ["failed", "scrubbed email 1+2 in messages[0]; too long"],
          ["duplicate", "a: duplicate of a, 0.93 alike"],
          ["dropped", "c: leak of eval.jsonl:7, exact"],
          ["pending", null]
        ]
      )
    })
  )
})

describe("a second start", () => {
  it.effect("finds the same input, and adds nothing", () =>
    Effect.gen(function* () {
      const rows = rowsOf(a, "broken", a, b)
      const first = yield* read(rows, { skipInvalid: true })
      const second = yield* read(rows, { skipInvalid: true })
      assert.deepStrictEqual(second.ledger, first.ledger)
      assert.deepStrictEqual(second.events, first.events.slice(-1))
    }).pipe(memory)
  )

  it.effect("refuses one that differs in a row, a field, the order or a blank", () =>
    Effect.gen(function* () {
      yield* read(rowsOf(a, b))
      const other = "out holds a run with other settings (prompts: there 2 rows, here 2 of other content)"
      const changed: ReadonlyArray<ReadonlyArray<SourceRow>> = [
        rowsOf(a, c),
        rowsOf(b, a),
        rowsOf(a, { ...b, carried: { more: 1 } }),
        rowsOf(a, fromText("b", "What  is snow?")),
        rowsOf(a, "broken")
      ]
      for (const rows of changed) assert.include(yield* refusal(read(rows)), other)
      assert.include(yield* refusal(read(rowsOf(a, b, c))), "(prompts: there 2 rows, here 3)")
      assert.deepStrictEqual((yield* read(rowsOf(a, b))).prompts, [a, b])
    }).pipe(memory)
  )

  it.effect("begins anew where the first was cut short, with whatever input there is now", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 600 }, (_, i) => fromText(`p${i}`, `Prompt ${i}`))
      assert.strictEqual(yield* refusal(read(rowsOf(...many), { breaks: true })), "memory: gone")
      const { ledger, prompts } = yield* read(rowsOf(b, c))
      assert.deepStrictEqual(prompts, [b, c])
      assert.strictEqual(ledger.rows, 2)
    }).pipe(memory)
  )

  it.effect("is free to mend an input without any prompt", () =>
    Effect.gen(function* () {
      assert.match(
        yield* refusal(read(rowsOf("broken", "broken"), { skipInvalid: true })),
        /^memory: no usable prompt in it/
      )
      assert.deepStrictEqual((yield* read(rowsOf(a, "broken"), { skipInvalid: true })).prompts, [a])
    }).pipe(memory)
  )
})
