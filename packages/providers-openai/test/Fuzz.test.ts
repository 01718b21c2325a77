import { type Address, modelName } from "@consortium/testing/ChatModelContract"
import * as Fuzz from "@consortium/testing/Fuzz"
import * as HttpClients from "@consortium/wire/HttpClients"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Chat from "../src/Chat.js"
import * as Responses from "../src/Responses.js"
import * as chat from "./chatSpelling.js"
import * as responses from "./responsesSpelling.js"

const options = (at: Address) => ({ model: modelName, baseUrl: at.url, apiKey: at.apiKey })

describe("broken answers end in a completion or a ModelError", () => {
  const subjects = {
    responses: { make: (at: Address) => Responses.make(options(at)), spelling: responses.spelling },
    chat: { make: (at: Address) => Chat.make(options(at)), spelling: chat.spelling }
  }
  for (const [wire, subject] of Object.entries(subjects)) {
    for (const { name, run } of Fuzz.cases(subject, { flood: wire === "responses" ? 65 * 1024 * 1024 : 0 })) {
      it.effect(`${wire}: ${name}`, () => Effect.provide(run, HttpClients.layerDirect))
    }
  }
})
