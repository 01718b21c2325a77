import { ChatModelContract } from "@consortium/testing"
import * as Address from "@consortium/wire/Address"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChatCompletions from "../src/ChatCompletions.js"
import { vendors } from "../src/Vendors.js"
import { spelling } from "./spelling.js"

for (const [id, vendor] of Object.entries(vendors)) {
  describe(`${id} keeps the contract of chat models`, () => {
    const subject = {
      make: (at: ChatModelContract.Address) =>
        ChatCompletions.make({ vendor, model: ChatModelContract.modelName, baseUrl: at.url, apiKey: at.apiKey }),
      spelling: spelling(vendor.reasoningReplay === "reasoning_content" ? "reasoning_content" : "reasoning")
    }
    for (const { name, run } of ChatModelContract.cases(subject)) {
      it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
    }
  })

  it(`${id} is listed by its id, with addresses that are whole`, () => {
    assert.strictEqual(vendor.id, id)
    const names = Address.variables(vendor.baseUrl)
    const values = Object.fromEntries(
      names.map((name) => [name, name === vendor.baseUrlVariable ? "http://127.0.0.1/v1" : "acme"])
    )
    assert.isTrue(URL.canParse(Address.filled(vendor.baseUrl, values)))
    assert.isFalse(vendor.baseUrl.endsWith("/"))
    assert.match(vendor.apiKey.variable, /^[A-Z0-9_]+$/)
    assert.match(vendor.baseUrlVariable, /^[A-Z0-9_]+$/)
  })
}
