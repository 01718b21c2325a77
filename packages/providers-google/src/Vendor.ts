/** What is to know of an address that speaks the `generateContent` wire: plain data, where each deviation is a named field. */

export interface Vendor {
  /** As users name it in `vendor/model`. */
  readonly id: string
  /** Without a slash at the end; the version and the model's path are added. */
  readonly baseUrl: string
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
  /** The variables that hold the key, `preferred` ones first, and whether calls may go without one. */
  readonly apiKey: {
    readonly variable: string
    readonly preferred: ReadonlyArray<string>
    readonly optional: boolean
  }
  /** The API's version, as it stands in the path. */
  readonly version: string
  /** Beginnings of the names of models that refuse `presencePenalty` and `frequencyPenalty`; they are not sent there. */
  readonly withoutPenalties: ReadonlyArray<string>
}
