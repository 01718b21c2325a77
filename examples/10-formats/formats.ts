/** What goes in and what trainers load, without a run of its own: prompts are cleaned, a ranked dataset becomes pairs. */
import { existsSync } from "node:fs"
import { buildDatasetPromise } from "@consortium/cli/BuildDataset"
import * as Curate from "@consortium/curation/Curate"
import { formats } from "@consortium/formats/Formats"
import * as PromptFile from "@consortium/formats/PromptFile"
import * as RankedFile from "@consortium/formats/RankedFile"
import { writeIterable } from "@consortium/formats/Write"

const prompts = new URL("../demo/prompts.jsonl", import.meta.url).pathname
let kept = 0
for await (const row of Curate.rows(PromptFile.rows({ path: prompts }), { dedupe: "near", scrub: true })) {
  if (row._tag === "Prompt") kept++
  if (row._tag === "Dropped") console.log("left out:", row.prompt.id, row.why, "of", row.of)
}
console.log(kept, "prompts are kept")

// A small ranked dataset, from simulated members.
const out = new URL("out/", import.meta.url).pathname
if (!existsSync(`${out}dataset.jsonl`)) {
  await buildDatasetPromise({
    prompts,
    out,
    members: ["simulated/scholar", "simulated/plain"],
    judges: ["simulated/careful"],
    select: { targetSize: 3 }
  })
}
const pairs = writeIterable(RankedFile.rows(`${out}dataset.jsonl`), { format: formats.dpo, pairs: "all" })
let bytes = 0
for await (const piece of pairs) bytes += piece.length
console.log(bytes > 0 ? "preference pairs as DPO trainers take them" : "no pair")
