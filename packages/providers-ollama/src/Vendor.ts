/**
 * Ollama, on this machine or in its cloud (`https://ollama.com`, with a key). Read on 2026-11-29: docs/openapi.yaml and
 * docs/api/errors.mdx of ollama/ollama (address, fields, errors), the source of the ollama package 0.6.4 (the key as a
 * bearer's). The variables are those of `providers-openai-compatible`, which speaks Ollama's other wire.
 */

/** What is to know of an address that speaks the wire. */
export interface Vendor {
  /** As users name it in `vendor.wire/model`. */
  readonly id: string
  /** `/api/chat` is added. */
  readonly baseUrl: string
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
  /** The variable that holds the key, and whether calls may go without one. */
  readonly apiKey: { readonly variable: string; readonly optional: boolean }
}

export const ollama: Vendor = {
  id: "ollama",
  baseUrl: "http://127.0.0.1:11434",
  baseUrlVariable: "OLLAMA_BASE_URL",
  apiKey: { variable: "OLLAMA_API_KEY", optional: true }
}
