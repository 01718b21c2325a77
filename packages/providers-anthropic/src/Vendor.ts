/** What is to know of an address that speaks the Messages wire: data, where each deviation is a named field. */
import type { ErrorReader } from "@consortium/wire/ErrorWords"
import type { Framing } from "@consortium/wire/Framing"
import { readError } from "./internal/readError.js"

/** What stands in the body at one address, and in the path or in a header at another. */
export type Place = "model" | "stream" | "version" | "betas"

export interface Vendor {
  /** As users name it in `vendor/model`. */
  readonly id: string
  /** Without a slash at the end; a path follows, without its own version where this ends in one. */
  readonly baseUrl: string
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
  /** The variable that holds the key, and whether calls may go without one. */
  readonly apiKey: { readonly variable: string; readonly optional: boolean }
  /** The header that carries the key: as it is in `x-api-key`, as a bearer's in `authorization`. */
  readonly keyHeader: "x-api-key" | "authorization"
  /** Where whole and streamed answers are asked for; `{model}` stands for the model. */
  readonly paths: { readonly whole: string; readonly stream: string }
  readonly inBody: ReadonlyArray<Place>
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>
  /** The address's own name for the wire's first version; `none` where it takes Anthropic's. */
  readonly version: string
  /** How an answer in a schema is asked for: as the model's family has it, or, of models that can be made to call one, by a tool. */
  readonly schema: "family" | "tool"
  /** Whether pictures may be given by their address, for the vendor to fetch. */
  readonly imageUrls: boolean
  /** How streams come that are no server-sent events. */
  readonly framing: Framing | undefined
  readonly readError: ErrorReader
  /** Headers that may hold the request's id, the first present one wins. */
  readonly requestIdHeaders: ReadonlyArray<string>
}

/** What a vendor's file has to say: the address and the key. */
export type Facts = Pick<Vendor, "id" | "baseUrl" | "baseUrlVariable" | "apiKey"> & Partial<Vendor>

/** The wire as Anthropic documents it. */
const standard: Omit<Vendor, "id" | "baseUrl" | "baseUrlVariable" | "apiKey"> = {
  keyHeader: "x-api-key",
  paths: { whole: "/v1/messages", stream: "/v1/messages" },
  inBody: ["model", "stream"],
  headers: {},
  version: "none",
  schema: "family",
  imageUrls: true,
  framing: undefined,
  readError,
  requestIdHeaders: ["request-id", "x-request-id"]
}

/** A vendor from its facts; what they leave out is as Anthropic documents the wire. */
export const define = (facts: Facts): Vendor => ({ ...standard, ...facts })
