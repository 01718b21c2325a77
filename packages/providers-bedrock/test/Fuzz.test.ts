import * as Access from "@consortium/aws/Access"
import { type Address, modelName } from "@consortium/testing/ChatModelContract"
import * as Fuzz from "@consortium/testing/Fuzz"
import * as HttpClients from "@consortium/wire/HttpClients"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Converse from "../src/Converse.js"
import { converse } from "./spelling.js"

describe("broken answers end in a completion or a ModelError", () => {
  const subject = {
    make: (at: Address) =>
      Converse.make({ model: modelName, region: "us-east-1", access: Access.token(at.apiKey), baseUrl: at.url }),
    spelling: converse
  }
  for (const { name, run } of Fuzz.cases(subject, { flood: 65 * 1024 * 1024 })) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})
