import {
  type Batch,
  type Embedder,
  embedAll,
  embedEach,
  type Row,
  type Sink,
  type TooLong
} from "@consortium/core/Embedder"
import { EmbeddingError, type Space } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import {
  ContentPolicy,
  ContextOverflow,
  InvalidRequest,
  ModelError,
  Overloaded,
  RateLimited,
  ServerError
} from "@consortium/core/ModelError"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"

const dimension = 3
const space: Space = { model: "synthetic", dimension }
const modelError = (reason: ModelError["reason"]) =>
  new ModelError({ vendor: "synthetic", model: "m", reason, detail: "" })

/** A direction that depends on the words alone, so that a wrong place shows. */
const vectorOf = (text: string): ReadonlyArray<number> => {
  let sum = 0
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997
  return [Math.cos(sum), Math.sin(sum), 1 + (sum % 7)]
}
const unit = (numbers: ReadonlyArray<number>) => numbers.map((x) => x / Math.hypot(...numbers))

interface Vendor {
  readonly maxBatch: number
  /** One token for each character. */
  readonly maxTokens?: number
  /** The longest text. */
  readonly longest?: number
  readonly failing?: (text: string) => ModelError["reason"] | undefined
  readonly wait?: (texts: NonEmpty<string>) => number
}

const vendor = ({ failing, longest = 1e9, maxBatch, maxTokens, wait }: Vendor) => {
  const asked: Array<NonEmpty<string>> = []
  let inFlight = 0
  const most = { inFlight: 0 }
  const value: Embedder<ModelError> = {
    ref: "synthetic/embedder",
    maxBatch,
    ...(maxTokens !== undefined && { maxTokens }),
    embed: (texts) =>
      Effect.suspend(() => {
        asked.push(texts)
        most.inFlight = Math.max(most.inFlight, ++inFlight)
        const reason = texts.map((text) => failing?.(text)).find((one) => one !== undefined)
        const answer = (): Effect.Effect<Batch, ModelError> => {
          if (texts.some((text) => text.length > longest)) return Effect.fail(modelError(new ContextOverflow({})))
          if (reason !== undefined) return Effect.fail(modelError(reason))
          return Effect.succeed({ space, data: Float32Array.from(texts.flatMap(vectorOf)) })
        }
        return Effect.delay(Effect.suspend(answer), wait?.(texts) ?? 0)
      }).pipe(Effect.ensuring(Effect.sync(() => inFlight--)))
  }
  return { value, asked, most }
}

const rowsOf = (texts: ReadonlyArray<string>): Stream.Stream<Row> =>
  Stream.fromIterable(texts.map((text, index) => ({ id: PromptId.make(`p${index}`), text })))

const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("10 hours")
    return yield* Fiber.join(fiber)
  })

const int = (minimum: number, maximum: number) =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))
const characters = (text: string) => text.length

describe("batches of embedAll", () => {
  const lists = Arbitrary.array(
    Arbitrary.all({
      length: int(1, 60),
      kind: Arbitrary.schema(Schema.Literals(["good", "good", "good", "refused", "policy", "breaks"]))
    }),
    { minLength: 1, maxLength: 40 }
  )
  const limits = Arbitrary.all({
    maxBatch: int(1, 9),
    maxTokens: int(20, 120),
    longest: int(5, 60),
    concurrency: int(1, 6),
    exact: Arbitrary.schema(Schema.Boolean),
    tooLong: Arbitrary.schema(Schema.Literals(["refuse", "cut", "mean"])),
    waits: Arbitrary.array(int(0, 500), { minLength: 1, maxLength: 8 })
  })

  it.effect.prop(
    "any limits, any order of completion, poison anywhere: the other rows are right and in place, the poisoned ones fail by their id",
    [lists, limits],
    ([list, { concurrency, exact, longest, maxBatch, maxTokens, tooLong, waits }]) =>
      Effect.gen(function* () {
        // The first and every fifth is good: where nothing is ever answered, the server is at fault.
        const texts = list.map(({ kind, length }, index) =>
          `${index % 5 === 0 ? "good" : kind} ${index} `.padEnd(index % 5 === 0 ? 5 : length, "abcdefgh ")
        )
        let n = 0
        const { asked, most, value } = vendor({
          maxBatch,
          maxTokens,
          longest,
          wait: () => waits[n++ % waits.length] ?? 0,
          failing: (text) =>
            text.startsWith("refused")
              ? new InvalidRequest({})
              : text.startsWith("policy")
                ? new ContentPolicy({})
                : text.startsWith("breaks")
                  ? new ServerError({})
                  : undefined
        })
        const options = { concurrency, tooLong, ...(exact && { tokens: characters }) }
        const made = yield* Effect.result(inTime(embedAll(value, rowsOf(texts), texts.length, options)))
        assert.isAtMost(most.inFlight, concurrency)
        for (const batch of asked) {
          assert.isAtMost(batch.length, maxBatch)
          // Without a counter half a token for each of these characters is assumed.
          const tokens = batch.reduce((sum, text) => sum + (exact ? text.length : text.length / 2), 0)
          if (batch.length > 1 || exact) assert.isAtMost(tokens, maxTokens)
        }
        if (made._tag === "Failure") {
          // Eight poisoned ones in a row look like a dead server; nothing is kept then, and nothing is wrong.
          assert.isTrue(made.failure instanceof ModelError || made.failure.why === "empty", String(made.failure))
          return
        }
        const { averaged, cut, failed, matrix } = made.success
        const vectors = new Map(matrix.ids.map((id, row) => [id, matrix.row(row)]))
        const expected = texts.flatMap((text, index) => {
          const isLong = text.length > Math.min(longest, exact ? maxTokens : longest)
          return (/^(refused|policy|breaks)/.test(text) && !isLong) || (isLong && tooLong === "refuse")
            ? [PromptId.make(`p${index}`)]
            : []
        })
        for (const id of expected)
          assert.include(
            failed.map((one) => one.id),
            id
          )
        assert.strictEqual(vectors.size + failed.length, texts.length)
        assert.deepStrictEqual(
          matrix.ids.map((id) => Number(id.slice(1))),
          matrix.ids.map((id) => Number(id.slice(1))).sort((a, b) => a - b)
        )
        for (const [index, text] of texts.entries()) {
          const id = PromptId.make(`p${index}`)
          const vector = vectors.get(id)
          if (vector === undefined) continue
          assert.closeTo(Math.hypot(...vector), 1, 1e-6)
          if (!cut.includes(id) && !averaged.includes(id))
            for (const [i, x] of unit(vectorOf(text)).entries()) assert.closeTo(vector[i] ?? 9, x, 1e-6, text)
          else assert.isTrue(text.length > Math.min(longest, maxTokens))
        }
      })
  )

  it.effect("a slow batch holds up no other, and no more than those in flight are taken from the source", () =>
    Effect.gen(function* () {
      let taken = 0
      const source = rowsOf(Array.from({ length: 400 }, (_, i) => `text ${i}`)).pipe(
        Stream.rechunk(1),
        Stream.tap(() => Effect.sync(() => taken++))
      )
      const done: Array<string> = []
      const { value } = vendor({ maxBatch: 4, wait: ([text]) => (text === "text 0" ? 3_600_000 : 10) })
      const sink: Sink = {
        begin: () => undefined,
        room: (_at, rows) => new Float32Array(rows * dimension),
        put: (_at, places) => Effect.sync(() => done.push(...places.flatMap((place) => place?.row.text ?? [])))
      }
      const fiber = yield* Effect.forkChild(embedEach(value, source, sink, { concurrency: 3 }))
      yield* TestClock.adjust("5 millis")
      assert.isAtMost(taken, 4 * 3 + 4 * 3 + 4)
      yield* TestClock.adjust("10 minutes")
      assert.lengthOf(done, 396)
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      assert.lengthOf(done, 400)
    })
  )

  it.effect("a text that is too long is the unit mean of its parts, weighed by their length", () =>
    Effect.gen(function* () {
      const text = "one two three four five six seven"
      const { asked, value } = vendor({ maxBatch: 8, longest: 10 })
      const { averaged, failed, matrix } = yield* embedAll(value, rowsOf(["short", text]), 2, { tooLong: "mean" })
      const parts = asked.flat().filter((said) => said.length <= 10 && said !== "short")
      assert.strictEqual(parts.join(""), text)
      const sum = new Array<number>(dimension).fill(0)
      for (const part of parts)
        for (const [i, x] of unit(vectorOf(part)).entries()) sum[i] = (sum[i] ?? 0) + part.length * x
      for (const [i, x] of unit(sum).entries()) assert.closeTo(matrix.row(1)[i] ?? 9, x, 1e-6)
      assert.deepStrictEqual([averaged.map(String), failed], [["p1"], []])
    })
  )

  it.effect("no part ends inside of a character", () =>
    Effect.gen(function* () {
      for (const tooLong of ["cut", "mean"] satisfies ReadonlyArray<TooLong>) {
        const { asked, value } = vendor({ maxBatch: 8, longest: 3 })
        yield* embedAll(value, rowsOf([`x${"🙂".repeat(9)}`]), 1, { tooLong })
        for (const said of asked.flat()) assert.isTrue(said.isWellFormed(), said)
      }
    })
  )
})

describe("failures of embedAll", () => {
  const many = Array.from({ length: 256 }, (_, i) => `text ${i}`)

  it.effect("a text that a server breaks on fails alone, by its id, with few calls", () =>
    Effect.gen(function* () {
      for (const at of [0, 100, 255]) {
        const { asked, value } = vendor({
          maxBatch: 256,
          failing: (text) => (text === `text ${at}` ? new ServerError({}) : undefined)
        })
        const { failed, matrix } = yield* embedAll(value, rowsOf(many), many.length)
        assert.deepStrictEqual(
          failed.map(({ failure, id }) => [String(id), failure.reason]),
          [[`p${at}`, "ServerError"]]
        )
        assert.strictEqual(matrix.rows, 255)
        assert.isAtMost(asked.length, 2 * 8 + 1)
      }
    })
  )

  it.effect("a dead server, a wrong key or a wrong option ends it soon", () =>
    Effect.gen(function* () {
      const ends = [
        [new ServerError({}), 8],
        [new Overloaded({}), 1],
        [new RateLimited({ scope: "unknown" }), 1],
        [new InvalidRequest({}), 65]
      ] as const
      for (const [reason, calls] of ends) {
        const { asked, value } = vendor({ maxBatch: 64, failing: () => reason })
        const error = yield* Effect.flip(embedAll(value, rowsOf(many), many.length, { concurrency: 1 }))
        assert.isTrue(error instanceof ModelError && error.reason._tag === reason._tag, String(error))
        assert.isAtMost(asked.length, calls)
      }
    })
  )

  it.effect("a server that fails now and then for thousands of texts is not asked for each of them", () =>
    Effect.gen(function* () {
      let n = 0
      const { asked, value } = vendor({ maxBatch: 1, failing: () => (n++ % 2 === 0 ? new ServerError({}) : undefined) })
      const texts = Array.from({ length: 5000 }, (_, i) => `text ${i}`)
      const error = yield* Effect.flip(embedAll(value, rowsOf(texts), texts.length))
      assert.isTrue(error instanceof ModelError)
      assert.isAtMost(asked.length, 2 * (200 + 50) + 8)
    })
  )

  it.effect("where nothing was ever answered, the server's failure is the answer, not the text's", () =>
    Effect.gen(function* () {
      const { value } = vendor({ maxBatch: 4, failing: () => new ServerError({}) })
      const error = yield* Effect.flip(embedAll(value, rowsOf(["only"]), 1))
      assert.isTrue(error instanceof ModelError)
      const refusing = vendor({ maxBatch: 4, failing: () => new ContentPolicy({}) })
      const none = yield* Effect.flip(embedAll(refusing.value, rowsOf(["only"]), 1))
      assert.isTrue(none instanceof EmbeddingError && none.why === "empty")
    })
  )
})
