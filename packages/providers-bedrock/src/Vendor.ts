/** What is to know of an address that speaks Converse: plain data. */

export interface Vendor {
  /** As users name it in `vendor/model`. */
  readonly id: string
  /** The variable that overrides the region's address. */
  readonly baseUrlVariable: string
  /** The variable that holds an API key; without one, calls are signed with access keys. */
  readonly apiKey: { readonly variable: string; readonly optional: boolean }
  /** The name that signatures are made for. */
  readonly service: string
  /** Headers that may hold the request's id, the first present one wins. */
  readonly requestIdHeaders: ReadonlyArray<string>
}
