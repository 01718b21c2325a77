/** What the models of both wires are made of. */
import type * as Endpoint from "@consortium/wire/Endpoint"
import type * as Redacted from "effect/Redacted"
import type { Family } from "../Family.js"
import type { Vendor } from "../Vendor.js"

type Headers = Readonly<Record<string, string | Redacted.Redacted<string>>>

export interface Options {
  /** The model, as the vendor names it. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** @default the vendor's */
  readonly baseUrl?: string
  /** Headers that are asked for at each call, such as a token that expires. @default none */
  readonly credentials?: NonNullable<Endpoint.Options["credentials"]>
  /** Sent beside the vendor's own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Headers
  /** The organization that is billed, as `OpenAI-Organization`. @default the key's own */
  readonly organization?: string
  /** The project that is billed, as `OpenAI-Project`. @default the key's own */
  readonly project?: string
  /** The address of the wire and what it does otherwise. @default openai */
  readonly vendor?: Vendor
  /** What the model refuses and how its efforts are called. @default by the model's name */
  readonly family?: Family
}

/** What a program says where key and address come from variables. */
export type Chosen = Omit<Options, "apiKey" | "baseUrl" | "credentials">

export const headersOf = ({ headers, organization, project }: Options): Headers => ({
  ...(organization !== undefined && { "openai-organization": organization }),
  ...(project !== undefined && { "openai-project": project }),
  ...headers
})
