import { everyByte, type Exchange, serve } from "@consortium/testing/Exchanges"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Endpoint from "../src/Endpoint.js"
import * as HttpClients from "../src/HttpClients.js"

/** What came before the end, and why it ended. */
const gathered = (endpoint: Endpoint.Endpoint) =>
  Effect.gen(function* () {
    const lines: Array<unknown> = []
    const answer = yield* endpoint.lines("{}")
    const read = Stream.runForEach(answer.lines, (line) => Effect.sync(() => lines.push(line)))
    const end = yield* Effect.result(read)
    return { lines, facts: answer.facts, error: end._tag === "Failure" ? end.failure : undefined }
  })

const asked = (exchange: Exchange, options: Partial<Endpoint.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([exchange])
    return yield* gathered(yield* Endpoint.make({ vendor: "v", model: "m", url: `${player.url}/x`, ...options }))
  }).pipe(Effect.provide(HttpClients.layerDirect))

/** A client whose body comes in exactly these pieces. */
const inPieces = (pieces: ReadonlyArray<Uint8Array>) => {
  const fetch = async () => new Response(ReadableStream.from(pieces))
  return Layer.provide(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.Fetch, fetch))
}

const said = ['{"n":1,"s":"ü🦉"}', "", "  ", '{"n":2,"s":"a\\nb\\r"}', "[3]", '"four"', "5"]
const heard = [{ n: 1, s: "ü🦉" }, { n: 2, s: "a\nb\r" }, [3], "four", 5]

describe("Endpoint lines", () => {
  for (const [name, end] of [
    ["LF", "\n"],
    ["CRLF", "\r\n"]
  ] as const)
    for (const last of ["", end]) {
      const text = said.join(end) + last
      const how = `with ${name} and ${last === "" ? "no" : "an"} end of the last line`
      it.effect(`are the same wherever the bytes are cut in two, ${how}`, () => {
        const bytes = new TextEncoder().encode(`\uFEFF${text}`)
        return Effect.forEach(
          Array.from({ length: bytes.length + 1 }, (_, index) => index),
          (cut) =>
            Effect.gen(function* () {
              const endpoint = yield* Endpoint.make({ vendor: "v", model: "m", url: "http://v.test/x" })
              assert.deepStrictEqual((yield* gathered(endpoint)).lines, heard, `cut at ${cut}`)
            }).pipe(Effect.provide(inPieces([bytes.subarray(0, cut), bytes.subarray(cut)])))
        )
      })
      it.effect(`are the same byte by byte, ${how}`, () =>
        Effect.gen(function* () {
          const found = yield* asked({ body: text, splitAt: everyByte(text), headers: { "x-request-id": "r1" } })
          assert.deepStrictEqual(found, { lines: heard, facts: { requestId: "r1" }, error: undefined })
        })
      )
    }

  it.effect("hand on what came before a fault, and nothing after it", () =>
    Effect.gen(function* () {
      const rubbish = yield* asked({ body: '{"n":1}\n{"half\n{"n":2}\n' })
      assert.deepStrictEqual([rubbish.lines, rubbish.error?.reason._tag], [[{ n: 1 }], "MalformedOutput"])
      const stated = yield* asked({ body: '{"n":1}\n{"error":"it is broken"}\n{"n":2}\n' })
      assert.deepStrictEqual([stated.lines, stated.error?.reason._tag], [[{ n: 1 }], "ServerError"])
      assert.include(stated.error?.detail, "it is broken")
      const broken = yield* asked({ body: '{"n":1}\n{"n":2}', splitAt: [8], end: "reset" })
      assert.deepStrictEqual([broken.lines, broken.error?.reason._tag], [[{ n: 1 }], "Network"])
    })
  )

  it.effect("are bounded, and refused where they are nested beyond reason", () =>
    Effect.gen(function* () {
      const large = yield* asked({ body: `{"n":1}\n${" ".repeat(1000)}` }, { maxBytes: 500 })
      assert.strictEqual(large.error?.reason._tag, "MalformedOutput")
      const deep = yield* asked({ body: `${"[".repeat(2000)}${"]".repeat(2000)}\n` })
      assert.include(deep.error?.detail, "nested too deep")
    })
  )

  it.effect("take the time of their length, in whatever pieces they come", () =>
    Effect.gen(function* () {
      const letters = 200_000
      const piece = new TextEncoder().encode("a")
      const pieces = [
        new TextEncoder().encode('"'),
        ...Array.from({ length: letters }, () => piece),
        new TextEncoder().encode('"')
      ]
      const endpoint = yield* Effect.provide(
        Endpoint.make({ vendor: "v", model: "m", url: "http://v.test/x" }),
        inPieces(pieces)
      )
      const { lines } = yield* gathered(endpoint)
      assert.strictEqual(String(lines[0]).length, letters)
    })
  )

  it.effect("are a failure by its status where there is one", () =>
    Effect.gen(function* () {
      const failed = yield* Effect.flip(asked({ status: 404, body: '{"error":"model \\"x\\" not found"}' }))
      assert.deepStrictEqual([failed.reason._tag, failed.status], ["NotFound", 404])
    })
  )
})
