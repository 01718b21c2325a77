/**
 * Cohere, or a deployment of one's own. Read on 2026-11-29: the types of cohere-ai 8.1 (96 texts; the address;
 * `CO_API_KEY`) and the source of @ai-sdk/cohere 4 (96 texts; `COHERE_API_KEY`).
 */

/** What is to know of an address that speaks the wire. */
export interface Vendor {
  /** As users name it in `vendor/model`. */
  readonly id: string
  readonly baseUrl: string
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
  /** The variable that holds the key, those that win over it, and whether calls may go without one. */
  readonly apiKey: { readonly preferred: ReadonlyArray<string>; readonly variable: string; readonly optional: boolean }
  /** The most texts that one call takes. */
  readonly maxBatch: number
}

export const cohere: Vendor = {
  id: "cohere",
  baseUrl: "https://api.cohere.com",
  baseUrlVariable: "COHERE_BASE_URL",
  apiKey: { preferred: ["CO_API_KEY"], variable: "COHERE_API_KEY", optional: false },
  maxBatch: 96
}
