import { assert, describe, it } from "@effect/vitest"
import type { Summary } from "@consortium/pipeline/BuildDataset"
import { render } from "../src/Summary.js"

const summary: Summary = {
  outcome: "done",
  ledger: {
    rows: 9,
    selected: 3,
    notSelected: 4,
    duplicate: 1,
    invalid: 1,
    failed: 0,
    pending: 0,
    examples: 2,
    rejected: 1,
    unfinished: 0
  },
  open: 0,
  stoppedBy: "target",
  cut: 0,
  averaged: 0,
  calls: 12,
  stored: 3,
  usd: 1.5,
  members: [
    { id: "simulated/plain", chosen: 2, answered: 3, failed: 1 },
    { id: "a", chosen: 0, answered: 10, failed: 0 }
  ],
  judges: [{ id: "careful", given: 4, absent: 1 }],
  simulated: false,
  files: ["o/dataset.jsonl", "o/run.db"]
}

describe("summary", () => {
  it("shows the ledger as sums, and members and judges in columns", () => {
    assert.strictEqual(
      render(summary),
      `Consortium run
  rows      9 = 3 selected + 4 not selected + 1 duplicate + 1 invalid
  selected  3 = 2 examples + 1 rejected (stopped: target)
  calls     12 made, 3 answered from the store
  cost      $1.50
members            chosen  answered  failed
  simulated/plain       2         3       1
  a                     0        10       0
judges             orders  absent
  careful               4       1
files in o
  dataset.jsonl  run.db
`
    )
  })

  it("says that models were simulated, and that a price is unknown", () => {
    const text = render({ ...summary, simulated: true, usd: null })
    assert.match(text, /^Consortium run \(simulated\)\n/)
    assert.match(text, /cost +unknown\n/)
  })
})
