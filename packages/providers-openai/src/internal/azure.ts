/** What the models of both wires at Azure are made of. */
import * as AccessToken from "@consortium/wire/AccessToken"
import type * as Endpoint from "@consortium/wire/Endpoint"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Family } from "../Family.js"
import { azure } from "../vendors/azure.js"

interface Common {
  /** The deployment's name, which is the model's in requests. */
  readonly model: string
  /** The resource's or project's address, e.g. `https://mine.openai.azure.com`, with or without `/openai/v1`. */
  readonly endpoint: string
  /** Sent beside the vendor's own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
  /** What the deployed model refuses and how its efforts are called. @default by the deployment's name */
  readonly family?: Family
}

/** A resource's key, or tokens of Entra. */
export type Options = Common & ({ readonly apiKey: Redacted.Redacted<string> } | { readonly token: AccessToken.Source })

/** What a program says where key and address come from variables. */
export type Chosen = Omit<Common, "endpoint">

interface Keys {
  readonly apiKey?: Redacted.Redacted<string>
  readonly credentials?: Endpoint.Credentials
}

/** What an engine sends as key, or asks for at each call. */
export const keysOf = (options: Options): Effect.Effect<Keys, never, never> =>
  "apiKey" in options
    ? Effect.succeed({ apiKey: options.apiKey })
    : Effect.map(AccessToken.bearer(options.token, { vendor: azure.id, model: options.model }), (credentials) => ({
        credentials
      }))

/** The address without what is added to it. */
export const rootOf = (endpoint: string): string =>
  endpoint
    .trim()
    .replace(/\/+$/, "")
    .replace(/\/openai(\/v1)?$/, "")

export const config = Config.all({
  endpoint: Config.NonEmptyString(azure.baseUrlVariable),
  apiKey: Config.map(Config.NonEmptyString(azure.apiKey.variable), (it) => Redacted.make(it))
})
