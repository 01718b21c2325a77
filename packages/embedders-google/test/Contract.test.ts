import * as AccessToken from "@consortium/providers-google/AccessToken"
import * as EmbedderContract from "@consortium/testing/EmbedderContract"
import * as EmbedderFuzz from "@consortium/testing/EmbedderFuzz"
import * as HttpClients from "@consortium/wire/HttpClients"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Gemini from "../src/Gemini.js"
import * as Vertex from "../src/Vertex.js"
import { embedContent, gemini, predict } from "./spelling.js"

const vertex = (model: string) => (at: EmbedderContract.Address) =>
  Vertex.make({ model, project: "p", baseUrl: at.url, token: AccessToken.fixed(at.apiKey) })

const subjects = {
  Gemini: {
    make: (at: EmbedderContract.Address) =>
      Gemini.make({ model: EmbedderContract.modelName, baseUrl: at.url, apiKey: at.apiKey }),
    spelling: gemini
  },
  "Vertex by predict": { make: vertex(EmbedderContract.modelName), spelling: predict },
  "Vertex by embedContent": { make: vertex(`gemini-${EmbedderContract.modelName}`), spelling: embedContent }
}

for (const [name, subject] of Object.entries(subjects)) {
  describe(`${name} keeps the contract of embedders`, () => {
    for (const one of EmbedderContract.cases(subject)) {
      it.effect(one.name, () => Effect.provide(one.run, HttpClients.layerDirect))
    }
  })
  describe(`broken answers to ${name} end in a batch or a ModelError`, () => {
    for (const one of EmbedderFuzz.cases(subject)) {
      it.effect(one.name, () => Effect.provide(one.run, HttpClients.layerDirect))
    }
  })
}
