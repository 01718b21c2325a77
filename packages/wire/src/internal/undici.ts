/** The undici dispatcher behind the Node client. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Undici from "@effect/platform-node/Undici"
import * as Effect from "effect/Effect"
import { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type { Options, Proxies } from "../HttpClients.js"
import { bounds } from "./bounds.js"

const dispatcher = (options: Required<Options>, proxies: Proxies): Undici.Dispatcher => {
  const pool = {
    keepAliveTimeout: options.keepAliveMillis,
    connect: { timeout: options.connectMillis },
    maxResponseSize: options.maxBytes
  }
  // The plain agent is cheaper, and reads no variable of its own.
  return proxies.httpProxy === undefined && proxies.httpsProxy === undefined
    ? new Undici.Agent(pool)
    : new Undici.EnvHttpProxyAgent({ ...pool, httpProxy: "", httpsProxy: "", noProxy: "", ...proxies })
}

/** Headers may take an hour and bodies any time: `NodeHttpClient` sets both on each request. */
export const layer = (options: Required<Options>, proxies: Proxies): Layer.Layer<HttpClient> =>
  Layer.effect(
    HttpClient,
    Effect.gen(function* () {
      const own = yield* Effect.acquireRelease(
        Effect.sync(() => dispatcher(options, proxies)),
        (it) => Effect.promise(() => it.destroy())
      )
      const client = yield* Effect.provideService(NodeHttpClient.makeUndici, NodeHttpClient.Dispatcher, own)
      // A proxy's own pool need not take over the bound.
      if (own instanceof Undici.Agent) bounds.set(client, options.maxBytes)
      return client
    })
  )
