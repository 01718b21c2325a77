import { DatabaseSync } from "node:sqlite"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { callKey } from "@consortium/core/CallJournal"
import { Failure } from "@consortium/core/Call"
import { PromptId } from "@consortium/core/Ids"
import { fromText } from "@consortium/core/Prompt"
import { balances } from "@consortium/core/RunEvent"
import type { NewRow } from "@consortium/store/Rows"
import { layerSqlite, RunStore } from "@consortium/store/RunStore"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"

const prompt = (number: number, id: string, text: string): NewRow => ({
  _tag: "Prompt",
  number,
  prompt: fromText(id, text),
  content: `content of ${text}`
})
const memory = Effect.provide(layerSqlite({ filename: ":memory:" }))
const id = (name: string) => PromptId.make(name)

const inFolder = <A, E>(use: (file: string) => Effect.Effect<A, E, FileSystem.FileSystem>) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    return yield* use(`${yield* files.makeTempDirectoryScoped()}/run.db`)
  }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))

describe("rows", () => {
  it.effect("a repeated content is a duplicate of the first, a repeated id with other content is invalid", () =>
    Effect.gen(function* () {
      const { rows } = yield* RunStore
      const added = yield* rows.add(
        [
          prompt(1, "a", "hi"),
          prompt(2, "b", "hi"),
          prompt(3, "a", "ho"),
          { _tag: "Invalid", number: 4, detail: "no prompt" }
        ],
        1
      )
      assert.deepStrictEqual(added, { duplicates: 1, clashes: [{ number: 3, id: "a", first: 1 }] })
      // The same over two batches.
      assert.deepStrictEqual(yield* rows.add([prompt(5, "c", "hi"), prompt(6, "d", "new")], 5), {
        duplicates: 1,
        clashes: []
      })
      const ledger = yield* rows.ledger
      assert.isTrue(balances(ledger))
      assert.deepInclude(ledger, { rows: 6, pending: 2, duplicate: 2, invalid: 2 })
      assert.deepStrictEqual(
        (yield* rows.pending(0, 10)).map((row) => [row.position, row.prompt.id]),
        [
          [1, id("a")],
          [6, id("d")]
        ]
      )
    }).pipe(memory)
  )

  it.effect("only an earlier row decides about a row, however they are batched", () =>
    Effect.gen(function* () {
      // Row 2 clashes with row 1; row 3 says what row 2 said, and is the first that counts.
      const all = [prompt(1, "a", "hi"), prompt(2, "a", "ho"), prompt(3, "b", "ho")]
      const states = Effect.fnUntraced(function* (batches: ReadonlyArray<ReadonlyArray<NewRow>>) {
        const { rows } = yield* RunStore
        let from = 1
        for (const batch of batches) {
          yield* rows.add(batch, from)
          from += batch.length
        }
        const pending = (yield* rows.pending(0, 10)).map((row) => row.prompt.id)
        return { pending, ledger: yield* rows.ledger }
      }, memory)
      const together = yield* states([all])
      assert.deepStrictEqual(together.pending, [id("a"), id("b")])
      assert.deepInclude(together.ledger, { pending: 2, duplicate: 0, invalid: 1 })
      assert.deepStrictEqual(yield* states(all.map((row) => [row])), together)
    })
  )

  it.effect("pages, picks, failures and outcomes add up at every step", () =>
    Effect.gen(function* () {
      const { rows, outcomes } = yield* RunStore
      const all = Array.from({ length: 700 }, (_, i) => prompt(i + 1, `p${i}`, `text ${i}`))
      yield* rows.add(all, 1)
      const first = yield* rows.pending(0, 512)
      const rest = yield* rows.pending(first.at(-1)?.position ?? 0, 512)
      assert.strictEqual(first.length + rest.length, 700)
      yield* rows.fail([{ id: id("p3"), failure: new Failure({ tag: "X", message: "too long", isRetryable: false }) }])
      yield* rows.select(
        Array.from({ length: 450 }, (_, i) => ({ rank: i + 1, id: id(`p${i + 10}`), cosine: i === 0 ? null : 0.5 }))
      )
      yield* outcomes.put(id("p10"), { kind: "example", final: true, json: "{}" })
      yield* outcomes.put(id("p11"), { kind: "rejected", final: false, json: "{}" })
      const ledger = yield* rows.ledger
      assert.isTrue(balances(ledger))
      assert.deepInclude(ledger, {
        selected: 450,
        notSelected: 249,
        failed: 1,
        pending: 0,
        examples: 1,
        rejected: 1,
        unfinished: 448
      })
      assert.deepStrictEqual((yield* rows.picks)[0], { rank: 1, id: id("p10"), cosine: null })
      assert.strictEqual(yield* outcomes.open, 1)
      yield* outcomes.reopen
      assert.strictEqual(yield* outcomes.open, 0)
      assert.deepInclude(yield* rows.ledger, { examples: 1, rejected: 0 })
      assert.isTrue(Option.isNone(yield* outcomes.get(id("p11"))))
    }).pipe(memory)
  )

  it.effect("lines come in the order of the picks, a page at a time", () =>
    Effect.gen(function* () {
      const { rows, outcomes } = yield* RunStore
      yield* rows.add([prompt(1, "a", "1"), prompt(2, "b", "2"), prompt(3, "c", "3")], 1)
      yield* rows.select([
        { rank: 1, id: id("c"), cosine: null },
        { rank: 2, id: id("a"), cosine: 0.1 },
        { rank: 3, id: id("b"), cosine: 0.2 }
      ])
      for (const name of ["a", "b", "c"]) yield* outcomes.put(id(name), { kind: "example", final: true, json: name })
      const page = yield* outcomes.lines("example", 0, 2)
      assert.deepStrictEqual(
        page.map((line) => line.json),
        ["c", "a"]
      )
      assert.deepStrictEqual(
        (yield* outcomes.lines("example", 2, 2)).map((line) => line.json),
        ["b"]
      )
    }).pipe(memory)
  )
})

describe("journal", () => {
  it.effect("keeps JSON and bytes over the end of the process, and the first answer wins", () =>
    inFolder((file) => {
      const key = callKey("chat", "wire", "vendor/model", { messages: ["hi"], sample: 0 })
      const once = <A, E>(use: Effect.Effect<A, E, RunStore>) => Effect.provide(use, layerSqlite({ filename: file }))
      return Effect.gen(function* () {
        yield* once(RunStore.use((store) => store.journal.put(key, { json: "1", bytes: new Uint8Array([1, 255]) })))
        const again = yield* once(
          RunStore.use(({ journal }) =>
            Effect.gen(function* () {
              yield* journal.put(key, { json: "2" })
              return [yield* journal.get(key)] as const
            })
          )
        )
        const entry = Option.getOrThrow(again[0])
        assert.strictEqual(entry.json, "1")
        assert.deepStrictEqual([...(entry.bytes ?? [])], [1, 255])
      })
    })
  )

  it.effect("adds up what calls took, those without an answer too, over all starts", () =>
    inFolder((file) => {
      const once = <A, E>(use: Effect.Effect<A, E, RunStore>) => Effect.provide(use, layerSqlite({ filename: file }))
      const key = (n: number) => callKey("chat", "wire", "vendor/model", n)
      const took = { ref: "vendor/model", startedAt: 5, millis: 20, attempts: 2, inputTokens: 10, outputTokens: 3 }
      return Effect.gen(function* () {
        yield* once(RunStore.use(({ journal }) => journal.put(key(1), { json: "1", took: { ...took, usd: 0.5 } })))
        yield* once(RunStore.use(({ journal }) => journal.put(key(2), { json: "2", took })))
        yield* once(
          RunStore.use(({ journal }) =>
            Effect.andThen(
              journal.lost?.({ ref: "vendor/model", startedAt: 6, millis: 9, attempts: 1, usd: 0.25 }) ?? Effect.void,
              journal.put(key(3), { json: "3", took: { ref: "b/c", startedAt: 7, millis: 1, attempts: 1, usd: 1 } })
            )
          )
        )
        const [kept, spending] = yield* once(
          RunStore.use((store) => Effect.all([store.journal.get(key(1)), store.spending]))
        )
        assert.deepStrictEqual(Option.getOrThrow(kept).took, { ...took, usd: 0.5 })
        const none = { purpose: "", lost: 0, unpriced: 0, inputTokens: 0, outputTokens: 0 }
        assert.deepStrictEqual(
          spending.map((one) => ({ ...one })),
          [
            { ...none, ref: "b/c", answered: 1, attempts: 1, usd: 1, millis: 1 },
            {
              ref: "vendor/model",
              purpose: "",
              answered: 2,
              lost: 1,
              attempts: 5,
              unpriced: 1,
              usd: 0.75,
              inputTokens: 20,
              outputTokens: 6,
              millis: 40
            }
          ]
        )
      })
    })
  )

  it.effect("two runs share a file of answers", () =>
    inFolder((file) => {
      const shared = `${file}.shared`
      const run = <A, E>(name: string, use: Effect.Effect<A, E, RunStore>) =>
        Effect.provide(use, layerSqlite({ filename: `${file}.${name}`, calls: shared }))
      const key = callKey("chat", "wire", "vendor/model", 1)
      return Effect.gen(function* () {
        // At the same time, too: only the run's own file is locked.
        const seen = yield* run(
          "a",
          RunStore.use(({ journal }) =>
            Effect.andThen(
              journal.put(key, { json: "1" }),
              run(
                "b",
                RunStore.use((other) => Effect.andThen(other.setMark("x", "1"), other.journal.get(key)))
              )
            )
          )
        )
        assert.strictEqual(Option.getOrThrow(seen).json, "1")
        assert.isTrue(
          Option.isNone(
            yield* run(
              "c",
              RunStore.use((store) => store.mark("x"))
            )
          )
        )
      })
    })
  )

  it.effect("all or nothing", () =>
    Effect.gen(function* () {
      const store = yield* RunStore
      yield* Effect.ignore(store.atomically(Effect.andThen(store.setMark("a", "1"), Effect.fail("no"))))
      assert.isTrue(Option.isNone(yield* store.mark("a")))
      yield* store.atomically(store.setMark("a", "2"))
      assert.strictEqual(Option.getOrThrow(yield* store.mark("a")), "2")
    }).pipe(memory)
  )
})

describe("a store that can't be used says why", () => {
  const opened = (file: string) =>
    Effect.exit(RunStore.use((store) => store.rows.ledger).pipe(Effect.provide(layerSqlite({ filename: file }))))
  const why = <A, E extends { readonly _tag: string }>(exit: Exit.Exit<A, E>) =>
    Exit.isFailure(exit) ? exit.cause.reasons.flatMap((reason) => (reason._tag === "Fail" ? [reason.error] : [])) : []

  it.effect("not a database, another program's database, one of a newer version", () =>
    inFolder((file) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* files.writeFileString(file, "this is no database, however long it goes on ".repeat(50))
        assert.deepInclude(why(yield* opened(file))[0], { _tag: "StoreError", why: "damaged" })
        assert.include(yield* files.readFileString(file), "no database")

        const foreign = `${file}.foreign`
        new DatabaseSync(foreign).exec("CREATE TABLE other (x)")
        assert.deepInclude(why(yield* opened(foreign))[0], { why: "damaged" })

        const newer = `${file}.newer`
        yield* opened(newer)
        const database = new DatabaseSync(newer)
        database.exec("INSERT INTO effect_sql_migrations (migration_id, name) VALUES (999, 'future')")
        database.close()
        assert.deepInclude(why(yield* opened(newer))[0], { why: "newer" })
      })
    )
  )

  it.effect("a page that was overwritten is found, and never taken for an answer", () =>
    inFolder((file) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const store = Effect.provide(layerSqlite({ filename: file }))
        const key = (n: number) => callKey("chat", "wire", "vendor/model", n)
        const answer = (n: number) => `"${n} ${"x".repeat(2000)}"`
        yield* RunStore.use(({ journal }) =>
          Effect.forEach(
            Array.from({ length: 50 }, (_, n) => n),
            (n) => journal.put(key(n), { json: answer(n) })
          )
        ).pipe(store)
        assert.deepStrictEqual(yield* RunStore.use(({ faults }) => faults).pipe(store), [])
        const bytes = yield* files.readFile(file)
        for (let at = 8 * 4096; at < bytes.length - 4096; at += 4096) bytes.fill(0xa5, at, at + 600)
        yield* files.writeFile(file, bytes)
        const found = yield* Effect.exit(RunStore.use(({ faults }) => faults).pipe(store))
        // Either the file can't be opened, which says why, or its faults are told.
        if (Exit.isSuccess(found)) assert.isNotEmpty(found.value)
        else assert.include(["StoreError", "Halted"], why(found)[0]?._tag)
        for (let n = 0; n < 50; n++) {
          const got = yield* Effect.exit(RunStore.use(({ journal }) => journal.get(key(n))).pipe(store))
          if (Exit.isSuccess(got) && Option.isSome(got.value)) assert.strictEqual(got.value.value.json, answer(n))
        }
      })
    )
  )

  it.effect("a folder that is not there; a run that another process holds", () =>
    inFolder((file) =>
      Effect.gen(function* () {
        assert.deepInclude(why(yield* opened(`${file}/deeper/run.db`))[0], { why: "unusable" })
        const held = yield* RunStore.use(() => opened(file)).pipe(Effect.provide(layerSqlite({ filename: file })))
        assert.deepInclude(why(held)[0], { why: "locked" })
        assert.isTrue(Exit.isSuccess(yield* opened(file)))
      })
    )
  )
})
