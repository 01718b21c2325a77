import { serve } from "@consortium/testing/Exchanges"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Endpoint from "../src/Endpoint.js"
import * as HttpClients from "../src/HttpClients.js"

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))
const call = (url: string, values: Record<string, string>) =>
  Effect.flatMap(Endpoint.make({ vendor: "v", model: "m", url }), (endpoint) => endpoint.json("{}")).pipe(
    Effect.provide(Layer.provide(HttpClients.layer, env(values)))
  )

describe("HttpClients", () => {
  it.effect("reads proxies from the usual variables, small letters first", () =>
    Effect.gen(function* () {
      const read = (values: Record<string, string>) => Effect.provide(HttpClients.proxies, env(values))
      assert.deepStrictEqual(yield* read({}), {})
      assert.deepStrictEqual(
        yield* read({ HTTP_PROXY: "", HTTPS_PROXY: "proxy.test:3128", NO_PROXY: "a.test,.b.test" }),
        {
          httpsProxy: "http://proxy.test:3128",
          noProxy: "a.test,.b.test"
        }
      )
      assert.deepStrictEqual(yield* read({ HTTP_PROXY: "http://large.test", http_proxy: "http://small.test" }), {
        httpProxy: "http://small.test"
      })
    })
  )

  it.effect("goes through the proxy, save for the hosts that are excepted", () =>
    Effect.gen(function* () {
      const proxy = yield* serve([{ body: '{"by":"proxy"}' }])
      const direct = yield* serve([{ body: '{"by":"host"}' }])
      const excepted = yield* call(direct.url, { HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" })
      assert.deepStrictEqual(excepted.json, { by: "host" })
      assert.strictEqual(proxy.asked.length, 0)
      const through = yield* call("http://nowhere.test/x", { HTTP_PROXY: proxy.url })
      assert.deepStrictEqual(through.json, { by: "proxy" })
    })
  )

  it.effect("refuses an answer beyond the client's own bound, whole or streamed", () =>
    Effect.gen(function* () {
      const exchange = { body: JSON.stringify("x".repeat(200)), splitAt: [50, 150] }
      const player = yield* serve([exchange, exchange])
      const endpoint = yield* Endpoint.make({ vendor: "v", model: "m", url: player.url })
      const answers = [endpoint.json("{}"), Effect.flatMap(endpoint.events("{}"), (it) => Stream.runDrain(it.events))]
      for (const answer of answers) {
        const error = yield* Effect.flip(answer)
        assert.strictEqual(error.reason._tag, "MalformedOutput")
        assert.include(error.message, "larger than the client allows")
      }
    }).pipe(Effect.provide(HttpClients.layerOptions({ maxBytes: 100 })))
  )

  it.effect("keeps connections for the next calls", () =>
    Effect.gen(function* () {
      const player = yield* serve(Array.from({ length: 8 }, () => ({ body: "1" })))
      const endpoint = yield* Endpoint.make({ vendor: "v", model: "m", url: player.url })
      for (let call = 0; call < 8; call++) yield* endpoint.json("{}")
      // The second call may come before the first connection is free again.
      assert.isAtMost(new Set(player.asked.map((asked) => asked.connection)).size, 2)
    }).pipe(Effect.provide(HttpClients.layer))
  )
})
