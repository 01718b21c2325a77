/** Tokens and finish words of both sides. */
import type {
  LanguageModelV2FinishReason,
  LanguageModelV2Usage,
  LanguageModelV4FinishReason,
  LanguageModelV4Usage
} from "@ai-sdk/provider"
import type { Finish, Usage } from "@consortium/core/Completion"
import { type Metadata, own } from "@consortium/wire/Marks"
import * as Predicate from "effect/Predicate"

const defined = <A extends Record<string, number | undefined>>(fields: A): { readonly [K in keyof A]?: number } => {
  const out: { [K in keyof A]?: number } = {}
  for (const key in fields) if (Number.isFinite(fields[key])) Object.assign(out, { [key]: fields[key] })
  return out
}

/** A total that nobody stated, where at least its plain part is known. */
const sum = (plain: number | undefined, ...others: ReadonlyArray<number | undefined>): number | undefined =>
  plain === undefined ? undefined : others.reduce<number>((all, part) => all + (part ?? 0), plain)

/** Where providers state what an answer cost, in US dollars: ours, and OpenRouter's (`@openrouter/ai-sdk-provider` 2). */
const prices: ReadonlyArray<ReadonlyArray<string>> = [
  [own, "usd"],
  ["openrouter", "usage", "cost"]
]

const at = (value: unknown, path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((inner, key) => (Predicate.isObject(inner) ? inner[key] : undefined), value)

const usdOf = (metadata: Metadata | undefined): number | undefined =>
  prices.map((path) => at(metadata, path)).find((usd) => typeof usd === "number")

/** The usage of any version of the specification; version 2 states its totals flat. */
export const usage = (
  said: LanguageModelV2Usage | LanguageModelV4Usage | undefined,
  metadata: Metadata | undefined
): Usage => {
  const usd = usdOf(metadata)
  if (said === undefined) return defined({ usd })
  const { inputTokens, outputTokens } = said
  if (typeof inputTokens === "object" && typeof outputTokens === "object") {
    return defined({
      inputTokens: inputTokens.total ?? sum(inputTokens.noCache, inputTokens.cacheRead, inputTokens.cacheWrite),
      cacheReadTokens: inputTokens.cacheRead,
      cacheWriteTokens: inputTokens.cacheWrite,
      outputTokens: outputTokens.total ?? sum(outputTokens.text, outputTokens.reasoning),
      reasoningTokens: outputTokens.reasoning,
      usd
    })
  }
  const flat = "cachedInputTokens" in said ? said : undefined
  return defined({
    inputTokens: typeof inputTokens === "number" ? inputTokens : undefined,
    cacheReadTokens: flat?.cachedInputTokens,
    outputTokens: typeof outputTokens === "number" ? outputTokens : undefined,
    reasoningTokens: "reasoningTokens" in said ? said.reasoningTokens : undefined,
    usd
  })
}

const less = (total: number | undefined, ...parts: ReadonlyArray<number | undefined>): number | undefined =>
  total === undefined
    ? undefined
    : Math.max(
        0,
        parts.reduce<number>((left, part) => left - (part ?? 0), total)
      )

/** Our usage in their words. */
export const stated = (of: Usage): LanguageModelV4Usage => ({
  inputTokens: {
    total: of.inputTokens,
    noCache: less(of.inputTokens, of.cacheReadTokens, of.cacheWriteTokens),
    cacheRead: of.cacheReadTokens,
    cacheWrite: of.cacheWriteTokens
  },
  outputTokens: {
    total: of.outputTokens,
    text: less(of.outputTokens, of.reasoningTokens),
    reasoning: of.reasoningTokens
  }
})

const kinds: Readonly<Record<string, Finish["kind"]>> = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool-calls",
  "content-filter": "content-filter",
  error: "error",
  unknown: "unknown"
}

/** The finish of any version; a word that we do not have is `other`, and no word at all `unknown`. */
export const finish = (said: LanguageModelV2FinishReason | LanguageModelV4FinishReason | undefined): Finish => {
  if (said === undefined) return { kind: "unknown", raw: null }
  const { raw, unified } = typeof said === "string" ? { unified: said, raw: said } : said
  if (unified === "other" && raw === undefined) return { kind: "unknown", raw: null }
  return { kind: kinds[unified] ?? "other", raw: raw ?? null }
}

/** Our finish in their words. */
export const finished = ({ kind, raw }: Finish): LanguageModelV4FinishReason => ({
  unified: kind === "unknown" ? "other" : kind,
  raw: raw ?? undefined
})
