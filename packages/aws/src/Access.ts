/** How calls of AWS are allowed: by an API key of Bedrock, or signed with access keys. */
import { Authentication, ModelError } from "@consortium/core/ModelError"
import * as AccessToken from "@consortium/wire/AccessToken"
import type * as Endpoint from "@consortium/wire/Endpoint"
import * as Lease from "@consortium/wire/Lease"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as AccessKeys from "./AccessKeys.js"
import { type Scope, Signer } from "./Signature.js"

export type Access =
  | { readonly _tag: "Token"; readonly source: AccessToken.Source }
  | { readonly _tag: "Keys"; readonly source: AccessKeys.Source }

/** By an API key, which is sent as a bearer's token. */
export const token = (source: AccessToken.Source | Redacted.Redacted<string>): Access => ({
  _tag: "Token",
  source: Redacted.isRedacted(source) ? AccessToken.fixed(source) : source
})

/** By access keys, which sign each call. */
export const keys = (source: AccessKeys.Source | AccessKeys.AccessKeys): Access => ({
  _tag: "Keys",
  source: Effect.isEffect(source) ? source : AccessKeys.fixed(source)
})

/** Who is spoken of where no keys can be had. */
export interface About {
  readonly vendor: string
  readonly model: string
}

/** A header takes no control characters and nothing beyond Latin-1; an id that was pasted wrongly is said at once. */
const isId = (id: string): boolean => /^[\x21-\x7e]+$/.test(id)

/** The headers that allow each call, as an endpoint asks for them. */
export const credentials = (access: Access, scope: Scope, about: About): Effect.Effect<Endpoint.Credentials> => {
  if (access._tag === "Token") return AccessToken.bearer(access.source, about)
  return Effect.map(Lease.kept(access.source), (fresh): Endpoint.Credentials => {
    const signer = new Signer(scope)
    const refuse = (reason: AccessKeys.KeysError["reason"], detail: string) =>
      new ModelError({ ...about, reason, detail: `no AWS keys: ${detail}` })
    return ({ body, headers, url }) =>
      fresh.pipe(
        Effect.mapError(({ detail, reason }) => refuse(reason, detail)),
        Effect.flatMap((found) =>
          isId(found.accessKeyId) && URL.canParse(url)
            ? signer.sign({ body, url, contentType: headers["content-type"] ?? "application/json" }, found)
            : Effect.fail(refuse(new Authentication({}), "the access key's id or the address cannot be signed"))
        )
      )
  })
}

/** The API key of Bedrock; it wins over access keys, as in AWS's own SDKs. */
export const tokenVariable = "AWS_BEARER_TOKEN_BEDROCK"

const bearer = Config.map(Config.NonEmptyString(tokenVariable), (it) => token(Redacted.make(it.trim())))
const signed = Config.map(AccessKeys.config, (it) => keys(it))

/**
 * `AWS_BEARER_TOKEN_BEDROCK`, else `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. Where all are
 * missing, the error names the first.
 */
export const config: Config.Config<Access> = Config.option(
  Config.NonEmptyString(AccessKeys.variables.accessKeyId)
).pipe(Config.flatMap((id) => Config.orElse(bearer, () => (Option.isSome(id) ? signed : bearer))))
