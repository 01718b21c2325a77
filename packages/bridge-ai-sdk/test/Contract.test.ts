import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import * as Fuzz from "@consortium/testing/Fuzz"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { vendors } from "@consortium/providers-openai-compatible/Vendors"
import * as HttpClients from "@consortium/wire/HttpClients"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { spelling } from "../../providers-openai-compatible/test/spelling.js"
import { fromLanguageModel, languageModel } from "../src/LanguageModel.js"

const { modelName } = ChatModelContract

describe("a model of the AI SDK keeps what a chat model promises", () => {
  const subject = {
    make: ({ apiKey, url }: ChatModelContract.Address) =>
      Effect.sync(() =>
        fromLanguageModel(
          createOpenAICompatible({
            name: "synthetic",
            baseURL: url,
            apiKey: Redacted.value(apiKey),
            includeUsage: true,
            supportsStructuredOutputs: true
          }).chatModel(modelName)
        )
      ),
    spelling: spelling("reasoning_content")
  }
  // Its client reads no events in such a body, and says only that the stream ended.
  const unseen = "stream: an error in a 200 is a failure"
  for (const { name, run } of ChatModelContract.cases(subject)) if (name !== unseen) it.effect(name, () => run)
  for (const { name, run } of Fuzz.cases(subject, { mutants: 10 })) it.effect(name, () => run)
})

describe("our own model keeps it on its way through the AI SDK and back", () => {
  const subject = {
    make: (at: ChatModelContract.Address) =>
      Effect.map(
        ChatCompletions.make({ vendor: vendors.openrouter, model: modelName, baseUrl: at.url, apiKey: at.apiKey }),
        (model) => fromLanguageModel(languageModel(model))
      ),
    spelling: spelling("reasoning")
  }
  for (const { name, run } of ChatModelContract.cases(subject)) {
    // Between the two bridges a promise runs by the clock on the wall.
    it.live(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})
