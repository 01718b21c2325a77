import { seal } from "@consortium/core/Blind"
import { example } from "@consortium/core/Example"
import type { Ballots } from "@consortium/core/Judge"
import { PromptId } from "@consortium/core/Ids"
import { map } from "@consortium/core/NonEmpty"
import { open, type Ranking } from "@consortium/core/Ranking"
import { assert, describe, it } from "@effect/vitest"
import { candidatesOf, seed } from "./Synthetic.js"

const candidates = candidatesOf(["same", "other", "same", null])
const [sheet, key] = seal(candidates, seed)
const ballots: Ballots = { promptId: sheet.promptId, labels: map(sheet.options, (option) => option.label), votes: [] }
/** The places in the order of the sheet, the twins' answer first. */
const [winner, loser] = [...sheet.options].sort((a) => (a.text === "same" ? -1 : 1))
const place = (option: typeof winner, score: number) => {
  if (option === undefined) throw new Error("no option")
  return { label: option.label, score, pBest: score, acceptable: true }
}
const ranking: Ranking = {
  promptId: sheet.promptId,
  places: [place(winner, 0.8), place(loser, 0.2)],
  judges: 1,
  agree: 1
}

describe("open and example", () => {
  it("put the names back, twins together, and join by id", () => {
    const verdict = open(key, ranking)
    assert.deepStrictEqual(
      verdict.places.map((one) => one.candidates.join()),
      ["p1/m0/0,p1/m2/0", "p1/m1/0"]
    )
    assert.deepStrictEqual([verdict.places[0].score, verdict.judges, verdict.agree], [0.8, 1, 1])
    const made = example(candidates, ballots, verdict)
    assert.strictEqual(made.chosen.id, "p1/m0/0")
    assert.strictEqual(made.prompt, candidates.prompt)
  })

  it("do not join what belongs to another prompt", () => {
    const verdict = open(key, ranking)
    const other = PromptId.make("p2")
    assert.throws(() => example(candidates, ballots, { ...verdict, promptId: other }), /not of prompt p1/)
    assert.throws(() => example(candidates, { ...ballots, promptId: other }, verdict), /not of prompt p1/)
  })
})
