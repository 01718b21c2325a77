/** OAuth tokens for Google Cloud, from the files that Google gives out. */
import { Authentication, MalformedOutput } from "@consortium/core/ModelError"
import { type AccessToken, type Source, TokenError } from "@consortium/wire/AccessToken"
import * as Endpoint from "@consortium/wire/Endpoint"
import * as ErrorWords from "@consortium/wire/ErrorWords"
import { HttpClient } from "@consortium/wire/HttpClients"
import * as Redaction from "@consortium/wire/Redaction"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as jwt from "./internal/jwt.js"
import { variables } from "./vendors/vertex.js"

export { type AccessToken, bearer, fixed, kept, type Source, TokenError } from "@consortium/wire/AccessToken"

const tokenUri = "https://oauth2.googleapis.com/token"
const scope = "https://www.googleapis.com/auth/cloud-platform"

/** The files that Google gives out; developers.google.com/identity/protocols/oauth2/service-account, google.aip.dev/auth/4113. */
const Credentials = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("service_account"),
    client_email: Schema.String,
    private_key: Schema.String,
    private_key_id: Schema.optionalKey(Schema.String),
    token_uri: Schema.optionalKey(Schema.String)
  }),
  Schema.Struct({
    type: Schema.Literal("authorized_user"),
    client_id: Schema.String,
    client_secret: Schema.String,
    refresh_token: Schema.String,
    token_uri: Schema.optionalKey(Schema.String)
  })
])
type Credentials = typeof Credentials.Type
const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Credentials))

const decodeGrant = Schema.decodeUnknownOption(
  Schema.Struct({ access_token: Schema.NonEmptyString, expires_in: Schema.optionalKey(Schema.Finite) })
)

const refused = (detail: string) => new TokenError({ reason: new Authentication({}), detail })

/** Errors of RFC 6749 §5.2 that mean the credentials, not the request. */
const aboutCredentials = ["invalid_grant", "invalid_client", "unauthorized_client"]

/** `{ error: "invalid_grant", error_description: "…" }`, without a word of what was sent. */
const reader =
  (redact: Redaction.Redact): ErrorWords.ErrorReader =>
  (body) => {
    if (typeof body === "string") return { message: redact(body) }
    if (!Predicate.isObject(body) || typeof body.error !== "string") {
      const words = ErrorWords.read(body) ?? { message: JSON.stringify(body) }
      return { ...words, message: redact(words.message) }
    }
    const more = typeof body.error_description === "string" ? `: ${body.error_description}` : ""
    return {
      message: redact(`${body.error}${more}`),
      ...(aboutCredentials.includes(body.error) && { code: "authentication_error" })
    }
  }

interface Exchange {
  readonly form: Readonly<Record<string, string>>
  readonly secrets: ReadonlyArray<string>
}

/** A signed claim to the account (RFC 7523). */
const claimed = Effect.fnUntraced(function* (key: Extract<Credentials, { type: "service_account" }>) {
  const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
  const claims = { iss: key.client_email, scope, aud: key.token_uri ?? tokenUri, iat: now, exp: now + 3600 }
  const assertion = yield* jwt
    .sign(claims, key.private_key, key.private_key_id)
    .pipe(Effect.mapError(() => refused("the private key of the service account is no PKCS #8 key in PEM")))
  const form = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion }
  return { form, secrets: [assertion, key.private_key] } satisfies Exchange
})

const refreshed = (user: Extract<Credentials, { type: "authorized_user" }>): Exchange => ({
  form: {
    grant_type: "refresh_token",
    client_id: user.client_id,
    client_secret: user.client_secret,
    refresh_token: user.refresh_token
  },
  secrets: [user.client_secret, user.refresh_token]
})

const exchange = Effect.fnUntraced(function* (found: Credentials) {
  const { form, secrets } = found.type === "service_account" ? yield* claimed(found) : refreshed(found)
  const endpoint = yield* Endpoint.make({
    vendor: "google-oauth",
    model: "token",
    url: found.token_uri ?? tokenUri,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    readError: reader(Redaction.make(secrets))
  })
  const { json } = yield* endpoint
    .json(new URLSearchParams(form).toString())
    .pipe(Effect.mapError(({ detail, reason }) => new TokenError({ reason, detail })))
  const grant = Option.getOrUndefined(decodeGrant(json))
  if (grant === undefined)
    return yield* new TokenError({ reason: new MalformedOutput({}), detail: "the token server's answer has no token" })
  return {
    value: Redacted.make(grant.access_token),
    ...(grant.expires_in !== undefined && { lifetimeMillis: grant.expires_in * 1000 })
  } satisfies AccessToken
})

/** The source of a service account's key, or of a user's credentials as `gcloud auth application-default login` writes them: the file's JSON. */
export const fromCredentials = (json: Redacted.Redacted<string>): Effect.Effect<Source, TokenError, HttpClient> =>
  Effect.gen(function* () {
    const found = Option.getOrUndefined(decode(Redacted.value(json)))
    if (found === undefined)
      return yield* refused("the credentials are neither a service account's key nor an authorized user's")
    const client = yield* HttpClient
    return Effect.provideService(exchange(found), HttpClient, client)
  })

/** The source of the credentials in a file, which is read once, at once; `GOOGLE_APPLICATION_CREDENTIALS` names it for Google's own tools. */
export const fromFile = (
  path: string | undefined
): Effect.Effect<Source, TokenError, HttpClient | FileSystem.FileSystem> =>
  path === undefined
    ? Effect.fail(refused(`set ${variables.credentials} to the file of a service account's key`))
    : Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path)).pipe(
        Effect.mapError(() => refused(`the file that ${variables.credentials} names cannot be read: ${path}`)),
        Effect.flatMap((json) => fromCredentials(Redacted.make(json)))
      )
