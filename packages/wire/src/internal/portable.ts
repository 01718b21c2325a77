/** What stands for `undici.ts` in a bundle for browsers and edges, by the `browser` field of package.json: fetch. */
import type { HttpClient } from "effect/http/HttpClient"
import type * as Layer from "effect/Layer"
import type { Options, Proxies } from "../HttpClients.js"
import { layer as fetchLayer } from "./fetch.js"

/** Connections and proxies are the host's own matter there. */
export const layer = (_options: Required<Options>, _proxies: Proxies): Layer.Layer<HttpClient> => fetchLayer
