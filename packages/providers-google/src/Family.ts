/**
 * What is to know of the models' families: plain data, found by the beginning of a model's name. Read on 2026-11-24:
 * docs.cloud.google.com/gemini-enterprise-agent-platform/models/thinking (levels by model),
 * ai.google.dev/gemini-api/docs/thinking (budgets by model), ai.google.dev/gemini-api/docs/openai (a budget for each
 * effort), ai.google.dev/gemini-api/docs/thought-signatures (signed calls), the source of @ai-sdk/google 4.0 (the same
 * levels; gemma has no system instruction).
 */
import type { Sampling } from "@consortium/core/ChatModel"

/** How much a model should think, in our words. */
export type Effort = NonNullable<Sampling["reasoningEffort"]>

export interface Family {
  /** How an effort is asked for: the field of `thinkingConfig`, and what stands in it for each effort. */
  readonly thinking:
    | { readonly field: "thinkingLevel"; readonly efforts: Readonly<Record<Effort, string>> }
    | { readonly field: "thinkingBudget"; readonly efforts: Readonly<Record<Effort, number>> }
    | undefined
  /** Whether a tool call of the present turn is refused without its signature. */
  readonly signedCalls: boolean
  /** Where the system's words go: a field of their own, or before the user's. */
  readonly systemPlace: "systemInstruction" | "contents"
}

const levels = (lowest: string, highest = "high"): Family => ({
  thinking: {
    field: "thinkingLevel",
    // Thinking can't be switched off.
    efforts: { none: lowest, minimal: lowest, low: "low", medium: "medium", high: "high", max: highest }
  },
  signedCalls: true,
  systemPlace: "systemInstruction"
})

/** In tokens. */
const budgets = (none: number, least: number, max: number): Family => ({
  thinking: {
    field: "thinkingBudget",
    efforts: { none, minimal: least, low: 1024, medium: 8192, high: 24_576, max }
  },
  signedCalls: false,
  systemPlace: "systemInstruction"
})

const thoughtless: Family = { thinking: undefined, signedCalls: false, systemPlace: "systemInstruction" }

/** By the beginning of the name; the longest that fits counts. */
const families: Readonly<Record<string, Family>> = {
  "gemma-": { ...thoughtless, systemPlace: "contents" },
  "gemini-1": thoughtless,
  "gemini-2": thoughtless,
  "gemini-2.5-pro": budgets(128, 128, 32_768),
  "gemini-2.5-flash": budgets(0, 512, 24_576),
  "gemini-2.5-flash-image": thoughtless,
  // Newer names, and names such as gemini-flash-latest, are taken to have what all the newer ones have.
  "gemini-": levels("low"),
  "gemini-3-flash": levels("minimal"),
  "gemini-3.1-flash": levels("minimal"),
  "gemini-3.5-flash": levels("minimal"),
  "gemini-3.6-flash": levels("minimal"),
  "gemini-3-pro": {
    ...levels("low"),
    thinking: {
      field: "thinkingLevel",
      efforts: { none: "low", minimal: "low", low: "low", medium: "high", high: "high", max: "high" }
    }
  },
  "gemini-4-hydrogen": levels("low", "xhigh")
}

const beginnings = Object.keys(families).toSorted((a, b) => b.length - a.length)

/** The name without the path that it may stand in. */
export const nameOf = (model: string): string => model.slice(model.lastIndexOf("/") + 1)

/** The family of a model; one of an unknown name has no thinking to ask for. */
export const of = (model: string): Family => {
  const name = nameOf(model)
  const found = beginnings.find((it) => name.startsWith(it))
  return (found === undefined ? undefined : families[found]) ?? thoughtless
}
