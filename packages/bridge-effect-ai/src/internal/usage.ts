/** Tokens and finish words of both sides. */
import type { Finish, Usage } from "@consortium/core/Completion"
import { type Metadata, ours } from "@consortium/wire/Marks"
import * as Tokens from "@consortium/wire/Tokens"
import type { Responses } from "./effectAi.js"

export const usage = ({ inputTokens, outputTokens }: Responses.Usage, metadata: Metadata): Usage => {
  const { usd } = ours(metadata)
  const { cacheRead, cacheWrite, total, uncached: plain } = inputTokens
  const { reasoning, text, total: all } = outputTokens
  return Tokens.read(
    { input: { total, plain, cacheRead, cacheWrite }, output: { total: all, text, reasoning } },
    typeof usd === "number" ? usd : undefined
  )
}

/** Theirs are whole numbers. */
const whole = (count: number | undefined) => (count === undefined ? undefined : Math.round(count))

export const stated = (of: Usage): typeof Responses.Usage.Encoded => {
  const { input, output } = Tokens.write(of)
  return {
    inputTokens: {
      total: whole(input.total),
      uncached: whole(input.plain),
      cacheRead: whole(input.cacheRead),
      cacheWrite: whole(input.cacheWrite)
    },
    outputTokens: { total: whole(output.total), text: whole(output.text), reasoning: whole(output.reasoning) }
  }
}

/** The vendor's word is ours to carry; without it theirs is. */
export const finish = (reason: Responses.FinishReason, metadata: Metadata): Finish => {
  const { raw } = ours(metadata)
  if (reason === "unknown") return { kind: "unknown", raw: null }
  return {
    kind: reason === "pause" ? "other" : reason,
    raw: typeof raw === "string" ? raw : raw === null ? null : reason
  }
}
