import { message } from "@consortium/core/Prompt"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Address from "@consortium/wire/Address"
import * as ChatCompletions from "../src/ChatCompletions.js"
import { vendors } from "../src/Vendors.js"

const { cloudflare, custom, groq, snowflake } = vendors

const read = (vendor: Parameters<typeof Address.config>[0], env: Record<string, string>) =>
  Effect.provide(Address.config(vendor), ConfigProvider.layer(ConfigProvider.fromEnv({ env })))

describe("Address", () => {
  it.effect("is the vendor's own, or that of its variable", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* read(groq, {}), "https://api.groq.com/openai/v1")
      assert.strictEqual(yield* read(groq, { GROQ_BASE_URL: "http://proxy/v1" }), "http://proxy/v1")
    })
  )

  it.effect("is filled by the variables in braces, unless another is given", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* read(snowflake, { SNOWFLAKE_ACCOUNT: "acme-x1" }),
        "https://acme-x1.snowflakecomputing.com/api/v2/cortex/v1"
      )
      assert.strictEqual(yield* read(cloudflare, { CLOUDFLARE_BASE_URL: "http://proxy" }), "http://proxy")
      assert.strictEqual(yield* read(custom, { CUSTOM_BASE_URL: "http://box:9000/v1" }), "http://box:9000/v1")
    })
  )

  it.effect("names the variable that is missing", () =>
    Effect.gen(function* () {
      const missing = yield* Effect.flip(read(cloudflare, {}))
      assert.strictEqual(missing._tag, "ConfigError")
      assert.include(missing.message, "CLOUDFLARE_ACCOUNT_ID")
      assert.include((yield* Effect.flip(read(custom, {}))).message, "CUSTOM_BASE_URL")
    })
  )

  it.effect("is not called while a variable is open", () =>
    Effect.gen(function* () {
      const model = yield* ChatCompletions.make({ vendor: snowflake, model: "claude-sonnet-5" })
      const request = { messages: [message("user", "hi")] } as const
      const failed = yield* Effect.flip(model.complete(request))
      assert.strictEqual(failed.reason._tag, "InvalidRequest")
      assert.include(failed.message, "SNOWFLAKE_ACCOUNT")
      assert.deepStrictEqual(yield* Effect.flip(Stream.runDrain(model.stream(request))), failed)
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
