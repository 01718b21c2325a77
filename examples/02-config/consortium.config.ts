/** A configuration in code: names and own parts side by side. In this folder: consortium run ../demo/prompts.jsonl */
import { defineConsortium } from "@consortium/cli/Config"
import { Ballot } from "@consortium/core/Ballot"
import { JudgeId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import * as Fence from "@consortium/selector/Fence"
import * as Effect from "effect/Effect"

/** A judge without a model: the shorter, the better. It sees letters and texts, as every judge does. */
const brief: Judge = {
  id: JudgeId.make("brief"),
  judge: (sheet) => {
    const shortest = [...sheet.options].sort((a, b) => a.text.length - b.text.length)
    return Effect.fromResult(Ballot.make(sheet, { tiers: shortest.map(({ label }) => [label]) }))
  }
}

const select = { targetSize: 4 } as const

export default defineConsortium({
  members: ["simulated/scholar", { model: "simulated/plain", id: "terse", system: "Answer in one sentence." }],
  judges: ["simulated/careful", brief],
  select,
  // The default rule with a guard: near-duplicates of chosen prompts are passed over.
  stages: { selector: Fence.layer({ stop: select, guard: 0.9 }) },
  seed: 7,
  out: "out"
})
