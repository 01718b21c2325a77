import * as EmbedderContract from "@consortium/testing/EmbedderContract"
import * as Address from "@consortium/wire/Address"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Embeddings from "../src/Embeddings.js"
import { vendors } from "../src/Vendors.js"
import { spelling } from "./spelling.js"

for (const [id, vendor] of Object.entries(vendors)) {
  describe(`${id} keeps the contract of embedders`, () => {
    const subject = {
      make: (at: EmbedderContract.Address) =>
        Embeddings.make({ vendor, model: EmbedderContract.modelName, baseUrl: at.url, apiKey: at.apiKey }),
      spelling: spelling(vendor)
    }
    for (const { name, run } of EmbedderContract.cases(subject)) {
      it.effect(name, () => Effect.provide(run, HttpClients.layer))
    }
  })

  it(`${id} is listed by its id, with addresses that are whole`, () => {
    assert.strictEqual(vendor.id, id)
    const held = vendor.baseUrl.startsWith("{") ? "https://account.example" : "account"
    const open = Object.fromEntries(Address.variables(vendor.baseUrl).map((name) => [name, held]))
    assert.isTrue(URL.canParse(Address.filled(vendor.baseUrl, open)))
    assert.isFalse(vendor.baseUrl.endsWith("/"))
    assert.isAtLeast(vendor.maxBatch, 1)
  })
}
