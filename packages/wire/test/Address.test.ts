import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Address from "../src/Address.js"

const own = { baseUrl: "https://{ACCOUNT}.example.com/v1", baseUrlVariable: "BASE_URL" }
const read = (place: Address.Place, env: Record<string, string>) =>
  Effect.provide(Address.config(place), ConfigProvider.layer(ConfigProvider.fromEnv({ env })))

describe("Address", () => {
  it.effect("is the vendor's own, filled, or that of its variable", () =>
    Effect.gen(function* () {
      const fixed = { ...own, baseUrl: "https://example.com" }
      assert.strictEqual(yield* read(fixed, {}), "https://example.com")
      assert.strictEqual(yield* read(own, { ACCOUNT: "acme" }), "https://acme.example.com/v1")
      assert.strictEqual(yield* read(own, { BASE_URL: "http://proxy" }), "http://proxy")
    })
  )

  it.effect("names the variable that is missing", () =>
    Effect.gen(function* () {
      assert.include((yield* Effect.flip(read(own, {}))).message, "ACCOUNT")
      assert.deepStrictEqual(Address.variables(own.baseUrl), ["ACCOUNT"])
      assert.strictEqual(Address.filled(own.baseUrl, {}), own.baseUrl)
      assert.include(Address.without("ACCOUNT"), "ACCOUNT")
    })
  )
})
