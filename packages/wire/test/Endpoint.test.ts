import { ServerError } from "@consortium/core/ModelError"
import { everyByte, type Exchange, serve } from "@consortium/testing/Exchanges"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { HttpClient, mapRequest } from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as Endpoint from "../src/Endpoint.js"
import type { ErrorReader } from "../src/ErrorWords.js"
import { type Framing, Malformed } from "../src/Framing.js"
import * as HttpClients from "../src/HttpClients.js"

const at = (exchange: Exchange, options: Partial<Endpoint.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([exchange])
    const endpoint = yield* Endpoint.make({ vendor: "v", model: "m", url: `${player.url}/x`, ...options })
    return { endpoint, player }
  })
const json = (exchange: Exchange, options?: Partial<Endpoint.Options>) =>
  Effect.flatMap(at(exchange, options), ({ endpoint }) => endpoint.json("{}")).pipe(
    Effect.provide(HttpClients.layerDirect)
  )
const events = (exchange: Exchange, options?: Partial<Endpoint.Options>) =>
  Effect.flatMap(at(exchange, options), ({ endpoint }) => endpoint.events("{}")).pipe(
    Effect.flatMap((answer) => Stream.runCollect(answer.events)),
    Effect.provide(HttpClients.layerDirect)
  )

/** A client whose body comes in exactly these pieces. */
const inPieces = (pieces: ReadonlyArray<Uint8Array>) => {
  const fetch = async () =>
    new Response(ReadableStream.from(pieces), { headers: { "content-type": "text/event-stream" } })
  return Layer.provide(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.Fetch, fetch))
}
const eventsOf = (pieces: ReadonlyArray<Uint8Array>) =>
  Effect.gen(function* () {
    const endpoint = yield* Endpoint.make({ vendor: "v", model: "m", url: "http://v.test/x" })
    const answer = yield* endpoint.events("{}")
    return yield* Stream.runCollect(answer.events)
  }).pipe(Effect.provide(inPieces(pieces)))

const spoken = [
  ": a comment",
  "",
  'data: {"n":1,"s":"ü🦉"}',
  "",
  "event: named",
  "id: 7",
  "retry: 10",
  'data: {"n":2,',
  'data:"s":"two lines"}',
  "",
  "data:",
  "",
  "data: [DONE]",
  "",
  ""
]
const heard = [
  { event: "message", json: { n: 1, s: "ü🦉" } },
  { event: "named", json: { n: 2, s: "two lines" } },
  { event: Endpoint.endMark, json: null }
]

describe("Endpoint events", () => {
  for (const [name, end] of [
    ["LF", "\n"],
    ["CR", "\r"],
    ["CRLF", "\r\n"]
  ] as const) {
    const bytes = new TextEncoder().encode(`\uFEFF${spoken.join(end)}`)
    it.effect(`are the same wherever the bytes are cut in two, with ${name}`, () =>
      Effect.forEach(
        Array.from({ length: bytes.length + 1 }, (_, index) => index),
        (cut) =>
          Effect.gen(function* () {
            const got = yield* eventsOf([bytes.subarray(0, cut), bytes.subarray(cut)])
            assert.deepStrictEqual(got, heard, `cut at ${cut}`)
          })
      )
    )
    it.effect(`are the same byte by byte, with ${name}`, () =>
      Effect.gen(function* () {
        const got = yield* eventsOf(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)))
        assert.deepStrictEqual(got, heard)
      })
    )
  }

  it.effect("count the last one though its empty line is missing", () =>
    Effect.gen(function* () {
      const got = yield* eventsOf([new TextEncoder().encode('data: {"n":1}\n\ndata: {"n":2}')])
      assert.deepStrictEqual(
        got.map((event) => event.json),
        [{ n: 1 }, { n: 2 }]
      )
    })
  )

  it.effect("hand on what came before a fault", () =>
    Effect.gen(function* () {
      const { endpoint } = yield* at({
        headers: { "content-type": "text/event-stream" },
        body: 'data: {"n":1}\n\nevent: error\ndata: {"message":"synthetic trouble"}\n\ndata: {"n":2}\n\n'
      })
      const got: Array<unknown> = []
      const answer = yield* endpoint.events("{}")
      const error = yield* Effect.flip(
        Stream.runForEach(answer.events, (event) => Effect.sync(() => got.push(event.json)))
      )
      assert.deepStrictEqual(got, [{ n: 1 }])
      assert.strictEqual(error.detail, "synthetic trouble")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("come whole to a reader that is slower than the server", () =>
    Effect.gen(function* () {
      const headers = { "content-type": "text/event-stream" }
      const text = "x".repeat(10_000)
      const body = Array.from({ length: 400 }, (_, n) => `data: ${JSON.stringify({ n, text })}\n\n`).join("")
      const { endpoint } = yield* at({ headers, body })
      const answer = yield* endpoint.events("{}")
      const pause = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      const seen = yield* answer.events.pipe(
        Stream.tap(() => pause),
        Stream.map((event) => event.json),
        Stream.runCollect
      )
      assert.deepStrictEqual(
        seen,
        Array.from({ length: 400 }, (_, n) => ({ n, text }))
      )
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("are bounded", () =>
    Effect.gen(function* () {
      const headers = { "content-type": "text/event-stream" }
      const many = yield* Effect.flip(events({ headers, body: 'data: {"n":1}\n\n'.repeat(20) }, { maxBytes: 100 }))
      assert.include(many.message, "larger than 100 bytes")
      const long = yield* Effect.flip(events({ headers, body: `data: "${"x".repeat(200)}"` }, { maxBytes: 100 }))
      assert.strictEqual(long.reason._tag, "MalformedOutput")
    })
  )
})

describe("Endpoint json", () => {
  const large = JSON.stringify({ text: "ü".repeat(1000) })
  const size = Buffer.byteLength(large)

  it.effect("gives status, headers, JSON and facts", () =>
    Effect.gen(function* () {
      const answer = yield* json({
        status: 201,
        headers: { "request-id": "r1", "x-ratelimit-limit-tokens": "9" },
        body: "\uFEFF 7"
      })
      assert.strictEqual(answer.status, 201)
      assert.strictEqual(answer.headers["request-id"], "r1")
      assert.strictEqual(answer.json, 7)
      assert.deepStrictEqual(answer.facts, { requestId: "r1", limits: { tokensLimit: 9 } })
    })
  )

  for (const [name, headers] of [
    ["of stated length", { "content-length": String(size) }],
    ["in chunks", {}]
  ] as const) {
    for (const [over, layer] of [
      ["undici", HttpClients.layerDirect],
      ["fetch", HttpClients.layerFetch]
    ] as const) {
      it.effect(`takes a body ${name} as large as allowed, and no larger, over ${over}`, () =>
        Effect.gen(function* () {
          const asking = (maxBytes: number) =>
            at({ headers, body: large, splitAt: [700, 1501] }, { maxBytes }).pipe(
              Effect.flatMap(({ endpoint }) => endpoint.json("{}")),
              Effect.provide(layer)
            )
          assert.deepStrictEqual((yield* asking(size)).json, JSON.parse(large))
          const error = yield* Effect.flip(asking(size - 1))
          assert.strictEqual(error.reason._tag, "MalformedOutput")
          assert.include(error.message, `larger than ${size - 1} bytes`)
        })
      )
    }
  }

  it.effect("judges by the status where the words of a failure break off or never end", () =>
    Effect.gen(function* () {
      for (const layer of [HttpClients.layerDirect, HttpClients.layerFetch]) {
        for (const exchange of [
          { status: 401, body: "half", end: "reset" },
          { status: 401, body: "x".repeat(2 * 1024 * 1024), splitAt: [1000], end: "hang" }
        ] as const) {
          const error = yield* at(exchange).pipe(
            Effect.flatMap(({ endpoint }) => Effect.flip(endpoint.json("{}"))),
            Effect.provide(layer)
          )
          assert.strictEqual(error.reason._tag, "Authentication")
          assert.strictEqual(error.status, 401)
        }
      }
    })
  )

  it.effect("refuses JSON that is nested beyond reason, in answers, errors and streams", () =>
    Effect.gen(function* () {
      const nest = (levels: number) => `${'{"a":['.repeat(levels)}1${"]}".repeat(levels)}`
      assert.isDefined((yield* json({ body: nest(64) })).json)
      const deep = nest(10_000)
      const answer = yield* Effect.flip(json({ body: deep }))
      assert.strictEqual(answer.reason._tag, "MalformedOutput")
      assert.include(answer.detail, "nested too deep")
      assert.strictEqual((yield* Effect.flip(json({ status: 500, body: deep }))).reason._tag, "ServerError")
      const stream = { headers: { "content-type": "text/event-stream" }, body: `data: ${deep}\n\n` }
      assert.include((yield* Effect.flip(events(stream))).detail, "nested too deep")
    })
  )

  it.effect("asks through a client that the user has changed", () =>
    Effect.gen(function* () {
      const changed = Layer.effect(
        HttpClient,
        Effect.map(HttpClient, (it) => mapRequest(it, HttpClientRequest.setHeader("x-mine", "yes")))
      )
      const asked = at({ body: "{}" }).pipe(
        Effect.tap(({ endpoint }) => endpoint.json("{}")),
        Effect.map(({ player }) => player.asked),
        Effect.provide(Layer.provide(changed, HttpClients.layerDirect))
      )
      assert.strictEqual((yield* asked)[0]?.headers["x-mine"], "yes")
    })
  )

  it.effect("reads letters that are cut between pieces", () =>
    Effect.gen(function* () {
      const body = JSON.stringify({ text: "ü🦉" })
      assert.deepStrictEqual((yield* json({ body, splitAt: everyByte(body) })).json, { text: "ü🦉" })
    })
  )

  it.effect("cuts a vendor's words, and keeps what it needs to find its call", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(json({ status: 500, headers: { "x-request-id": "r2" }, body: "x".repeat(5000) }))
      assert.isBelow(error.detail.length, 510)
      assert.strictEqual(error.requestId, "r2")
      assert.strictEqual(
        error.message,
        `v/m: ServerError: ${"x".repeat(500)}… (status 500, request r2); try again later`
      )
    })
  )

  it.effect("does not follow a redirect with the key in hand", () =>
    Effect.gen(function* () {
      for (const layer of [HttpClients.layerDirect, HttpClients.layerFetch]) {
        const other = yield* serve([{ body: "{}" }])
        const error = yield* at({ status: 307, headers: { location: other.url } }).pipe(
          Effect.flatMap(({ endpoint }) => Effect.flip(endpoint.json("{}"))),
          Effect.provide(layer)
        )
        assert.strictEqual(error.reason._tag, "NotFound")
        assert.strictEqual(other.asked.length, 0)
      }
    })
  )

  it.effect("uses the vendor's own reader of errors", () =>
    Effect.gen(function* () {
      const readError = () => ({ message: "read", type: "tokens", retryAfterMillis: 34_400 })
      const error = yield* Effect.flip(json({ status: 429, headers: { "retry-after": "1" }, body: "?" }, { readError }))
      assert.strictEqual(error.detail, "read")
      assert.deepInclude(error.reason, { scope: "tokens", retryAfterMillis: 34_400 })
    })
  )

  it.effect("makes no span and sends no trace header", () =>
    Effect.gen(function* () {
      const spans: Array<string> = []
      const tracer = Tracer.make({
        span: (options) => {
          spans.push(options.name)
          return new Tracer.NativeSpan(options)
        }
      })
      const { endpoint, player } = yield* at({ body: "{}" })
      yield* endpoint.json("{}").pipe(Effect.withSpan("own"), Effect.withTracer(tracer))
      assert.deepStrictEqual(spans, ["own"])
      assert.notProperty(player.asked[0]?.headers, "traceparent")
      assert.notProperty(player.asked[0]?.headers, "b3")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("makes errors of its own without a secret", () =>
    Effect.gen(function* () {
      const headers = { authorization: Redacted.make("Bearer se cret-of-mine"), "x-plain": "plain" }
      const { endpoint, player } = yield* at({ body: "{}" }, { headers })
      yield* endpoint.json('{"a":1}')
      assert.deepInclude(player.asked[0]?.headers, {
        "x-plain": "plain",
        authorization: "Bearer se cret-of-mine",
        "content-type": "application/json"
      })
      assert.strictEqual(player.asked[0]?.body, '{"a":1}')
      assert.strictEqual(endpoint.error(new ServerError({}), "of cret-of-mine").detail, "of <redacted>")
      assert.strictEqual(endpoint.stated({ error: "Bearer se cret-of-mine" }).detail, "<redacted>")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("asks for credentials at each call, sends the newest and shows none of them", () =>
    Effect.gen(function* () {
      let turn = 0
      const credentials = Effect.sync(() => ({ Authorization: Redacted.make(`Bearer token-number-${++turn}`) }))
      const player = yield* serve([
        { body: "{}" },
        { status: 400, body: JSON.stringify({ error: { message: "token-number-1 and token-number-2 are bad" } }) }
      ])
      const endpoint = yield* Endpoint.make({ vendor: "v", model: "m", url: `${player.url}/x`, credentials })
      yield* endpoint.json("{}")
      const error = yield* Effect.flip(endpoint.json("{}"))
      assert.deepStrictEqual(
        player.asked.map((asked) => asked.headers.authorization),
        ["Bearer token-number-1", "Bearer token-number-2"]
      )
      assert.strictEqual(error.detail, "<redacted> and <redacted> are bad")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("lets credentials sign what is sent, also where an earlier signature comes again", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: "{}" }, { body: "{}" }, { body: "{}" }])
      const url = `${player.url}/x?y=1`
      const credentials: Endpoint.Credentials = (sent) =>
        Effect.succeed({
          authorization: Redacted.make(`signed ${sent.body} ${sent.headers["x-kept"]} ${sent.url === url}`),
          ...(sent.body === "[1]" && { "x-only": "once" })
        })
      const headers = { "X-Kept": "k" }
      const endpoint = yield* Endpoint.make({ vendor: "v", model: "m", url, headers, credentials })
      for (const body of ["[1]", "[2]", "[1]"]) yield* endpoint.json(body)
      assert.deepStrictEqual(
        player.asked.map((asked) => [asked.headers.authorization, asked.headers["x-kept"], asked.headers["x-only"]]),
        [
          ["signed [1] k true", "k", "once"],
          ["signed [2] k true", "k", undefined],
          ["signed [1] k true", "k", "once"]
        ]
      )
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("reads a stream as its wire frames it, unless the server says that it sends JSON or events", () =>
    Effect.gen(function* () {
      /** One byte, one event; a zero is no event. */
      const framing: Framing = () => ({
        read: (some) => {
          const bytes = some.flatMap((piece) => [...piece])
          const items = bytes.filter((byte) => byte > 0).map((byte) => ({ event: "byte", json: byte }))
          return bytes.includes(0) ? { items, fault: new Malformed({ detail: "a zero" }) } : { items }
        },
        end: () => ({ items: [{ event: "end", json: null }] })
      })
      const headers = { "content-type": "application/x-frames" }
      const last = { event: "end", json: null }
      assert.deepStrictEqual(yield* events({ headers, body: Uint8Array.of(1, 2) }, { framing }), [
        { event: "byte", json: 1 },
        { event: "byte", json: 2 },
        last
      ])
      const error = yield* Effect.flip(events({ headers, body: Uint8Array.of(1, 0) }, { framing }))
      assert.deepStrictEqual([error.reason._tag, error.detail], ["MalformedOutput", "a zero"])
      const whole = yield* events({ body: '{"a":1}' }, { framing })
      assert.deepStrictEqual(whole, [{ event: Endpoint.wholeBody, json: { a: 1 } }])
      const sse = { headers: { "content-type": "text/event-stream" }, body: "data: 7\n\n" }
      assert.deepStrictEqual(yield* events(sse, { framing }), [{ event: "message", json: 7 }])
    })
  )

  it.effect("gives the reader of errors the headers", () =>
    Effect.gen(function* () {
      const readError: ErrorReader = (_, headers) => ({ message: headers?.["x-type"] ?? "" })
      const error = yield* Effect.flip(json({ status: 400, headers: { "x-type": "Odd" }, body: "{}" }, { readError }))
      assert.strictEqual(error.detail, "Odd")
    })
  )

  it.effect("makes no call without its credentials", () =>
    Effect.gen(function* () {
      const refused = new ServerError({})
      const player = yield* serve([])
      const plain = yield* Endpoint.make({ vendor: "v", model: "m", url: player.url })
      const credentials = Effect.fail(plain.error(refused, "no token"))
      const endpoint = yield* Endpoint.make({ vendor: "v", model: "m", url: player.url, credentials })
      assert.strictEqual((yield* Effect.flip(endpoint.json("{}"))).detail, "no token")
      assert.strictEqual(player.asked.length, 0)
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("says that a base URL is none", () =>
    Effect.gen(function* () {
      const endpoint = yield* Endpoint.make({ vendor: "v", model: "m", url: "no url" })
      assert.strictEqual((yield* Effect.flip(endpoint.json("{}"))).detail, "the base URL is no URL")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
