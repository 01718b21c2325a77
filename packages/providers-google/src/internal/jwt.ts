/** JSON Web Tokens signed with RS256 (RFC 7515, RFC 7518 §3.3) by the runtime's own cryptography. */
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** Says nothing of the key. */
export class KeyError extends Schema.TaggedError<KeyError>()("KeyError", {}) {}

const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }

/** The bytes of a PEM text of PKCS #8, as Google writes private keys. */
const bytesOf = (pem: string): Effect.Effect<Uint8Array<ArrayBuffer>, KeyError> => {
  const body = /-----BEGIN PRIVATE KEY-----([\s\S]*)-----END PRIVATE KEY-----/.exec(pem)?.[1]
  const bytes = Base64.decode((body ?? "").replace(/\s/g, ""))
  return body === undefined || Result.isFailure(bytes)
    ? Effect.fail(new KeyError())
    : Effect.succeed(new Uint8Array(bytes.success))
}

const tried = <A>(run: () => Promise<A>) => Effect.tryPromise({ try: run, catch: () => new KeyError() })

/** Signs the claims with a private key. */
export const sign = Effect.fnUntraced(function* (claims: object, pem: string, keyId: string | undefined) {
  const bytes = yield* bytesOf(pem)
  const key = yield* tried(() => crypto.subtle.importKey("pkcs8", bytes, algorithm, false, ["sign"]))
  const header = { alg: "RS256", typ: "JWT", ...(keyId !== undefined && { kid: keyId }) }
  const said = [header, claims].map((part) => Base64Url.encode(JSON.stringify(part))).join(".")
  const signature = yield* tried(() => crypto.subtle.sign(algorithm, key, new TextEncoder().encode(said)))
  return `${said}.${Base64Url.encode(new Uint8Array(signature))}`
})
