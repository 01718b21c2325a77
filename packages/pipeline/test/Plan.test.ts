import * as Fakes from "@consortium/testing/Fakes"
import { fromText, type Prompt } from "@consortium/core/Prompt"
import { planDataset } from "@consortium/pipeline/BuildDataset"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fakeConfig, folder, memberOf, promptsOf, services, sourceOf } from "./road.js"

const model = (ref: string) => Fakes.chatModel(ref, () => "an answer")

/** About 10,000 tokens, and a picture. */
const large: Prompt = {
  ...fromText("large", ""),
  messages: [
    {
      role: "user",
      parts: [
        { _tag: "Text", text: "a word and a half ".repeat(2500) },
        { _tag: "Image", source: { _tag: "Url", url: "https://pictures.test/a.png" } }
      ]
    }
  ]
}

describe("a plan's warnings", () => {
  it.live("name the settings, lengths and pictures that a model is known not to take", () =>
    Effect.gen(function* () {
      const config = fakeConfig(`${yield* folder}/run`, {
        source: sourceOf([...promptsOf(3), large]),
        members: [
          { ...memberOf(model("openai/gpt-5.5")), sampling: { temperature: 0.3, topP: 0.9, maxTokens: 200_000 } },
          { ...memberOf(model("openai/gpt-4")), sampling: { temperature: 0.3, reasoningEffort: "high" } },
          { ...memberOf(model("fake/unknown")), sampling: { temperature: 0.3, maxTokens: 1e9 } }
        ],
        judges: [{ model: model("openai/gpt-4"), strategy: () => Fakes.judge("openai/gpt-4") }]
      })
      const { warnings } = yield* planDataset(config)
      const starts = warnings.map((warning) => warning.slice(0, 42))
      assert.deepStrictEqual(starts, [
        "openai/gpt-5.5 takes no temperature, topP:",
        "openai/gpt-5.5 writes at most 128,000 toke",
        "openai/gpt-4 does not reason: reasoningEff",
        "openai/gpt-4 reads and writes at most 8,19",
        "openai/gpt-4 reads no pictures; 1 of 4 pro",
        "openai/gpt-4 reads and writes at most 8,19"
      ])
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("are none where all is well, or where nobody knows the model", () =>
    Effect.gen(function* () {
      const config = fakeConfig(`${yield* folder}/run`, {
        members: [
          { ...memberOf(model("openai/gpt-4.1")), sampling: { temperature: 0.3, maxTokens: 1000 } },
          { ...memberOf(model("openai/gpt-5.5")), sampling: { reasoningEffort: "low" } },
          memberOf(model("fake/unknown"))
        ]
      })
      assert.deepStrictEqual((yield* planDataset(config)).warnings, [])
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
