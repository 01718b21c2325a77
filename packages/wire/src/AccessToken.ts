/** Bearer tokens that expire: where they come from, and how a vendor's calls carry them. */
import { ModelError, Reason } from "@consortium/core/ModelError"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Lease from "./Lease.js"

export interface AccessToken extends Lease.Lease {
  readonly value: Redacted.Redacted<string>
}

/** No token could be had; the model's call fails for the same reason. Never holds a secret. */
export class TokenError extends Schema.TaggedError<TokenError>()("TokenError", {
  reason: Reason,
  detail: Schema.String
}) {
  override get message(): string {
    return `no access token: ${this.detail}; check the credentials, or their file's path`
  }
}

/** Gives a token when run; what it gives is kept by `kept`, so that it need not remember. */
export type Source = Effect.Effect<AccessToken, TokenError>

/** The source's token for as long as it serves; whoever asks while it is fetched waits for the same one. Failures are not kept. */
export const kept = (source: Source): Effect.Effect<Effect.Effect<Redacted.Redacted<string>, TokenError>> =>
  Effect.map(Lease.kept(source), (fresh) => Effect.map(fresh, ({ value }) => value))

/** A token that was made elsewhere, for example by a vendor's own command; it is never renewed. */
export const fixed = (value: Redacted.Redacted<string>): Source => Effect.succeed({ value })

/** The header that carries the source's token, as an endpoint asks for it at each call. */
export const bearer = (source: Source, about: { readonly vendor: string; readonly model: string }) =>
  Effect.map(kept(source), (fresh) =>
    fresh.pipe(
      Effect.map((it) => ({ authorization: Redacted.make(`Bearer ${Redacted.value(it).trim()}`) })),
      Effect.mapError(
        ({ detail, reason }) => new ModelError({ ...about, reason, detail: `no access token: ${detail}` })
      )
    )
  )
