import * as Access from "@consortium/aws/Access"
import * as EmbedderContract from "@consortium/testing/EmbedderContract"
import * as EmbedderFuzz from "@consortium/testing/EmbedderFuzz"
import * as HttpClients from "@consortium/wire/HttpClients"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Invoke from "../src/Invoke.js"
import { cohere, nova, titan } from "./spelling.js"

for (const [family, spelling] of Object.entries({ titan, cohere, nova } as const)) {
  const subject = {
    make: (at: EmbedderContract.Address) =>
      Invoke.make({
        // As an ARN, which says nothing of its family.
        model: `arn:aws:bedrock:eu-west-1::profile/x:${EmbedderContract.modelName}`,
        family: family as "titan" | "cohere" | "nova",
        region: "eu-west-1",
        baseUrl: at.url,
        access: Access.token(at.apiKey)
      }),
    spelling
  }

  describe(`${family} keeps the contract of embedders`, () => {
    for (const { name, run } of EmbedderContract.cases(subject)) {
      it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
    }
  })

  describe(`broken answers of ${family} end in a batch or a ModelError`, () => {
    for (const { name, run } of EmbedderFuzz.cases(subject)) {
      it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
    }
  })
}
