import type { Address } from "@consortium/testing/ChatModelContract"
import { modelName } from "@consortium/testing/ChatModelContract"
import * as Fuzz from "@consortium/testing/Fuzz"
import * as HttpClients from "@consortium/wire/HttpClients"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChatCompletions from "../src/ChatCompletions.js"
import { vendors } from "../src/Vendors.js"
import { spelling } from "./spelling.js"

describe("broken answers end in a completion or a ModelError", () => {
  const subject = {
    make: (at: Address) =>
      ChatCompletions.make({ vendor: vendors.openrouter, model: modelName, baseUrl: at.url, apiKey: at.apiKey }),
    spelling: spelling("reasoning")
  }
  for (const { name, run } of Fuzz.cases(subject, { flood: 65 * 1024 * 1024 })) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})
