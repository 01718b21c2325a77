import { serve } from "@consortium/testing/Exchanges"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
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
      // Tells the proxy that it may connect, and then answers in the place of the host.
      const proxy = yield* serve([{ body: '{"by":"proxy"}' }])
      const direct = yield* serve([{ body: '{"by":"host"}' }])
      const excepted = yield* call(direct.url, { HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" })
      assert.deepStrictEqual(excepted.json, { by: "host" })
      const error = yield* Effect.flip(call("http://nowhere.test/x", { HTTP_PROXY: `${direct.url}` }))
      assert.strictEqual(error._tag === "ModelError" ? error.reason._tag : error._tag, "Network")
      assert.strictEqual(proxy.asked.length, 0)
    })
  )

  it.effect("keeps a connection for the next call", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: "1" }, { body: "2" }])
      const endpoint = yield* Endpoint.make({ vendor: "v", model: "m", url: player.url })
      yield* endpoint.json("{}")
      yield* endpoint.json("{}")
      assert.deepStrictEqual(
        player.asked.map((asked) => asked.connection),
        [0, 0]
      )
    }).pipe(Effect.provide(HttpClients.layer))
  )
})
