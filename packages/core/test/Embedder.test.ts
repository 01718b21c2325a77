import { type Batch, type Embedder, embedAll, type Row } from "@consortium/core/Embedder"
import { Halted } from "@consortium/core/Call"
import { EmbeddingError, type Space } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { InvalidRequest, ModelError, Overloaded } from "@consortium/core/ModelError"
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"

const space: Space = { model: "synthetic", dimension: 2 }
const modelError = (reason: ModelError["reason"]) =>
  new ModelError({ vendor: "synthetic", model: "m", reason, detail: "" })
const refusal = modelError(new InvalidRequest({}))

/** Texts are `angle` or `bad …` (refused), `zero …` (no direction); later batches may answer earlier. */
const embedder = (maxBatch: number, delay: (texts: NonEmpty<string>) => number = () => 0) => {
  const batches: Array<ReadonlyArray<string>> = []
  const value: Embedder<ModelError> = {
    ref: "synthetic/embedder",
    maxBatch,
    embed: (texts) =>
      Effect.suspend(() => {
        batches.push(texts)
        if (texts.some((text) => text.startsWith("bad"))) return Effect.delay(Effect.fail(refusal), delay(texts))
        const data = Float32Array.from(
          texts.flatMap((text) =>
            text.startsWith("zero") ? [0, 0] : [3 * Math.cos(Number(text)), 3 * Math.sin(Number(text))]
          )
        )
        return Effect.delay(Effect.succeed<Batch>({ space, data }), delay(texts))
      })
  }
  return { value, batches }
}

const rowsOf = (texts: ReadonlyArray<string>): Stream.Stream<Row> =>
  Stream.fromIterable(texts.map((text, index) => ({ id: PromptId.make(`p${index}`), text })))

const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

describe("embedAll", () => {
  const texts = Arbitrary.array(Arbitrary.schema(Schema.Literals(["0", "1", "2", "bad", "zero"])), {
    minLength: 1,
    maxLength: 25
  })
  const size = Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 })))
  const delays = Arbitrary.array(Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 }))), {
    minLength: 1
  })

  it.effect.prop(
    "gives each text its own row in input order and each hopeless one a failure, however batches fall and answers come",
    [texts, size, size, delays],
    ([list, maxBatch, concurrency, waits]) =>
      Effect.gen(function* () {
        let n = 0
        const { value, batches } = embedder(maxBatch, () => waits[n++ % waits.length] ?? 0)
        const made = yield* Effect.result(inTime(embedAll(value, rowsOf(list), list.length, { concurrency })))
        const good = list.flatMap((text, index) =>
          text === "bad" || text === "zero" ? [] : [{ text, id: `p${index}` }]
        )
        const bad = list.flatMap((text, index) => (text === "bad" || text === "zero" ? [`p${index}`] : []))
        assert.isTrue(batches.every((batch) => batch.length <= maxBatch))
        if (!isNonEmpty(good)) {
          assert.isTrue(
            made._tag === "Failure" && made.failure instanceof EmbeddingError && made.failure.why === "empty"
          )
          return
        }
        if (made._tag === "Failure") throw made.failure
        const { matrix, failed } = made.success
        assert.strictEqual(matrix.ids.join(), good.map(({ id }) => id).join())
        for (const [row, { text }] of good.entries()) {
          assert.closeTo(matrix.row(row)[0] ?? Number.NaN, Math.cos(Number(text)), 1e-6)
          assert.closeTo(matrix.row(row)[1] ?? Number.NaN, Math.sin(Number(text)), 1e-6)
        }
        assert.strictEqual(failed.map(({ id }) => id).join(), bad.join())
      })
  )

  it.effect("halves a refused batch until the text stands alone, and says why that one failed", () =>
    Effect.gen(function* () {
      const { value, batches } = embedder(4)
      const { matrix, failed } = yield* embedAll(value, rowsOf(["0", "1", "bad", "2"]), 4)
      assert.deepStrictEqual(batches, [["0", "1", "bad", "2"], ["0", "1"], ["bad", "2"], ["bad"], ["2"]])
      assert.strictEqual(matrix.rows, 3)
      assert.deepStrictEqual(
        failed.map(({ id, failure }) => [id, failure.tag, failure.reason]),
        [["p2", "ModelError", "InvalidRequest"]]
      )
    })
  )

  const answering = (embed: Embedder<ModelError | Halted>["embed"]): Embedder<ModelError | Halted> => ({
    ref: "synthetic/embedder",
    maxBatch: 1,
    embed
  })

  it.effect("fails as a whole when the call and not the text is at fault", () =>
    Effect.gen(function* () {
      const down = modelError(new Overloaded({}))
      assert.strictEqual(
        yield* Effect.flip(
          embedAll(
            answering(() => Effect.fail(down)),
            rowsOf(["0", "1"]),
            2
          )
        ),
        down
      )
      const halted = new Halted({ why: "budget", detail: "" })
      assert.strictEqual(
        yield* Effect.flip(
          embedAll(
            answering(() => Effect.fail(halted)),
            rowsOf(["0"]),
            1
          )
        ),
        halted
      )
    })
  )

  it.effect("notices a server that changes its model midway, and a batch of another shape", () =>
    Effect.gen(function* () {
      let n = 0
      const changing = answering(() =>
        Effect.sync(() => ({ space: { ...space, model: `m${n++}` }, data: Float32Array.of(1, 0) }))
      )
      const mixed = yield* Effect.flip(embedAll(changing, rowsOf(["0", "1"]), 2))
      assert.isTrue(mixed instanceof EmbeddingError && mixed.why === "mixed-spaces")
      const short = answering(() => Effect.succeed({ space, data: Float32Array.of(1) }))
      const wrong = yield* Effect.flip(embedAll(short, rowsOf(["0"]), 1))
      assert.isTrue(wrong instanceof EmbeddingError && wrong.why === "wrong-shape")
    })
  )

  it.effect("has room for the rows that were announced, and for fewer", () =>
    Effect.gen(function* () {
      const { matrix } = yield* embedAll(embedder(2).value, rowsOf(["0", "1", "2"]), 10)
      assert.deepStrictEqual([matrix.rows, matrix.data.length], [3, 6])
      const exit = yield* Effect.exit(embedAll(embedder(2).value, rowsOf(["0", "1", "2"]), 2))
      assert.isTrue(exit._tag === "Failure" && exit.cause.reasons.some((reason) => reason._tag === "Die"))
    })
  )
})
