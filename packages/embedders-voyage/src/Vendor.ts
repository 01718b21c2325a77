/**
 * Voyage AI. Read on 2026-11-29: mongodb.com/docs/api/doc/atlas-embedding-and-reranking-api (1000 texts; the tokens over
 * all of them by model), the source of @ai-sdk/voyage (the address, the variable, 128 texts).
 */

/** What is to know of an address that speaks the wire. */
export interface Vendor {
  /** As users name it in `vendor/model`. */
  readonly id: string
  readonly baseUrl: string
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
  /** The variable that holds the key, and whether calls may go without one. */
  readonly apiKey: { readonly variable: string; readonly optional: boolean }
  /** The most texts that one call takes. */
  readonly maxBatch: number
  /** The most tokens that one call takes of a model, by the beginning of its name, the longest first; else `maxTokens`. */
  readonly tokensOf: ReadonlyArray<readonly [begins: string, maxTokens: number]>
  readonly maxTokens: number
}

export const voyage: Vendor = {
  id: "voyage",
  baseUrl: "https://api.voyageai.com/v1",
  baseUrlVariable: "VOYAGE_BASE_URL",
  apiKey: { variable: "VOYAGE_API_KEY", optional: false },
  maxBatch: 1000,
  tokensOf: [
    ["voyage-3.5-lite", 1_000_000],
    ["voyage-4-lite", 1_000_000],
    ["voyage-4-large", 120_000],
    ["voyage-3.5", 320_000],
    ["voyage-4", 320_000],
    ["voyage-2", 320_000]
  ],
  // The least of all: the large, code, finance and law models'.
  maxTokens: 120_000
}
