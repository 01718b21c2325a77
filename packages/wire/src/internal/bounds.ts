/** Clients whose transport itself refuses larger bodies, with that size in bytes: their bodies need not be counted again. */
import type { HttpClient } from "effect/http/HttpClient"

export const bounds = new WeakMap<HttpClient, number>()
