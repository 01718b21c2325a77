/** What is to know of a vendor whose embeddings speak the OpenAI wire: plain data, where each deviation is a named field. */

export interface Vendor {
  /** As users name it in `vendor/model`. */
  readonly id: string
  /** Without a slash at the end; `/embeddings` is added. */
  readonly baseUrl: string
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
  /** The variable that holds the key, and whether calls may go without one. */
  readonly apiKey: { readonly variable: string; readonly optional: boolean }
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>
  /** The most texts that one call takes. */
  readonly maxBatch: number
  /** Whether rows can be asked for as base64 of little-endian float32, a third of the bytes of JSON numbers. */
  readonly base64: boolean
  /** The field that asks for shorter rows. */
  readonly dimensionsField: "dimensions" | "output_dimension" | "none"
  /** Headers that may hold the request's id, the first present one wins. */
  readonly requestIdHeaders: ReadonlyArray<string>
}

/** What a vendor's file has to say: the address, the key and how much one call takes. */
export type Facts = Pick<Vendor, "id" | "baseUrl" | "baseUrlVariable" | "apiKey" | "maxBatch"> & Partial<Vendor>

const standard = {
  headers: {},
  base64: false,
  dimensionsField: "dimensions",
  requestIdHeaders: ["x-request-id"]
} satisfies Partial<Vendor>

/** A vendor from its facts; what they leave out is what most servers of this wire do. */
export const define = (facts: Facts): Vendor => ({ ...standard, ...facts })
