/**
 * What is to know of the models' families: plain data, found by the beginning of a model's name. Read on 2026-11-24:
 * developers.openai.com/api/docs/guides/deployment-checklist (GPT-6: no sampling fields where the effort is not none;
 * Astra and 6.1 Sol have no none) and .../guides/latest-model (efforts of 6.1 Sol); the types of the openai package
 * 7.57 (all efforts; `stop` not with o3 and o4-mini);
 * learn.microsoft.com/javascript/api/@azure/ai-projects/reasoningeffort (5.1 has none and rests there, 5-pro has only
 * high, xhigh came with 5.1-codex-max); the source of @ai-sdk/openai 4.0.118 (efforts by version, sampling fields from
 * 5.1 on where the effort is none, encrypted reasoning asked for of models that reason only). Answers state the effort
 * that was taken: where none was asked for, 5.1, 5.2 and 5.4 rest at none, and 5.6 at medium.
 */
import type { ChatRequest, Sampling } from "@consortium/core/ChatModel"

/** How much a model should think, in our words. */
export type Effort = NonNullable<Sampling["reasoningEffort"]>

export interface Family {
  /** Whether its models think: their reasoning is asked for in its encrypted form, and the system is their developer. */
  readonly reasons: boolean
  /** Whether they think where no effort is asked for. */
  readonly thinksUnasked: boolean
  /** When temperature, top-p, penalties and stop words are taken; where they are refused they are not sent. */
  readonly sampling: "always" | "without reasoning" | "never"
  /** The vendor's word for each effort, the nearest one where it has none of that name; one without a word is not sent. */
  readonly efforts: Readonly<Partial<Record<Effort, string>>>
}

const plain: Family = { reasons: false, thinksUnasked: false, sampling: "always", efforts: {} }

/** Models of another name: sent as asked, and never asked for encrypted reasoning, since some refuse the question. */
const unknown: Family = {
  ...plain,
  efforts: { none: "none", minimal: "minimal", low: "low", medium: "medium", high: "high", max: "high" }
}

const thinker = (sampling: Family["sampling"], none: string, minimal: string, max: string): Family => ({
  reasons: true,
  thinksUnasked: true,
  sampling,
  efforts: { none, minimal, low: "low", medium: "medium", high: "high", max }
})
const always = (word: string): Family => ({
  reasons: true,
  thinksUnasked: true,
  sampling: "never",
  efforts: { none: word, minimal: word, low: word, medium: word, high: word, max: word }
})

const old = thinker("never", "low", "low", "high")
const resting = (family: Family): Family => ({ ...family, thinksUnasked: false })
const switchable = thinker("without reasoning", "none", "low", "xhigh")
const newest = thinker("without reasoning", "none", "low", "max")
const restless = thinker("never", "low", "low", "max")
const coder = thinker("never", "low", "low", "xhigh")
const chat = always("medium")
const pro: Family = {
  ...coder,
  efforts: { none: "medium", minimal: "medium", low: "medium", medium: "medium", high: "high", max: "xhigh" }
}

/** By the beginning of the name; the longest that fits counts. */
const families: Readonly<Record<string, Family>> = {
  "gpt-3.5": plain,
  "gpt-4": plain,
  "gpt-4o-search-preview": { ...plain, sampling: "never" },
  "gpt-4o-mini-search-preview": { ...plain, sampling: "never" },
  "chatgpt-4o": plain,
  o1: old,
  o3: old,
  o4: old,
  "codex-mini": old,
  "gpt-5": thinker("never", "minimal", "minimal", "high"),
  "gpt-5-chat": plain,
  "gpt-5-codex": old,
  "gpt-5-pro": always("high"),
  "gpt-5.1": resting(thinker("without reasoning", "none", "low", "high")),
  "gpt-5.1-chat": chat,
  "gpt-5.1-codex": old,
  "gpt-5.1-codex-max": coder,
  "gpt-5.2": resting(switchable),
  "gpt-5.2-chat": chat,
  "gpt-5.2-codex": coder,
  "gpt-5.2-pro": pro,
  "gpt-5.3": switchable,
  "gpt-5.3-chat": chat,
  "gpt-5.3-codex": coder,
  "gpt-5.4": resting(switchable),
  "gpt-5.4-pro": pro,
  "gpt-5.5": switchable,
  "gpt-5.5-pro": pro,
  "gpt-5.6": newest,
  "gpt-6": restless,
  "gpt-6-luna": newest,
  "gpt-6-sol": newest,
  "gpt-6.1": restless,
  "gpt-6.1-terra": newest
}
const names = Object.keys(families).sort((a, b) => b.length - a.length)

/** The family of a model, also of one tuned from it (`ft:gpt-4o-mini:…`); the most tolerant one where the name says nothing. */
export const familyOf = (model: string): Family => {
  const bare = model.replace(/^ft:/, "")
  const name = names.find((it) => bare.startsWith(it))
  return name === undefined ? unknown : (families[name] ?? unknown)
}

/** The request without the sampling fields and stop words that its model refuses. */
export const fit = (request: ChatRequest, family: Family): ChatRequest => {
  if (family.sampling === "always") return request
  const isStill = request.reasoningEffort === "none" || (request.reasoningEffort === undefined && !family.thinksUnasked)
  if (family.sampling === "without reasoning" && isStill) return request
  const { frequencyPenalty: _f, presencePenalty: _p, stop: _s, temperature: _t, topP: _n, ...rest } = request
  return rest
}
