import * as EmbedderContract from "@consortium/testing/EmbedderContract"
import * as EmbedderFuzz from "@consortium/testing/EmbedderFuzz"
import * as HttpClients from "@consortium/wire/HttpClients"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Embeddings from "../src/Embeddings.js"
import { spelling } from "./spelling.js"

const subject = {
  make: (at: EmbedderContract.Address) =>
    Embeddings.make({ model: EmbedderContract.modelName, baseUrl: at.url, apiKey: at.apiKey }),
  spelling
}

describe("Voyage keeps the contract of embedders", () => {
  for (const { name, run } of EmbedderContract.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

describe("broken answers end in a batch or a ModelError", () => {
  for (const { name, run } of EmbedderFuzz.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})
