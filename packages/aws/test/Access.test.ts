import { Network } from "@consortium/core/ModelError"
import { serve } from "@consortium/testing/Exchanges"
import * as Endpoint from "@consortium/wire/Endpoint"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import * as Access from "../src/Access.js"
import * as AccessKeys from "../src/AccessKeys.js"
import * as Region from "../src/Region.js"

const about = { vendor: "bedrock", model: "m:0" }
const scope = { region: "us-east-1", service: "bedrock" }
const secret = "synthetic/secret+0123456789abcdef"
const keys = { accessKeyId: "AKIASYNTHETIC", secretAccessKey: Redacted.make(secret) }

const asking = (access: Access.Access, answers: number) =>
  Effect.gen(function* () {
    const player = yield* serve(Array.from({ length: answers }, () => ({ body: "{}" })))
    const endpoint = yield* Endpoint.make({
      ...about,
      url: `${player.url}/model/m%3A0/converse`,
      credentials: yield* Access.credentials(access, scope, about)
    })
    return { player, endpoint }
  })

const found = (env: Record<string, string>) =>
  Effect.provide(Access.config, ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
const regionOf = (env: Record<string, string>) =>
  Effect.provide(Region.config, ConfigProvider.layer(ConfigProvider.fromEnv({ env })))

describe("access", () => {
  it.effect("by an API key is a bearer's", () =>
    Effect.gen(function* () {
      const { endpoint, player } = yield* asking(Access.token(Redacted.make(" key-1\n")), 1)
      yield* endpoint.json("{}")
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer key-1")
      assert.notProperty(player.asked[0]?.headers, "x-amz-date")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("by keys signs each call for itself, and says no token that the keys have not", () =>
    Effect.gen(function* () {
      let asked = 0
      const source: AccessKeys.Source = Effect.sync(() => {
        asked++
        return asked === 1 ? { ...keys, sessionToken: Redacted.make("t1"), lifetimeMillis: 120_000 } : keys
      })
      const { endpoint, player } = yield* asking(Access.keys(source), 4)
      yield* endpoint.json("{}")
      yield* endpoint.json('{"other":1}')
      yield* TestClock.adjust("61 seconds")
      yield* endpoint.json("{}")
      assert.strictEqual(asked, 2)
      const [first, second, third] = player.asked.map(({ headers }) => headers)
      assert.match(
        first?.authorization ?? "",
        /^AWS4-HMAC-SHA256 Credential=AKIASYNTHETIC\/19700101\/us-east-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/
      )
      assert.notStrictEqual(first?.authorization, second?.authorization)
      assert.deepStrictEqual(
        [first, second, third].map((headers) => headers?.["x-amz-security-token"]),
        ["t1", "t1", undefined]
      )
      assert.strictEqual(first?.["x-amz-date"], "19700101T000000Z")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("never shows the session token or a signature, however many calls there were", () =>
    Effect.gen(function* () {
      const token = "synthetic-session-token"
      const access = Access.keys({ ...keys, sessionToken: Redacted.make(token) })
      const good = Array.from({ length: 20 }, () => ({ body: "{}" }))
      const player = yield* serve([...good, { status: 403, body: JSON.stringify({ message: `bad: ${token}` }) }])
      const endpoint = yield* Endpoint.make({
        ...about,
        url: player.url,
        credentials: yield* Access.credentials(access, scope, about)
      })
      for (const index of good.keys()) yield* endpoint.json(`[${index}]`)
      const error = yield* Effect.flip(endpoint.json("{}"))
      assert.strictEqual(error.detail, "bad: <redacted>")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("fails as its source fails, and where keys or address can't be signed", () =>
    Effect.gen(function* () {
      const gone = new AccessKeys.KeysError({ reason: new Network({}), detail: "no role" })
      const failing = yield* asking(Access.keys(Effect.fail(gone)), 0)
      const error = yield* Effect.flip(failing.endpoint.json("{}"))
      assert.deepStrictEqual([error.reason._tag, error.detail], ["Network", "no AWS keys: no role"])
      const odd = yield* asking(Access.keys({ ...keys, accessKeyId: "a\nb" }), 0)
      assert.strictEqual((yield* Effect.flip(odd.endpoint.json("{}"))).reason._tag, "Authentication")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("takes any credential provider of the AWS SDK", () =>
    Effect.gen(function* () {
      const expiration = new Date(90_000)
      const given = yield* AccessKeys.fromProvider(async () => ({
        accessKeyId: "A",
        secretAccessKey: "s",
        sessionToken: "t",
        expiration
      }))
      assert.deepStrictEqual(
        [given.accessKeyId, Redacted.value(given.secretAccessKey), given.lifetimeMillis],
        ["A", "s", 90_000]
      )
      const error = yield* Effect.flip(
        AccessKeys.fromProvider(() => Promise.reject(new Error("Could not load credentials from any providers")))
      )
      assert.include(error.message, "Could not load credentials")
      assert.strictEqual(error.reason._tag, "Authentication")
    })
  )

  it.effect("is found by the variables: the API key first", () =>
    Effect.gen(function* () {
      const all = {
        AWS_BEARER_TOKEN_BEDROCK: "b",
        AWS_ACCESS_KEY_ID: "A",
        AWS_SECRET_ACCESS_KEY: "s",
        AWS_SESSION_TOKEN: "t"
      }
      assert.strictEqual((yield* found(all))._tag, "Token")
      const { AWS_BEARER_TOKEN_BEDROCK: _, ...rest } = all
      const signed = yield* found(rest)
      assert.strictEqual(signed._tag, "Keys")
      if (signed._tag === "Keys") {
        const { sessionToken } = yield* signed.source
        assert.strictEqual(sessionToken === undefined ? undefined : Redacted.value(sessionToken), "t")
      }
      assert.include(String(yield* Effect.flip(found({}))), "AWS_BEARER_TOKEN_BEDROCK")
      assert.include(String(yield* Effect.flip(found({ AWS_ACCESS_KEY_ID: "A" }))), "AWS_SECRET_ACCESS_KEY")
    })
  )
})

describe("a region", () => {
  it.effect("is found by the variables", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* regionOf({ AWS_REGION: "a", AWS_DEFAULT_REGION: "b" }), "a")
      assert.strictEqual(yield* regionOf({ AWS_DEFAULT_REGION: "b" }), "b")
      assert.include(String(yield* Effect.flip(regionOf({}))), "AWS_REGION")
    })
  )

  it("has its address", () => {
    assert.strictEqual(Region.bedrockRuntime("us-east-1"), "https://bedrock-runtime.us-east-1.amazonaws.com")
    assert.strictEqual(Region.bedrockRuntime("cn-north-1"), "https://bedrock-runtime.cn-north-1.amazonaws.com.cn")
    assert.strictEqual(Region.bedrockRuntime("x/../y"), "https://bedrock-runtime.x%2F..%2Fy.amazonaws.com")
  })
})
