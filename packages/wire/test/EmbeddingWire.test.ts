import { serve } from "@consortium/testing/Exchanges"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as EmbeddingWire from "../src/EmbeddingWire.js"
import * as Endpoint from "../src/Endpoint.js"
import * as HttpClients from "../src/HttpClients.js"

const answerOf = (json: unknown): EmbeddingWire.Answer | undefined => {
  if (!Predicate.isObject(json) || !Array.isArray(json.rows)) return undefined
  return {
    rows: json.rows.map((values: unknown) => ({ values })),
    ...(typeof json.model === "string" && { model: json.model }),
    ...(typeof json.tokens === "number" && { inputTokens: json.tokens })
  }
}

/** An embedder over these answers, and what it asked. */
const over = (bodies: ReadonlyArray<object>, more: Partial<EmbeddingWire.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve(bodies.map((body) => ({ body: JSON.stringify(body) })))
    const about = { vendor: "mine", model: "small" }
    const to = yield* Endpoint.make({ ...about, url: player.url })
    const options = {
      ...about,
      to,
      wire: "mine.embed",
      maxBatch: 8,
      body: (texts: object) => ({ texts }),
      read: answerOf
    }
    return { embedder: EmbeddingWire.make({ ...options, ...more }), asked: player.asked }
  })

const test = <A, E>(name: string, run: () => Effect.Effect<A, E, HttpClients.HttpClient | Scope.Scope>) =>
  it.effect(name, () => Effect.provide(run(), HttpClients.layerDirect))

describe("EmbeddingWire", () => {
  test("names what decides the vectors in the wire and in the space", () =>
    Effect.gen(function* () {
      const more = { variant: ["query", undefined, "int8"], dimension: 2, encoding: "int8", maxTokens: 9 } as const
      const { embedder } = yield* over([{ rows: [[1, 2]], model: "small-1", tokens: 3 }], more)
      assert.strictEqual(embedder.ref, "mine/small")
      assert.strictEqual(embedder.wire, "mine.embed/2/query/int8")
      assert.deepStrictEqual([embedder.maxBatch, embedder.maxTokens], [8, 9])
      assert.deepStrictEqual(yield* embedder.embed(["a"]), {
        space: { model: "mine/small-1", dimension: 2, variant: "query/int8" },
        data: new Float32Array([1, 2]),
        inputTokens: 3
      })
    }))

  test("asks one by one where a request carries one text, and adds tokens up if all are counted", () =>
    Effect.gen(function* () {
      const answers = [{ rows: [[1]], tokens: 2 }, { rows: [[2]], tokens: 3 }, { rows: [[3]] }]
      const { asked, embedder } = yield* over([...answers.slice(0, 2), ...answers.slice(1)], { oneByOne: true })
      const both = yield* embedder.embed(["a", "b"])
      assert.deepStrictEqual([...both.data, both.inputTokens], [1, 2, 5])
      assert.strictEqual((yield* embedder.embed(["a", "b"])).inputTokens, undefined)
      assert.deepStrictEqual(
        asked.map(({ body }) => JSON.parse(body)),
        ["a", "b", "a", "b"].map((text) => ({ texts: [text] }))
      )
    }))

  test("takes a bare message for an error, and anything else for a broken answer", () =>
    Effect.gen(function* () {
      const { embedder } = yield* over([{ message: "model is overloaded" }, { hello: 1 }, { rows: [] }])
      const found = yield* Effect.forEach([1, 2, 3], () => Effect.flip(embedder.embed(["a"])))
      assert.deepStrictEqual(
        found.map(({ reason }) => reason._tag),
        ["Overloaded", "MalformedOutput", "MalformedOutput"]
      )
    }))
})
