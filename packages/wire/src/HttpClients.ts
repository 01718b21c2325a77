/**
 * The HTTP clients that vendor calls run on: undici for Node, and fetch for everything else. A bundle for browsers or
 * edges has fetch behind all of them, by the `browser` field of package.json.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as fetch from "./internal/fetch.js"

/** The tag that every provider requires; a layer of this module provides it. */
export { HttpClient } from "effect/http/HttpClient"

export interface Options {
  /** How long an idle connection is kept, in milliseconds, where the server names no time. @default 30000 */
  readonly keepAliveMillis?: number
  /** How long a connection may take to open, in milliseconds. @default 10000 */
  readonly connectMillis?: number
  /** The largest answer of any call, in bytes. An endpoint's own `maxBytes` can only be stricter. @default 67108864 */
  readonly maxBytes?: number
}

const defaults = { keepAliveMillis: 30_000, connectMillis: 10_000, maxBytes: 64 * 1024 * 1024 } satisfies Options

/** Where requests go through, by the usual variables; a value without a scheme is taken as `http://`. */
export interface Proxies {
  readonly httpProxy?: string
  readonly httpsProxy?: string
  readonly noProxy?: string
}

const variable = (name: string) =>
  Config.String(name.toLowerCase()).pipe(
    Config.orElse(() => Config.String(name)),
    Config.option,
    Config.map(Option.filter((value) => value.trim() !== ""))
  )
const address = (value: string) => (value.includes("://") ? value : `http://${value}`)

/** `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in small letters first, as curl and Node read them. */
export const proxies: Config.Config<Proxies> = Config.all([
  variable("HTTP_PROXY"),
  variable("HTTPS_PROXY"),
  variable("NO_PROXY")
]).pipe(
  Config.map(([http, https, none]) => ({
    ...(Option.isSome(http) && { httpProxy: address(http.value) }),
    ...(Option.isSome(https) && { httpsProxy: address(https.value) }),
    ...(Option.isSome(none) && { noProxy: none.value })
  }))
)

/**
 * The client for Node with these options: connections are kept, proxies are honoured, and there is no time limit on
 * answers below an hour, because timeouts are a middleware's. Extra certificates come by `NODE_EXTRA_CA_CERTS`, which
 * Node itself reads. It is loaded when it is built, so that importing this module stays cheap and portable.
 */
export const layerOptions = (options: Options): Layer.Layer<HttpClient, Config.ConfigError> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const found = yield* proxies
      const node = yield* Effect.promise(() => import("./internal/undici.js"))
      return node.layer({ ...defaults, ...options }, found)
    })
  )

/** The client for Node with the default options. Fails only where a proxy's variable cannot be read. */
export const layer: Layer.Layer<HttpClient, Config.ConfigError> = layerOptions({})

/** The client for other runtimes. A redirect is not followed, because it could carry the key to another host. */
export const layerFetch: Layer.Layer<HttpClient> = fetch.layer

/** The client for Node that never goes through a proxy: for servers on this very machine. */
export const layerDirect: Layer.Layer<HttpClient> = Layer.unwrap(
  Effect.map(
    Effect.promise(() => import("./internal/undici.js")),
    (node) => node.layer(defaults, {})
  )
)
