import { differences } from "@consortium/pipeline/RunConfig"
import { assert, describe, it } from "@effect/vitest"

describe("two runs' settings", () => {
  it("are the same whatever the order of their fields", () => {
    const there = { seed: 7, members: [{ id: "a", sampling: { temperature: 1, topP: 0.5 } }], tripwire: null }
    const here = { members: [{ sampling: { topP: 0.5, temperature: 1 }, id: "a" }], seed: 7 }
    assert.deepStrictEqual(differences(there, here), [])
  })

  it("differ by name, with both values; the order of members is a difference", () => {
    assert.deepStrictEqual(
      differences({ seed: 7, quorum: 1, members: ["a", "b"] }, { seed: 8, quorum: 1, members: ["b", "a"], target: 3 }),
      ["seed: there 7, here 8", 'members: there ["a","b"], here ["b","a"]', "target: there null, here 3"]
    )
  })
})
