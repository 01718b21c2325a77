import * as RoundTrip from "@consortium/testing/RoundTrip"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fromLanguageModel, languageModel } from "../src/LanguageModel.js"

describe("out into the AI SDK and back", () => {
  const through: RoundTrip.Subject<never>["through"] = (model) =>
    Effect.succeed(fromLanguageModel(languageModel(model)))
  for (const { name, run } of RoundTrip.cases({ through })) it.live(name, () => run)
})
