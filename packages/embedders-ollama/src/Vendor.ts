/**
 * Ollama, on this machine or in its cloud (`https://ollama.com`, with a key). Read on 2026-11-29: docs.ollama.com/api/embed
 * (fields; rows of length 1) and the source of the ollama package 0.6.4 (address, the key as a bearer's). There is no fixed
 * limit; batches are kept small for the memory of one machine.
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

export const ollama: Vendor = {
  id: "ollama",
  baseUrl: "http://127.0.0.1:11434",
  baseUrlVariable: "OLLAMA_BASE_URL",
  apiKey: { variable: "OLLAMA_API_KEY", optional: true },
  maxBatch: 64
}
