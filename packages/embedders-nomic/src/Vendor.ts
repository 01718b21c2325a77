/**
 * Nomic Atlas. Read on 2026-11-29: docs.nomic.ai/atlas/models/text-embedding (tasks, lengths), the source of @nomic-ai/atlas
 * (address, fields, 400 texts) and reference.langchain.com of langchain_nomic (the variable).
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
}

export const nomic: Vendor = {
  id: "nomic",
  baseUrl: "https://api-atlas.nomic.ai/v1",
  baseUrlVariable: "NOMIC_BASE_URL",
  apiKey: { variable: "NOMIC_API_KEY", optional: false },
  maxBatch: 400
}
