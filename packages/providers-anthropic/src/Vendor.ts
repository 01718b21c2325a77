/** What is to know of an address that speaks the Messages wire: plain data. */

export interface Vendor {
  /** As users name it in `vendor/model`. */
  readonly id: string
  /** Without a slash at the end; `/v1/messages` is added, `/messages` where it ends in a version. */
  readonly baseUrl: string
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
  /** The variable that holds the key, and whether calls may go without one. */
  readonly apiKey: { readonly variable: string; readonly optional: boolean }
}
