/** The undici dispatcher behind the Node client. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Undici from "@effect/platform-node/Undici"
import * as Effect from "effect/Effect"
import type { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type { Options, Proxies } from "../HttpClients.js"

const dispatcher = (options: Required<Options>, proxies: Proxies): Undici.Dispatcher => {
  const pool = { keepAliveTimeout: options.keepAliveMillis, connect: { timeout: options.connectMillis } }
  // The plain agent is cheaper, and reads no variable of its own.
  return proxies.httpProxy === undefined && proxies.httpsProxy === undefined
    ? new Undici.Agent(pool)
    : new Undici.EnvHttpProxyAgent({ ...pool, httpProxy: "", httpsProxy: "", noProxy: "", ...proxies })
}

/** Headers may take an hour and bodies any time: `NodeHttpClient` sets both on each request. */
export const layer = (options: Required<Options>, proxies: Proxies): Layer.Layer<HttpClient> =>
  Layer.provide(
    NodeHttpClient.layerUndiciNoDispatcher,
    Layer.effect(
      NodeHttpClient.Dispatcher,
      Effect.acquireRelease(
        Effect.sync(() => dispatcher(options, proxies)),
        (it) => Effect.promise(() => it.destroy())
      )
    )
  )
