/**
 * AWS Signature Version 4 of a POST, documented at
 * docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. By aws4fetch: one file without
 * dependencies, on Web Crypto, a hundredth of what AWS's own signer brings along; tests hold it against that one.
 */
import { AwsV4Signer } from "aws4fetch"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { AccessKeys } from "./AccessKeys.js"

/** What the signature is made of, besides the keys and the time. */
export interface Signed {
  /** Signed as it is sent: a model's `:` and `/` are escaped in it, and once more for the signature. */
  readonly url: string
  readonly body: string
  readonly contentType: string
}

export interface Scope {
  readonly region: string
  /** The name that the service signs with, e.g. `bedrock`. */
  readonly service: string
}

export type SignedHeaders = Readonly<Record<string, string | Redacted.Redacted<string>>>

/** `2026-11-29T15:04:05.678Z` → `20261129T150405Z` */
const stamp = (millis: number): string => new Date(millis).toISOString().replace(/[:-]|\.\d{3}/g, "")

/** Signers; each keeps the keys that it derives for a day. */
export class Signer {
  private readonly scope: Scope
  private keys = new Map<string, ArrayBuffer>()

  constructor(scope: Scope) {
    this.scope = scope
  }

  /** The headers that a POST of now is sent with. */
  sign({ body, contentType, url }: Signed, keys: AccessKeys): Effect.Effect<SignedHeaders> {
    return Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.promise(async () => {
        // A derived key serves for one day of one secret.
        if (this.keys.size > 8) this.keys = new Map()
        const { sessionToken } = keys
        const signer = new AwsV4Signer({
          ...this.scope,
          method: "POST",
          url,
          body,
          headers: { "content-type": contentType },
          allHeaders: true,
          accessKeyId: keys.accessKeyId,
          secretAccessKey: Redacted.value(keys.secretAccessKey),
          ...(sessionToken !== undefined && { sessionToken: Redacted.value(sessionToken) }),
          datetime: stamp(now),
          cache: this.keys
        })
        return {
          authorization: Redacted.make(await signer.authHeader()),
          "x-amz-date": stamp(now),
          ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken })
        }
      })
    )
  }
}
