/**
 * Models of other libraries sit in a consortium, and a whole consortium answers where other libraries want a model.
 * Simulated members: no key, no network.
 */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { fromLanguageModel, languageModel } from "@consortium/bridge-ai-sdk/LanguageModel"
import { createConsortium } from "@consortium/bridge-ai-sdk/Provider"
import * as EffectAi from "@consortium/bridge-effect-ai/LanguageModel"
import { open, openModels } from "@consortium/cli/Consortium"
import * as Simulated from "@consortium/simulated/Simulated"
import { generateText, streamText } from "ai"
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Effect from "effect/Effect"

const program = Effect.gen(function* () {
  // Any AI SDK model is a member or a judge in one line; here the AI SDK's own client for a simulated server.
  const { url } = yield* Simulated.server({ seed: 7, latencyScale: 0 })
  const ai = createOpenAICompatible({ name: "local", baseURL: url, includeUsage: true })
  const consortium = yield* Effect.promise(() =>
    open({
      members: [fromLanguageModel(ai("scholar")), "simulated/plain", "simulated/sloppy"],
      judges: ["simulated/careful", fromLanguageModel(ai("brisk"))]
    })
  )

  // The whole consortium as one model of the AI SDK …
  const model = languageModel(consortium.model)
  const said = yield* Effect.promise(async () => generateText({ model, prompt: "Why do bees keep warm in winter?" }))
  console.log("generateText:", said.text.slice(0, 60), "…", said.usage.totalTokens, "tokens")
  console.log("its proof:", JSON.stringify(said.providerMetadata?.consortium?.notes).slice(0, 120), "…")

  // … and as one of effect/ai.
  const { finishReason, text } = yield* LanguageModel.generateText({ prompt: "And in summer?" }).pipe(
    Effect.provide(EffectAi.layer(consortium.model))
  )
  console.log("effect/ai:", text.slice(0, 60), "…", finishReason)

  // Our own clients, with their retries and limits, under names of your choice.
  const { close, models } = yield* Effect.promise(() => openModels("simulated/scholar", "simulated/brisk"))
  const provider = createConsortium({
    languageModels: { best: consortium.model, good: models["simulated/scholar"], quick: models["simulated/brisk"] }
  })
  yield* Effect.promise(async () => {
    const { textStream } = streamText({ model: provider("quick"), prompt: "And at night?" })
    let pieces = 0
    for await (const _ of textStream) pieces++
    console.log("streamText:", pieces, "pieces")
    await Promise.all([close(), consortium.close()])
  })
})
await Effect.runPromise(Effect.scoped(program))
