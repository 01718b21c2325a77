/** What every embedder promises, whatever its wire: proven over a real server that speaks the wire by synthetic exchanges. */
import type { Embedder } from "@consortium/core/Embedder"
import type { ModelError } from "@consortium/core/ModelError"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict"
import { type Asked, serve } from "./Exchanges.js"
import { type Address, at, type Case, failure, failureCases, secret, type SpellError } from "./internal/failures.js"

export type { Address, Case } from "./internal/failures.js"

/** A row of an answer: its vector, and the place of the text that it belongs to. */
export interface Row {
  readonly index: number
  readonly vector: ReadonlyArray<number>
}

/** How a wire writes and reads. */
export interface Spelling {
  /** The body of an answer whose rows stand in this order. */
  readonly whole: (rows: ReadonlyArray<Row>, inputTokens: number) => string
  readonly error: SpellError
  /** The model, the texts and the key that a request carries; no model where the wire has none. */
  readonly read: (asked: Asked) => { readonly model?: unknown; readonly texts: unknown; readonly key: unknown }
  /** Whether rows name their text, so that their order is free. @default true */
  readonly ordersByIndex?: boolean
  /** Whether a request carries one text only, and its answer one row. @default false */
  readonly oneByOne?: boolean
  /** Whether answers count tokens. @default true */
  readonly countsTokens?: boolean
  /** Three rows of the same length, for wires that can't hold any float32. @default rows of four fractions */
  readonly vectors?: ReadonlyArray<ReadonlyArray<number>>
}

export interface Subject<R> {
  /** The embedder under proof, of the name `modelName`, at an address. */
  readonly make: (at: Address) => Effect.Effect<Embedder<ModelError>, unknown, R | Scope.Scope>
  readonly spelling: Spelling
}

/** The model's name that a subject asks for. */
export const modelName = "synthetic-embedding"

/** What is embedded; the first alone where a wire carries one text. */
export const texts: readonly [string, string, string] = ["one", "zwei – 二", "three"]
/** Numbers that a float32 holds exactly. */
const fractions = [
  [0.5, -0.25, 1, 0],
  [0, 2, -0.125, 8],
  [-1, 0.75, 0.0625, 3]
]

/** The rows that a subject's server answers with. */
export const vectorsOf = ({ oneByOne = false, vectors = fractions }: Spelling): ReadonlyArray<ReadonlyArray<number>> =>
  oneByOne ? vectors.slice(0, 1) : vectors

/** The promises of one embedder, for a test file to loop over. */
export const cases = <R>(subject: Subject<R>): ReadonlyArray<Case<R>> => {
  const { spelling } = subject
  const { countsTokens = true, oneByOne = false, ordersByIndex = true } = spelling
  const asked: NonEmpty<string> = oneByOne ? [texts[0]] : texts
  const vectors = vectorsOf(spelling)
  const rows: ReadonlyArray<Row> = vectors.map((vector, index) => ({ index, vector }))
  const another: Row = { index: rows.length, vector: vectors[0] ?? [] }
  const width = another.vector.length
  const embed = (where: Address) => Effect.flatMap(subject.make(where), (embedder) => embedder.embed(asked))

  const embeds = (name: string, given: ReadonlyArray<Row>): Case<R> => ({
    name,
    run: Effect.gen(function* () {
      const player = yield* serve([{ body: spelling.whole(given, 9) }])
      const batch = yield* embed(at(player))
      strictEqual(batch.space.dimension, width)
      deepStrictEqual(batch.data, new Float32Array(vectors.flat()))
      strictEqual(batch.inputTokens, countsTokens ? 9 : undefined)
      ok(batch.space.model !== "")
    })
  })

  const refuses = (name: string, given: ReadonlyArray<Row>): Case<R> => ({
    name,
    run: Effect.gen(function* () {
      const player = yield* serve([{ body: spelling.whole(given, 9) }])
      strictEqual((yield* failure(embed(at(player)))).reason._tag, "MalformedOutput")
    })
  })

  const replaced = (index: number, row: Row) => rows.map((one) => (one.index === index ? row : one))
  const withVector = (vector: ReadonlyArray<number>) => rows.map(({ index }) => ({ index, vector }))

  return [
    embeds("rows of numbers, with usage", rows),
    ...(ordersByIndex && !oneByOne
      ? [
          embeds("rows in any order are put in the order of the texts", [...rows].reverse()),
          refuses("two rows of one text are refused", replaced(2, { ...another, index: 1 })),
          refuses("a row of no text is refused", replaced(2, { ...another, index: 3 }))
        ]
      : []),
    ...(oneByOne
      ? []
      : [
          refuses("a missing row is refused", rows.slice(1)),
          refuses("a row too many is refused", [...rows, another]),
          refuses("rows of different lengths are refused", replaced(1, { index: 1, vector: another.vector.slice(1) }))
        ]),
    refuses("empty rows are refused", withVector([])),
    ...(spelling.vectors === undefined
      ? [refuses("numbers that are too large for float32 are refused", withVector([1e300, 1, 2, 3]))]
      : []),
    {
      name: "the request is a POST with the model, the texts and the key",
      run: Effect.gen(function* () {
        const player = yield* serve([{ body: spelling.whole(rows, 9) }])
        yield* embed(at(player))
        strictEqual(player.asked[0]?.method, "POST")
        deepStrictEqual(
          player.asked.map((one) => ({ model: modelName, ...spelling.read(one) })),
          [{ model: modelName, texts: asked, key: secret }]
        )
      })
    },
    {
      name: "the same server is the same space, and a batch has a limit",
      run: Effect.gen(function* () {
        const player = yield* serve([{ body: spelling.whole(rows, 9) }, { body: spelling.whole(rows, 9) }])
        const embedder = yield* subject.make(at(player))
        deepStrictEqual((yield* embedder.embed(asked)).space, (yield* embedder.embed(asked)).space)
        ok(embedder.maxBatch >= 1)
        ok(embedder.maxTokens === undefined || embedder.maxTokens >= 1)
      })
    },
    ...failureCases(embed, spelling.error)
  ]
}
