/** Tokens of Microsoft Entra for Azure, from whatever knows who a program is. */
import { Authentication } from "@consortium/core/ModelError"
import * as AccessToken from "@consortium/wire/AccessToken"
import * as Redaction from "@consortium/wire/Redaction"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { scope } from "./vendors/azure.js"

/** What the credentials of `@azure/identity` are, `DefaultAzureCredential` among them. */
export interface Credential {
  readonly getToken: (scope: string) => Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>
}

const wordsOf = Redaction.make([])
const refused = (detail: string) => new AccessToken.TokenError({ reason: new Authentication({}), detail })

/** The tokens of a credential of `@azure/identity`: a signed-in developer's, a managed identity's, a service's. */
export const fromCredential = (credential: Credential): AccessToken.Source =>
  Effect.gen(function* () {
    const found = yield* Effect.tryPromise({
      try: () => credential.getToken(scope),
      catch: (error) => refused(wordsOf(error instanceof Error ? error.message : "the credential failed"))
    })
    if (found === null) return yield* refused("the credential gives none for Azure's models")
    const now = yield* Clock.currentTimeMillis
    return {
      value: Redacted.make(found.token),
      lifetimeMillis: Math.max(0, found.expiresOnTimestamp - now)
    }
  })
