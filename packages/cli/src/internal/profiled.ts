/** Vendor × model: what a model is known to refuse is not sent to it, whatever its vendor takes for others. */
import * as ModelFacts from "@consortium/pricing/ModelFacts"
import type { Vendor } from "@consortium/providers-openai-compatible/Vendor"
import * as Effect from "effect/Effect"

const randomness = ["temperature", "topP", "topK"] as const

/** The vendor as the model of this name takes it; `providerOptions` still have the last word. */
export const profiled = (vendor: Vendor, ref: string): Effect.Effect<Vendor> =>
  Effect.map(ModelFacts.of(ref), (facts) => ({
    ...vendor,
    ...(facts?.temperature === false && { drops: [...new Set([...vendor.drops, ...randomness])] }),
    ...(facts?.structured === false && { responseFormat: "none" })
  }))
