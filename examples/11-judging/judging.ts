/**
 * Answers that are there already: what can be verified is verified, judges rank the rest, and a person's picks say which
 * judges to trust next time. Simulated judges: no key, no network.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { rankAnswersPromise } from "@consortium/cli/BuildDataset"
import { calibrate } from "@consortium/pipeline/Calibrate"
import { layerOf } from "@consortium/pipeline/Inspect"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"

const folder = new URL("out/", import.meta.url)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
const answers = new URL("answers.jsonl", folder).pathname
const rows = Array.from({ length: 24 }, (_, n) => ({
  id: `sum-${n}`,
  prompt: `What is ${n} + ${n}? Say how you know.`,
  answer: 2 * n,
  candidates: [
    { text: `Counting on by ${n} from ${n} gives ${2 * n}.`, model: "first" },
    { text: `Twice ${n} is ${2 * n}.`, model: "second" },
    { text: `It is ${2 * n + 1}.`, model: "third" }
  ]
}))
writeFileSync(answers, rows.map((row) => `${JSON.stringify(row)}\n`).join(""))

const judges = ["simulated/careful", "simulated/brisk", "simulated/rambler"] as const
const options = { answers, judges, out: folder.pathname, checks: ["exact:answer"] } as const
const { ledger } = await rankAnswersPromise(options)
console.log(ledger.examples, "rows are ranked; the wrong sums were held back before any judge")

interface Ranked {
  readonly id: string
  readonly candidates: ReadonlyArray<{ readonly id: string; readonly text: string }>
}
const ranked = readFileSync(new URL("dataset.jsonl", folder), "utf8").trim().split("\n")
// Somebody likes the short ones.
const picks = ranked.map((line) => {
  const { candidates, id }: Ranked = JSON.parse(line)
  return { id, pick: candidates.find(({ text }) => text.startsWith("Twice"))?.id ?? "" }
})
const learn = calibrate(picks).pipe(Effect.provide(layerOf(folder.pathname)), Effect.provide(NodeServices.layer))
const { accuracy, labels, weights } = await Effect.runPromise(learn)
console.log(`${labels} picks: the picked answer was first in ${(100 * accuracy.equal).toFixed(0)} %; weights`, weights)

const again = await rankAnswersPromise({ ...options, weights })
console.log("counted again with them:", again.calls, "calls")
