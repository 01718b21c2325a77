import * as Access from "@consortium/aws/Access"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import { serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as BedrockResponses from "../src/BedrockResponses.js"
import { baseUrlOf } from "../src/vendors/mantle.js"
import { spelling } from "./responsesSpelling.js"

const region = "us-east-1"

describe("BedrockResponses keeps the contract of chat models", () => {
  const subject: ChatModelContract.Subject<HttpClients.HttpClient> = {
    make: (at) =>
      BedrockResponses.make({
        model: ChatModelContract.modelName,
        region,
        access: Access.token(at.apiKey),
        baseUrl: at.url
      }),
    spelling
  }
  for (const { name, run } of ChatModelContract.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

const request = { messages: [message("user", "hi")], temperature: 0.5 } as const
const said = spelling.whole({ text: "yes", finish: "stop", inputTokens: 1, outputTokens: 1 })

describe("BedrockResponses", () => {
  it("has an address for each region and kind of model", () => {
    assert.strictEqual(baseUrlOf(region, "openai.gpt-5.5"), "https://bedrock-mantle.us-east-1.api.aws/openai/v1")
    assert.strictEqual(baseUrlOf(region, "openai.gpt-oss-20b"), "https://bedrock-mantle.us-east-1.api.aws/v1")
  })

  it.effect("signs with access keys, and knows the model's family below its vendor's name", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: said }])
      const access = Access.keys({ accessKeyId: "AKIASYNTHETIC", secretAccessKey: Redacted.make("s") })
      const model = yield* BedrockResponses.make({ model: "openai.gpt-5.5", region, access, baseUrl: player.url })
      yield* model.complete(request)
      assert.strictEqual(model.ref, "bedrock.responses/openai.gpt-5.5")
      assert.match(player.asked[0]?.headers.authorization ?? "", /^AWS4-HMAC-SHA256 .*\/us-east-1\/bedrock-mantle\//)
      const body = JSON.parse(player.asked[0]?.body ?? "")
      assert.strictEqual(body.model, "openai.gpt-5.5")
      assert.notProperty(body, "temperature")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("finds region, keys and address by the variables", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: said }])
      const env = { AWS_REGION: region, AWS_BEARER_TOKEN_BEDROCK: "k", AWS_BEDROCK_BASE_URL: player.url }
      const model = yield* Effect.provide(
        BedrockResponses.makeConfig({ model: "m" }),
        ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
      )
      assert.strictEqual(Completion.text(yield* model.complete(request)), "yes")
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer k")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
