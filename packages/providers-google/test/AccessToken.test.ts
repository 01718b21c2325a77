import { Authentication } from "@consortium/core/ModelError"
import { type Exchange, type Player, serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { createVerify, generateKeyPairSync } from "node:crypto"
import { inspect } from "node:util"
import * as AccessToken from "../src/AccessToken.js"

const pair = generateKeyPairSync("rsa", { modulusLength: 2048 })
const pem = String(pair.privateKey.export({ type: "pkcs8", format: "pem" }))

const account = (player: Player, more: object = {}) =>
  Redacted.make(
    JSON.stringify({
      type: "service_account",
      client_email: "me@synthetic.test",
      private_key: pem,
      private_key_id: "k1",
      token_uri: `${player.url}/token`,
      ...more
    })
  )
const user = (player: Player) =>
  Redacted.make(
    JSON.stringify({
      type: "authorized_user",
      client_id: "id-1",
      client_secret: "synthetic-client-secret",
      refresh_token: "synthetic-refresh-token",
      token_uri: `${player.url}/token`
    })
  )

const grant = (token: string, seconds = 3600): Exchange => ({
  body: JSON.stringify({ access_token: token, expires_in: seconds, token_type: "Bearer" })
})

const asking = (exchange: Exchange, credentials: (player: Player) => Redacted.Redacted<string> = account) =>
  Effect.gen(function* () {
    const player = yield* serve([exchange])
    const source = yield* AccessToken.fromCredentials(credentials(player))
    return { player, source }
  })

const failing = (exchange: Exchange, credentials?: (player: Player) => Redacted.Redacted<string>) =>
  Effect.flatMap(asking(exchange, credentials), ({ source }) => Effect.flip(source)).pipe(
    Effect.provide(HttpClients.layerDirect)
  )

const decoded = (part: string | undefined): unknown => JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8"))

/** A source of tokens t1, t2, …, and how often it was asked. */
const counting = (lifetimeMillis?: number) => {
  const seen = { asked: 0 }
  const source: AccessToken.Source = Effect.sync(() => ({
    value: Redacted.make(`t${++seen.asked}`),
    ...(lifetimeMillis !== undefined && { lifetimeMillis })
  }))
  return { seen, source }
}

describe("AccessToken", () => {
  it.effect("claims a service account's token with a claim that its key signed", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_700_000_000_400)
      const { player, source } = yield* asking(grant("t1"))
      const token = yield* source
      assert.strictEqual(Redacted.value(token.value), "t1")
      assert.strictEqual(token.lifetimeMillis, 3_600_000)
      const [asked] = player.asked
      assert.strictEqual(asked?.path, "/token")
      assert.strictEqual(asked?.headers["content-type"], "application/x-www-form-urlencoded")
      const form = new URLSearchParams(asked?.body)
      assert.strictEqual(form.get("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer")
      const [header, claims, signature] = form.get("assertion")?.split(".") ?? []
      assert.deepStrictEqual(decoded(header), { alg: "RS256", typ: "JWT", kid: "k1" })
      assert.deepStrictEqual(decoded(claims), {
        iss: "me@synthetic.test",
        scope: "https://www.googleapis.com/auth/cloud-platform",
        aud: `${player.url}/token`,
        iat: 1_700_000_000,
        exp: 1_700_003_600
      })
      const verify = createVerify("RSA-SHA256").update(`${header}.${claims}`)
      assert.isTrue(verify.verify(pair.publicKey, Buffer.from(signature ?? "", "base64url")))
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("refreshes a user's token", () =>
    Effect.gen(function* () {
      const { player, source } = yield* asking(grant("t1"), user)
      assert.strictEqual(Redacted.value((yield* source).value), "t1")
      assert.deepStrictEqual(Object.fromEntries(new URLSearchParams(player.asked[0]?.body)), {
        grant_type: "refresh_token",
        client_id: "id-1",
        client_secret: "synthetic-client-secret",
        refresh_token: "synthetic-refresh-token"
      })
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("says what the token server said, without the secrets that it was sent", () =>
    Effect.gen(function* () {
      const said = "revoked: synthetic-refresh-token, synthetic-client-secret"
      const bodies = [
        JSON.stringify({ error: "invalid_grant", error_description: said }),
        JSON.stringify({ error: { message: said } }),
        JSON.stringify({ words: said }),
        said
      ]
      for (const body of bodies) {
        const error = yield* failing({ status: 400, body }, user)
        const shown = `${error.message} ${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`
        assert.include(shown, "revoked")
        assert.notInclude(shown, "synthetic-refresh-token")
        assert.notInclude(shown, "synthetic-client-secret")
      }
    })
  )

  const failures: ReadonlyArray<readonly [string, Exchange, string]> = [
    ["a refused grant", { status: 400, body: '{"error":"invalid_grant"}' }, "Authentication"],
    ["a busy server", { status: 503, body: "{}" }, "Overloaded"],
    ["a broken line", { end: "reset" }, "Network"],
    ["an answer without a token", { body: '{"expires_in":1}' }, "MalformedOutput"],
    ["a page", { body: "<p>hello" }, "MalformedOutput"]
  ]
  for (const [name, exchange, reason] of failures) {
    it.effect(`${name} is ${reason}`, () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* failing(exchange)).reason._tag, reason)
      })
    )
  }

  it.effect("refuses credentials that are none, without showing them", () =>
    Effect.gen(function* () {
      for (const json of ["no JSON of synthetic-secret", '{"type":"external_account","x":"synthetic-secret"}']) {
        const error = yield* Effect.flip(asking(grant("t1"), () => Redacted.make(json)))
        assert.strictEqual(error.reason._tag, "Authentication")
        assert.notInclude(error.message, "synthetic-secret")
      }
      const keys = ["synthetic-secret", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
      for (const private_key of keys) {
        const error = yield* failing(grant("t1"), (player) => account(player, { private_key }))
        assert.strictEqual(error.reason._tag, "Authentication")
        assert.notInclude(error.message, "synthetic-secret")
      }
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("keeps a token until a minute before it expires", () =>
    Effect.gen(function* () {
      const { seen, source } = counting(3_600_000)
      const token = Effect.map(yield* AccessToken.kept(source), (it) => Redacted.value(it))
      assert.strictEqual(yield* token, "t1")
      yield* TestClock.adjust("58 minutes")
      assert.strictEqual(yield* token, "t1")
      yield* TestClock.adjust("61 seconds")
      assert.strictEqual(yield* token, "t2")
      assert.strictEqual(seen.asked, 2)
    })
  )

  it.effect("asks at each call for tokens of an unknown or a short life", () =>
    Effect.gen(function* () {
      for (const lifetime of [undefined, 30_000]) {
        const { seen, source } = counting(lifetime)
        const token = yield* AccessToken.kept(source)
        yield* token
        yield* token
        assert.strictEqual(seen.asked, 2)
      }
    })
  )

  it.effect("asks once for all who wait, and goes on where the first of them leaves", () =>
    Effect.gen(function* () {
      const { seen, source } = counting(3_600_000)
      const token = yield* AccessToken.kept(Effect.delay(source, "1 second"))
      const first = yield* Effect.forkChild(token)
      const others = yield* Effect.forkChild(Effect.all([token, token, token], { concurrency: "unbounded" }))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("500 millis")
      const got = yield* Fiber.join(others)
      assert.deepStrictEqual(
        got.map((it) => Redacted.value(it)),
        ["t1", "t1", "t1"]
      )
      assert.strictEqual(seen.asked, 1)
    })
  )

  it.effect("does not keep a failure", () =>
    Effect.gen(function* () {
      let fails = true
      const source: AccessToken.Source = Effect.suspend(() =>
        fails
          ? Effect.fail(new AccessToken.TokenError({ reason: new Authentication({}), detail: "no" }))
          : Effect.succeed({ value: Redacted.make("t1") })
      )
      const token = yield* AccessToken.kept(source)
      assert.strictEqual((yield* Effect.flip(token)).detail, "no")
      fails = false
      assert.strictEqual(Redacted.value(yield* token), "t1")
    })
  )
})
