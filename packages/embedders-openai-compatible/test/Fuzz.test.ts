import { type Address, modelName } from "@consortium/testing/EmbedderContract"
import * as EmbedderFuzz from "@consortium/testing/EmbedderFuzz"
import * as HttpClients from "@consortium/wire/HttpClients"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Embeddings from "../src/Embeddings.js"
import { vendors } from "../src/Vendors.js"
import { spelling } from "./spelling.js"

for (const vendor of [vendors.openai, vendors.vllm, vendors.perplexity]) {
  describe(`broken answers of ${vendor.id} end in a batch or a ModelError`, () => {
    const subject = {
      make: (at: Address) => Embeddings.make({ vendor, model: modelName, baseUrl: at.url, apiKey: at.apiKey }),
      spelling: spelling(vendor)
    }
    for (const { name, run } of EmbedderFuzz.cases(subject)) {
      it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
    }
  })
}
