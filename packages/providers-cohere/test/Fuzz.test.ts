import { type Address, modelName } from "@consortium/testing/ChatModelContract"
import * as Fuzz from "@consortium/testing/Fuzz"
import * as HttpClients from "@consortium/wire/HttpClients"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Chat from "../src/Chat.js"
import { spelling } from "./spelling.js"

describe("broken answers end in a completion or a ModelError", () => {
  const subject = {
    make: (at: Address) => Chat.make({ model: modelName, baseUrl: at.url, apiKey: at.apiKey }),
    spelling
  }
  for (const { name, run } of Fuzz.cases(subject, { flood: 65 * 1024 * 1024 })) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})
