import type { Batch, Embedder } from "@consortium/core/Embedder"
import { MalformedOutput, ModelError } from "@consortium/core/ModelError"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import * as EmbedderContract from "@consortium/testing/EmbedderContract"
import * as EmbedderFuzz from "@consortium/testing/EmbedderFuzz"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

interface Row {
  readonly index: number
  readonly vector: ReadonlyArray<number>
}

const spelling: EmbedderContract.Spelling = {
  whole: (rows, tokens) => JSON.stringify({ rows, tokens }),
  error: (error) => JSON.stringify({ error }),
  read: ({ body }) => JSON.parse(body)
}

const broken = new ModelError({ vendor: "fake", model: "m", reason: new MalformedOutput({}), detail: "broken" })
const space = (dimension: number) => ({ model: "fake/m", dimension })

/** A client that fetches and makes of the rows what it likes; what it throws is an error of its own. */
const client = (read: (rows: ReadonlyArray<Row>, texts: number) => Batch) => ({
  spelling,
  make: ({ url }: EmbedderContract.Address) =>
    Effect.succeed<Embedder<ModelError>>({
      ref: "fake/m",
      maxBatch: 8,
      embed: (texts: NonEmpty<string>) =>
        Effect.tryPromise({
          try: async () => {
            const answer = await fetch(url, { method: "POST", body: JSON.stringify({ texts }) })
            const { rows } = (await answer.json()) as { readonly rows: ReadonlyArray<Row> }
            return read(rows, texts.length)
          },
          catch: () => broken
        })
    })
})

const careful = (rows: ReadonlyArray<Row>, texts: number): Batch => {
  const [first] = rows
  if (first === undefined || first.vector.length === 0 || rows.length !== texts) throw broken
  const data = new Float32Array(texts * first.vector.length)
  const seen = new Set<number>()
  for (const { index, vector } of rows) {
    if (!Array.isArray(vector) || vector.length !== first.vector.length || !(index >= 0 && index < texts)) throw broken
    if (seen.has(index)) throw broken
    seen.add(index)
    data.set(vector, index * vector.length)
  }
  if (!data.every(Number.isFinite)) throw broken
  return { space: space(first.vector.length), data, inputTokens: 9 }
}

/** Takes rows as they come, as many as come. */
const careless = (rows: ReadonlyArray<Row>): Batch => {
  const width = rows[0]?.vector.length ?? 0
  return { space: space(width), data: new Float32Array(rows.flatMap(({ vector }) => vector)), inputTokens: 9 }
}

/** The names of the promises that are broken. */
const brokenOf = (cases: ReadonlyArray<{ readonly name: string; readonly run: Effect.Effect<void, unknown, never> }>) =>
  Effect.map(
    Effect.forEach(cases, ({ name, run }) => Effect.map(Effect.exit(run), (exit) => ({ name, exit }))),
    (found) => found.filter(({ exit }) => Exit.isFailure(exit)).map(({ name }) => name)
  )

const about = (subject: EmbedderContract.Subject<never>) =>
  EmbedderContract.cases(subject)
    .filter(({ name }) => /row|numbers/.test(name))
    .map(({ name, run }) => ({ name, run: Effect.scoped(run) }))

describe("EmbedderContract", () => {
  it.effect("lets a careful client pass, and names what a careless one breaks", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* brokenOf(about(client(careful))), [])
      assert.deepStrictEqual(yield* brokenOf(about(client(careless))), [
        "rows in any order are put in the order of the texts",
        "two rows of one text are refused",
        "a row of no text is refused",
        "a missing row is refused",
        "a row too many is refused",
        "rows of different lengths are refused",
        "empty rows are refused",
        "numbers that are too large for float32 are refused"
      ])
    })
  )
})

describe("EmbedderFuzz", () => {
  const fuzzed = (read: typeof careful) =>
    brokenOf(
      EmbedderFuzz.cases(client(read), { mutants: 12 }).map(({ name, run }) => ({ name, run: Effect.scoped(run) }))
    )

  it.effect("lets a careful client pass, and catches rows that nobody checked", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* fuzzed(careful), [])
      const caught = yield* fuzzed(careless)
      assert.include(caught, "rows, broken in their repeats")
      assert.include(caught, "rows, broken in their types")
    })
  )
})
