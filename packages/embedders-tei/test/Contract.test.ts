import * as EmbedderContract from "@consortium/testing/EmbedderContract"
import * as EmbedderFuzz from "@consortium/testing/EmbedderFuzz"
import * as HttpClients from "@consortium/wire/HttpClients"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Embed from "../src/Embed.js"
import { vendors } from "../src/Vendors.js"
import { spelling } from "./spelling.js"

for (const vendor of Object.values(vendors)) {
  const subject = {
    make: (at: EmbedderContract.Address) =>
      Embed.make({ vendor, model: EmbedderContract.modelName, baseUrl: at.url, apiKey: at.apiKey }),
    spelling: spelling(vendor === vendors.huggingface)
  }

  describe(`${vendor.id} keeps the contract of embedders`, () => {
    for (const { name, run } of EmbedderContract.cases(subject)) {
      it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
    }
  })

  describe(`broken answers of ${vendor.id} end in a batch or a ModelError`, () => {
    for (const { name, run } of EmbedderFuzz.cases(subject)) {
      it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
    }
  })
}
