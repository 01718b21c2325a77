/** The undici dispatcher behind the Node client, and the transport straight over it. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Undici from "@effect/platform-node/Undici"
import * as Effect from "effect/Effect"
import { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type { Options, Proxies } from "../HttpClients.js"
import { Opened } from "./opened.js"
import { NoAddress, type Sent, type Transport, transports } from "./transport.js"
import { Whole } from "./whole.js"

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

/** An hour, as `NodeHttpClient` has it: time limits are a middleware's. */
const headersTimeout = 60 * 60 * 1000

interface Target {
  readonly origin: string
  readonly path: string
}

const targetOf = (url: string): Target | undefined => {
  if (!URL.canParse(url)) return undefined
  const { origin, pathname, protocol, search } = new URL(url)
  return protocol === "http:" || protocol === "https:" ? { origin, path: pathname + search } : undefined
}

/** Answers are counted and read as they come, without a response object and its streams between. */
const overDispatcher = (dispatcher: Undici.Dispatcher, maxBytes: number): Transport => {
  const targets = new Map<string, Target | undefined>()
  const target = (url: string) => {
    if (!targets.has(url)) targets.set(url, targetOf(url))
    return targets.get(url)
  }
  const dispatch = (sent: Sent, { origin, path }: Target, handler: Undici.Dispatcher.DispatchHandler) =>
    dispatcher.dispatch(
      { origin, path, method: "POST", headers: sent.headers, body: sent.body, headersTimeout, bodyTimeout: 0 },
      handler
    )
  return {
    whole: (sent) =>
      Effect.callback((resume) => {
        const to = target(sent.url)
        if (to === undefined) return resume(Effect.fail(new NoAddress()))
        const handler = new Whole(resume, Math.min(maxBytes, sent.maxBytes))
        dispatch(sent, to, handler)
        return Effect.sync(() => handler.leave())
      }),
    open: (sent) =>
      Effect.callback((resume) => {
        const to = target(sent.url)
        if (to === undefined) return resume(Effect.fail(new NoAddress()))
        const handler = new Opened(resume, Math.min(maxBytes, sent.maxBytes))
        dispatch(sent, to, handler)
        return Effect.sync(() => handler.leave())
      })
  }
}

export const layer = (options: Required<Options>, proxies: Proxies): Layer.Layer<HttpClient> =>
  Layer.effect(
    HttpClient,
    Effect.gen(function* () {
      const own = yield* Effect.acquireRelease(
        Effect.sync(() => dispatcher(options, proxies)),
        (it) => Effect.promise(() => it.destroy())
      )
      const client = yield* Effect.provideService(NodeHttpClient.makeUndici, NodeHttpClient.Dispatcher, own)
      transports.set(client, overDispatcher(own, options.maxBytes))
      return client
    })
  )
