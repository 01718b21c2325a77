import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { vendors } from "@consortium/providers-openai-compatible/Vendors"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import * as RoundTrip from "@consortium/testing/RoundTrip"
import * as HttpClients from "@consortium/wire/HttpClients"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spelling } from "../../providers-openai-compatible/test/spelling.js"
import { fromLanguageModel, languageModel } from "../src/LanguageModel.js"

const through: RoundTrip.Subject<never>["through"] = (model) =>
  Effect.map(languageModel(model), (theirs) => fromLanguageModel(theirs, { ref: model.ref }))

describe("out into effect/ai and back", () => {
  const subject: RoundTrip.Subject<never> = {
    through,
    // There the automatic choice is what is meant where nothing is said.
    carried: ({ toolChoice, ...request }) =>
      toolChoice === undefined || toolChoice === "auto" ? request : { ...request, toolChoice }
  }
  for (const { name, run } of RoundTrip.cases(subject)) it.effect(name, () => run)
})

describe("our own model keeps its promises on its way through effect/ai and back", () => {
  const subject = {
    make: (at: ChatModelContract.Address) =>
      Effect.flatMap(
        ChatCompletions.make({
          vendor: vendors.openrouter,
          model: ChatModelContract.modelName,
          baseUrl: at.url,
          apiKey: at.apiKey
        }),
        through
      ),
    spelling: spelling("reasoning")
  }
  // There objects are never streamed, so it asks for the whole.
  const unheard = "a schema is sent, and the answer in it comes back as it is"
  for (const { name, run } of ChatModelContract.cases(subject)) {
    if (name === unheard) continue
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})
