/** AWS access keys, lasting or temporary, and where they come from. */
import { Authentication, Reason } from "@consortium/core/ModelError"
import type * as Lease from "@consortium/wire/Lease"
import * as Redaction from "@consortium/wire/Redaction"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"

export interface AccessKeys extends Lease.Lease {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted<string>
  /** What temporary keys carry. @default none is sent */
  readonly sessionToken?: Redacted.Redacted<string>
}

/** No keys could be had; the call fails for the same reason. Never holds a secret. */
export class KeysError extends Schema.TaggedError<KeysError>()("KeysError", {
  reason: Reason,
  detail: Schema.String
}) {
  override get message(): string {
    return `no AWS keys: ${this.detail}; check the profile or role that they come from`
  }
}

/** Gives keys when run; what it gives is kept until shortly before it expires, so that it need not remember. */
export type Source = Effect.Effect<AccessKeys, KeysError>

/** Keys that are never renewed. */
export const fixed = (keys: AccessKeys): Source => Effect.succeed(keys)

/** Keys as the credential providers of the AWS SDK give them. */
export interface Identity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly expiration?: Date | undefined
}

const wordsOf = Redaction.make([])

/**
 * The keys of any credential provider of the AWS SDK, such as `fromNodeProviderChain()` of
 * `@aws-sdk/credential-providers`: profiles, single sign-on, roles, the metadata of instances and containers.
 */
export const fromProvider = (provider: () => Promise<Identity>): Source =>
  Effect.gen(function* () {
    const found = yield* Effect.tryPromise({
      try: () => provider(),
      catch: (error) =>
        new KeysError({
          reason: new Authentication({}),
          detail: wordsOf(error instanceof Error ? error.message : "the provider failed")
        })
    })
    const now = yield* Clock.currentTimeMillis
    const { accessKeyId, expiration, secretAccessKey, sessionToken } = found
    return {
      accessKeyId,
      secretAccessKey: Redacted.make(secretAccessKey),
      ...(sessionToken !== undefined && { sessionToken: Redacted.make(sessionToken) }),
      ...(expiration !== undefined && { lifetimeMillis: Math.max(0, expiration.getTime() - now) })
    }
  })

/** As every SDK of AWS reads them. */
export const variables = {
  accessKeyId: "AWS_ACCESS_KEY_ID",
  secretAccessKey: "AWS_SECRET_ACCESS_KEY",
  sessionToken: "AWS_SESSION_TOKEN"
} as const

/** The keys of `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary ones, `AWS_SESSION_TOKEN`. */
export const config: Config.Config<AccessKeys> = Config.all({
  accessKeyId: Config.NonEmptyString(variables.accessKeyId),
  secretAccessKey: Config.NonEmptyString(variables.secretAccessKey),
  sessionToken: Config.option(Config.NonEmptyString(variables.sessionToken))
}).pipe(
  Config.map(({ accessKeyId, secretAccessKey, sessionToken }) => ({
    accessKeyId: accessKeyId.trim(),
    secretAccessKey: Redacted.make(secretAccessKey.trim()),
    ...(Option.isSome(sessionToken) && { sessionToken: Redacted.make(sessionToken.value.trim()) })
  }))
)
