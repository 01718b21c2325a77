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
  /** The model, the texts and the key that a request carries. */
  readonly read: (asked: Asked) => { readonly model: unknown; readonly texts: unknown; readonly key: unknown }
  /** Whether rows name their text, so that their order is free. @default true */
  readonly ordersByIndex?: boolean
}

export interface Subject<R> {
  /** The embedder under proof, of the name `modelName`, at an address. */
  readonly make: (at: Address) => Effect.Effect<Embedder<ModelError>, unknown, R | Scope.Scope>
  readonly spelling: Spelling
}

/** The model's name that a subject asks for. */
export const modelName = "synthetic-embedding"

const texts: NonEmpty<string> = ["one", "zwei – 二", "three"]
/** Numbers that a float32 holds exactly. */
const vectors = [
  [0.5, -0.25, 1, 0],
  [0, 2, -0.125, 8],
  [-1, 0.75, 0.0625, 3]
]
const rows: ReadonlyArray<Row> = vectors.map((vector, index) => ({ index, vector }))

/** The promises of one embedder, for a test file to loop over. */
export const cases = <R>(subject: Subject<R>): ReadonlyArray<Case<R>> => {
  const { spelling } = subject
  const embed = (where: Address) => Effect.flatMap(subject.make(where), (embedder) => embedder.embed(texts))

  const embeds = (name: string, given: ReadonlyArray<Row>): Case<R> => ({
    name,
    run: Effect.gen(function* () {
      const player = yield* serve([{ body: spelling.whole(given, 9) }])
      const batch = yield* embed(at(player))
      strictEqual(batch.space.dimension, 4)
      deepStrictEqual(batch.data, new Float32Array(vectors.flat()))
      strictEqual(batch.inputTokens, 9)
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

  return [
    embeds("rows of float32 numbers, with usage", rows),
    ...((spelling.ordersByIndex ?? true)
      ? [
          embeds("rows in any order are put in the order of the texts", [...rows].reverse()),
          refuses("two rows of one text are refused", replaced(2, { index: 1, vector: [1, 2, 3, 4] })),
          refuses("a row of no text is refused", replaced(2, { index: 3, vector: [1, 2, 3, 4] }))
        ]
      : []),
    refuses("a missing row is refused", rows.slice(1)),
    refuses("a row too many is refused", [...rows, { index: 3, vector: [1, 2, 3, 4] }]),
    refuses("rows of different lengths are refused", replaced(1, { index: 1, vector: [1, 2, 3] })),
    refuses(
      "empty rows are refused",
      rows.map(({ index }) => ({ index, vector: [] }))
    ),
    {
      name: "the request is a POST with the model, the texts and the key",
      run: Effect.gen(function* () {
        const player = yield* serve([{ body: spelling.whole(rows, 9) }])
        yield* embed(at(player))
        strictEqual(player.asked[0]?.method, "POST")
        deepStrictEqual(player.asked.map(spelling.read), [{ model: modelName, texts, key: secret }])
      })
    },
    {
      name: "the same server is the same space, and a batch has a limit",
      run: Effect.gen(function* () {
        const player = yield* serve([{ body: spelling.whole(rows, 9) }, { body: spelling.whole(rows, 9) }])
        const embedder = yield* subject.make(at(player))
        deepStrictEqual((yield* embedder.embed(texts)).space, (yield* embedder.embed(texts)).space)
        ok(embedder.maxBatch >= 1)
      })
    },
    ...failureCases(embed, spelling.error)
  ]
}
