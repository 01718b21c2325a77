/** Tokens and finish words of both sides. */
import type {
  LanguageModelV2FinishReason,
  LanguageModelV2Usage,
  LanguageModelV4FinishReason,
  LanguageModelV4Usage
} from "@ai-sdk/provider"
import type { Finish, Usage } from "@consortium/core/Completion"
import { type Metadata, own } from "@consortium/wire/Marks"
import * as Tokens from "@consortium/wire/Tokens"
import * as Predicate from "effect/Predicate"

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
  const [input, output] = [said?.inputTokens, said?.outputTokens]
  const flat = said !== undefined && "totalTokens" in said ? said : undefined
  const counts = {
    input:
      typeof input === "object"
        ? { ...input, plain: input.noCache }
        : { total: input, plain: undefined, cacheRead: flat?.cachedInputTokens, cacheWrite: undefined },
    output: typeof output === "object" ? output : { total: output, text: undefined, reasoning: flat?.reasoningTokens }
  }
  return Tokens.read(counts, usdOf(metadata))
}

/** Our usage in their words. */
export const stated = (of: Usage): LanguageModelV4Usage => {
  const { input, output } = Tokens.write(of)
  const { plain: noCache, ...rest } = input
  return { inputTokens: { ...rest, noCache }, outputTokens: output }
}

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
