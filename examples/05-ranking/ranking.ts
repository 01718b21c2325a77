/** An own judge and the panel: two answers, three judges that read length, politeness and punctuation. */
import * as Aggregate from "@consortium/aggregation/Aggregate"
import { Ballot } from "@consortium/core/Ballot"
import { JudgeId, Label, PromptId } from "@consortium/core/Ids"
import { type Judge, Panel } from "@consortium/core/Judge"
import { message } from "@consortium/core/Prompt"
import { Aggregator } from "@consortium/core/Ranking"
import { Seed } from "@consortium/core/Seed"
import * as Panels from "@consortium/panel/Panel"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** Ranks by a mark that it gives each text; equal marks are ties. */
const by = (name: string, mark: (text: string) => number): Judge => ({
  id: JudgeId.make(name),
  judge: (sheet) => {
    const marks = new Map<number, Array<Label>>()
    for (const { label, text } of sheet.options) marks.set(mark(text), [...(marks.get(mark(text)) ?? []), label])
    const tiers = [...marks].sort(([a], [b]) => b - a).map(([, labels]) => labels)
    return Effect.fromResult(Ballot.make(sheet, { tiers }))
  }
})

const sheet = {
  promptId: PromptId.make("tea"),
  task: [message("user", "How long should green tea steep?")],
  options: [
    { label: Label.make("R1"), text: "Two to three minutes, please not longer." },
    { label: Label.make("R2"), text: "depends" }
  ]
} as const

const program = Effect.gen(function* () {
  const ballots = yield* (yield* Panel).judge(sheet)
  const ranking = yield* Effect.fromResult((yield* Aggregator).aggregate(ballots))
  for (const place of ranking.places) console.log(place.label, place.score.toFixed(2), place.pBest.toFixed(2))
  console.log(`${ranking.agree} of ${ranking.judges} judges agree`)
})

const seed = Seed.make(1)
const judges = [
  by("length", (text) => text.length),
  by("manners", (text) => (text.includes("please") ? 1 : 0)),
  by("brevity", (text) => -text.length)
] as const
const stages = Layer.mergeAll(Panels.layer({ judges, seed }), Aggregate.layer({ seed }))
await Effect.runPromise(Effect.provide(program, stages))
