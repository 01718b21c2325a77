/** From the words of `--rule`, `--guard` and `--start` to the rule. */
import { PromptId } from "@consortium/core/Ids"
import type { Seed } from "@consortium/core/Seed"
import type { Selector, StopRule } from "@consortium/core/Selection"
import * as FacilityLocation from "@consortium/selector/FacilityLocation"
import * as FarthestFirst from "@consortium/selector/FarthestFirst"
import * as Fence from "@consortium/selector/Fence"
import * as KMeansPlusPlus from "@consortium/selector/KMeansPlusPlus"
import * as MaximalMarginalRelevance from "@consortium/selector/MaximalMarginalRelevance"
import * as RandomDraw from "@consortium/selector/RandomDraw"
import * as Stratified from "@consortium/selector/Stratified"
import type { Guard } from "@consortium/selector/Guard"
import * as Result from "effect/Result"
import { UsageError } from "../Settings.js"
import { guardOf } from "./guard.js"
import type { SelectFlags } from "./selectFlags.js"

const startOf = (said: string | undefined, seed: Seed): Fence.Start | undefined => {
  if (said === undefined || said === "typical" || said === "first") return said
  return said === "random" ? { random: seed } : { id: PromptId.make(said) }
}

/** Flags that a rule has no use for are refused rather than left out in silence. */
const needless = ({ lambda, rule = "fence", start }: SelectFlags): string | undefined => {
  if (lambda !== undefined && rule !== "mmr") return `--lambda is for --rule mmr, not for ${rule}`
  const opens = rule === "fence" || rule === "farthest-first" || rule === "mmr"
  return start !== undefined && !opens ? `--start is for fence, farthest-first and mmr, not for ${rule}` : undefined
}

/** The guard that a rule has: said, or its own. */
export const guardIn = ({ guard, rule }: Pick<SelectFlags, "guard" | "rule">): Result.Result<Guard, string> =>
  guard === undefined ? Result.succeed(rule === "random" ? "off" : "adaptive") : guardOf(guard)

export const ruleOf = (flags: SelectFlags, stop: StopRule, seed: Seed): Selector["Service"] | UsageError => {
  const wrong = needless(flags)
  if (wrong !== undefined) return new UsageError({ detail: wrong })
  if (flags.start === "")
    return new UsageError({ detail: "--start: say typical, first, random, or the id of a prompt" })
  const read = guardIn(flags)
  if (Result.isFailure(read)) return new UsageError({ detail: read.failure })
  const start = startOf(flags.start, seed)
  const common = { guard: read.success }
  const opening = { ...common, ...(start !== undefined && { start }) }
  const rule = (own: StopRule): Selector["Service"] => {
    switch (flags.rule ?? "fence") {
      case "fence":
        return Fence.make({ stop: own, ...opening })
      case "farthest-first":
        return FarthestFirst.make({ stop: own, ...opening })
      case "mmr":
        return MaximalMarginalRelevance.make({
          stop: own,
          ...opening,
          ...(flags.lambda !== undefined && { lambda: flags.lambda })
        })
      case "facility-location":
        return FacilityLocation.make({ stop: own, seed, ...common })
      case "k-means++":
        return KMeansPlusPlus.make({ stop: own, seed, ...common })
      case "random":
        return RandomDraw.make({ stop: own, seed, ...common })
    }
  }
  return flags.by === undefined ? rule(stop) : Stratified.make({ rule, stop })
}
