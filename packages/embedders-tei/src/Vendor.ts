/** What is to know of an address that speaks the wire of Text Embeddings Inference: plain data, a named field for each deviation. */

export interface Vendor {
  /** As users name it in `vendor/model`. */
  readonly id: string
  readonly baseUrl: string
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
  /** The variable that holds the key, and whether calls may go without one. */
  readonly apiKey: { readonly variable: string; readonly optional: boolean }
  /** The rest of the address; `{model}` stands for the model's name, where the server has several. */
  readonly path: `/${string}`
  /** The most texts that one call takes. */
  readonly maxBatch: number
  /** The most tokens that one call takes over all its texts; nothing where no limit is stated. */
  readonly maxTokens: number | undefined
}
