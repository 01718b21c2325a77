/** A budget as people say it: `20 usd`, `$20`, `2e6 tokens`, `500 calls`, or several of them with commas. */
import * as Result from "effect/Result"
import type { RunBudget } from "@consortium/pipeline/RunConfig"

const units: Readonly<Record<string, keyof RunBudget>> = {
  usd: "usd",
  $: "usd",
  dollar: "usd",
  dollars: "usd",
  token: "tokens",
  tokens: "tokens",
  call: "calls",
  calls: "calls"
}

const one = (said: string): Partial<Record<keyof RunBudget, number>> | undefined => {
  const [, before, number, after] = /^(\$)?\s*([\d.]+(?:e\d+)?)\s*([a-z]*)$/i.exec(said.trim()) ?? []
  const unit = units[(before ?? after ?? "").toLowerCase()]
  const amount = Number(number)
  return unit === undefined || number === undefined || !(amount >= 0) ? undefined : { [unit]: amount }
}

/** What was said, or how to say it. */
export const parseBudget = (said: string): Result.Result<RunBudget, string> => {
  const parts = said.split(",").map(one)
  const wrong = `--budget ${said}: say it like "20 usd", "2000000 tokens" or "500 calls", or several with commas`
  const merged: RunBudget = Object.assign({}, ...parts)
  return parts.includes(undefined) ? Result.fail(wrong) : Result.succeed(merged)
}
