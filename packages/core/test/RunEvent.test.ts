import { balances, type Ledger } from "@consortium/core/RunEvent"
import { assert, describe, it } from "@effect/vitest"

const ledger: Ledger = {
  rows: 10,
  selected: 4,
  notSelected: 2,
  duplicate: 1,
  invalid: 1,
  failed: 1,
  pending: 1,
  examples: 2,
  rejected: 1,
  unfinished: 1
}

describe("balances", () => {
  it("holds when every row is somewhere once, and every selected one too", () => {
    assert.isTrue(balances(ledger))
    assert.isFalse(balances({ ...ledger, rows: 11 }))
    assert.isFalse(balances({ ...ledger, examples: 3 }))
  })
})
