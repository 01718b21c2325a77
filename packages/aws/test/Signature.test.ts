import { Sha256 } from "@aws-crypto/sha256-js"
import { draws, Seed } from "@consortium/core/Seed"
import { SignatureV4 } from "@smithy/signature-v4"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import type { AccessKeys } from "../src/AccessKeys.js"
import { Signer } from "../src/Signature.js"

const draw = draws(Seed.make(20_261_129), "requests")
const pick = <A>(items: readonly [A, ...ReadonlyArray<A>]): A => items[Math.floor(draw() * items.length)] ?? items[0]
const letters = "abcXYZ019-_.~!'()*:/@+ ,;=&é蓝"
const word = (least: number, more: number): string =>
  Array.from({ length: least + Math.floor(draw() * more) }, () => pick(["a", ...letters])).join("")

const models = [
  "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0",
  "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/my (own) model"
] as const

const requests = Array.from({ length: 60 }, (_, index) => {
  const model = models[index] ?? word(1, 24)
  const host = pick([
    "https://bedrock-runtime.eu-west-1.amazonaws.com",
    "http://127.0.0.1:8123",
    "https://x.test/a//b/"
  ])
  const verb = pick(["converse", "converse-stream", "invoke"])
  const query = pick(["", "", `?b=${encodeURIComponent(word(1, 4))}&a=1`])
  return {
    url: `${host}/model/${encodeURIComponent(model)}/${verb}${query}`,
    body: pick(["", JSON.stringify({ said: word(0, 60) })]),
    contentType: pick(["application/json", "application/json; charset=utf-8"]),
    millis: Math.floor(draw() * 4e12),
    region: pick(["us-east-1", "eu-central-1", "cn-north-1"]),
    keys: {
      accessKeyId: `AKIA${word(16, 1).replaceAll(/[^\w]/g, "A")}`,
      secretAccessKey: Redacted.make(word(20, 30)),
      ...(draw() < 0.5 && { sessionToken: Redacted.make(`token/${word(10, 90).replaceAll(/[^\w]/g, "+")}=`) })
    } satisfies AccessKeys
  }
})

/** What AWS's own signer makes of the same request. */
const expected = async ({ body, contentType, keys, millis, region, url }: (typeof requests)[number]) => {
  const { host, pathname, protocol, searchParams } = new URL(url)
  const { sessionToken } = keys
  const signer = new SignatureV4({
    service: "bedrock",
    region,
    sha256: Sha256,
    applyChecksum: false,
    credentials: {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: Redacted.value(keys.secretAccessKey),
      ...(sessionToken !== undefined && { sessionToken: Redacted.value(sessionToken) })
    }
  })
  const signed = await signer.sign(
    {
      method: "POST",
      protocol,
      hostname: host,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: { host, "content-type": contentType },
      body
    },
    { signingDate: new Date(millis) }
  )
  return signed.headers
}

describe("a signature", () => {
  for (const [index, request] of requests.entries()) {
    it.effect(`is that of AWS's own signer: ${index}`, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(request.millis)
        const signed = yield* new Signer({ region: request.region, service: "bedrock" }).sign(request, request.keys)
        const wanted = yield* Effect.promise(() => expected(request))
        const { authorization } = signed
        assert.isTrue(Redacted.isRedacted(authorization))
        assert.strictEqual(
          Redacted.isRedacted(authorization) ? Redacted.value(authorization) : "",
          wanted.authorization
        )
        assert.strictEqual(signed["x-amz-date"], wanted["x-amz-date"])
        const token = signed["x-amz-security-token"]
        assert.strictEqual(Redacted.isRedacted(token) ? Redacted.value(token) : token, wanted["x-amz-security-token"])
      })
    )
  }

  it.effect("is another for another body, day, region and secret", () =>
    Effect.gen(function* () {
      const url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse"
      const keys = { accessKeyId: "AKIA", secretAccessKey: Redacted.make("s") }
      const signer = new Signer({ region: "us-east-1", service: "bedrock" })
      const one = { url, body: "{}", contentType: "application/json" }
      const first = yield* signer.sign(one, keys)
      assert.deepStrictEqual(yield* signer.sign(one, keys), first)
      const others = [
        yield* signer.sign({ ...one, body: "[]" }, keys),
        yield* signer.sign(one, { ...keys, secretAccessKey: Redacted.make("t") }),
        yield* new Signer({ region: "us-west-2", service: "bedrock" }).sign(one, keys)
      ]
      yield* TestClock.adjust("1 day")
      const all = [first, ...others, yield* signer.sign(one, keys)].map(({ authorization }) =>
        Redacted.isRedacted(authorization) ? Redacted.value(authorization) : ""
      )
      assert.strictEqual(new Set(all).size, all.length)
    })
  )
})
