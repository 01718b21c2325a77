import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import { serve } from "@consortium/testing/Exchanges"
import * as AccessToken from "@consortium/wire/AccessToken"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Foundry from "../src/Foundry.js"
import { baseUrlOf } from "../src/vendors/foundry.js"
import { messages } from "./spelling.js"

describe("Claude in Foundry keeps the contract of chat models", () => {
  const subject: ChatModelContract.Subject<HttpClients.HttpClient> = {
    make: (at) =>
      Foundry.make({ model: ChatModelContract.modelName, baseUrl: `${at.url}/anthropic`, apiKey: at.apiKey }),
    spelling: messages
  }
  for (const { name, run } of ChatModelContract.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

const request = { messages: [message("user", "hi")] } as const
const yes = JSON.stringify({ type: "message", content: [{ type: "text", text: "yes" }], stop_reason: "end_turn" })

describe("Claude in Foundry", () => {
  it.effect("takes a key, or tokens of Entra, at a resource's address", () =>
    Effect.gen(function* () {
      assert.strictEqual(baseUrlOf("mine"), "https://mine.services.ai.azure.com/anthropic")
      const player = yield* serve([{ body: yes }, { body: yes }])
      const baseUrl = `${player.url}/anthropic/`
      const keyed = yield* Foundry.make({ model: "m", baseUrl, apiKey: Redacted.make("key-1") })
      const token = AccessToken.fixed(Redacted.make("token-1"))
      const signed = yield* Foundry.make({ model: "m", baseUrl, token })
      for (const model of [keyed, signed]) yield* model.complete(request)
      assert.strictEqual(keyed.ref, "azure.messages/m")
      assert.deepStrictEqual(
        player.asked.map(({ headers, path }) => [path, headers["x-api-key"], headers.authorization]),
        [
          ["/anthropic/v1/messages", "key-1", undefined],
          ["/anthropic/v1/messages", undefined, "Bearer token-1"]
        ]
      )
      assert.strictEqual(player.asked[0]?.headers["anthropic-version"], "2023-06-01")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("finds key and address by the variables", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: yes }])
      const found = (env: Record<string, string>) =>
        Effect.provide(Foundry.config, ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
      const key = { ANTHROPIC_FOUNDRY_API_KEY: "k" }
      assert.strictEqual((yield* found({ ...key, ANTHROPIC_FOUNDRY_RESOURCE: "mine" })).baseUrl, baseUrlOf("mine"))
      assert.include(String(yield* Effect.flip(found(key))), "ANTHROPIC_FOUNDRY_RESOURCE")
      assert.include(String(yield* Effect.flip(found({}))), "ANTHROPIC_FOUNDRY_API_KEY")
      const env = { ...key, ANTHROPIC_FOUNDRY_BASE_URL: player.url }
      const model = yield* Effect.provide(
        Foundry.makeConfig({ model: "m" }),
        ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
      )
      assert.strictEqual(Completion.text(yield* model.complete(request)), "yes")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
