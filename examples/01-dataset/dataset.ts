/** From a file of prompts to a ranked dataset, as a promise. Simulated members: no key, no network. */
import { readFileSync, rmSync } from "node:fs"
import { buildDatasetPromise } from "@consortium/cli/BuildDataset"

const out = new URL("out/", import.meta.url)
rmSync(out, { recursive: true, force: true })

const summary = await buildDatasetPromise({
  prompts: new URL("../demo/prompts.jsonl", import.meta.url).pathname,
  out: out.pathname,
  members: ["simulated/scholar", "simulated/plain", "simulated/sloppy"],
  judges: ["simulated/careful", "simulated/brisk", "simulated/rambler"],
  select: { targetSize: 4, tripwire: 0.95 },
  seed: 7
})

console.log(summary.ledger.rows, "rows,", summary.ledger.examples, "examples")
for (const line of readFileSync(new URL("dataset.jsonl", out), "utf8").trim().split("\n")) {
  const { id, chosen, score, agreement } = JSON.parse(line)
  console.log(id, chosen.member, score.toFixed(2), `${agreement.first} of ${agreement.of} judges`)
}
