import { Ballot, InvalidBallot } from "@consortium/core/Ballot"
import { arrange } from "@consortium/core/Blind"
import { Label } from "@consortium/core/Ids"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { seed, sheetOf } from "./Synthetic.js"

const label = (name: string) => Label.make(name)
const sheet = sheetOf(3)
const [a, b, c] = [label("R1"), label("R2"), label("R3")]

const failureOf = (said: Parameters<typeof Ballot.make>[1]): InvalidBallot => {
  const result = Ballot.make(sheet, said)
  if (Result.isSuccess(result)) throw new Error("it is valid")
  return result.failure
}

/** Each of five labels, and two unknown ones, to any places of a ballot, none or several. */
const names = ["R1", "R2", "R3", "R4", "R5", "X", "Y"]
const place = Schema.Literals(["tier 0", "tier 1", "tier 2", "unranked", "unacceptable"])
const sayings = Arbitrary.all(
  names.map((name) =>
    Arbitrary.map(Arbitrary.array(Arbitrary.schema(place), { maxLength: name < "S" ? 2 : 1 }), (places) => ({
      name,
      places
    }))
  )
)

describe("Ballot.make", () => {
  it.prop(
    "takes exactly what places the sheet's labels once each and says something of at least one",
    [sayings],
    ([list]) => {
      const of = (where: string) =>
        list.flatMap(({ name, places }) => places.filter((one) => one === where).map(() => label(name)))
      const result = Ballot.make(sheetOf(5), {
        tiers: [of("tier 0"), of("tier 1"), of("tier 2")],
        unranked: of("unranked"),
        unacceptable: of("unacceptable")
      })
      const once = list.every(({ name, places }) => places.length === (name < "S" ? 1 : 0))
      const something = list.some(({ places }) => places.some((one) => one !== "unranked"))
      assert.strictEqual(Result.isSuccess(result), once && something)
      if (Result.isFailure(result)) {
        assert.deepStrictEqual(
          [...result.failure.missing].sort(),
          list.filter(({ name, places }) => name < "S" && places.length === 0).map(({ name }) => name)
        )
      } else {
        const { tiers, unranked, unacceptable } = result.success
        assert.isTrue(tiers.every((tier) => tier.length > 0))
        assert.deepStrictEqual([...tiers.flat(), ...unranked, ...unacceptable].sort(), ["R1", "R2", "R3", "R4", "R5"])
      }
    },
    { arbitrary: { runs: 300 } }
  )

  it("says what is missing, unknown and repeated", () => {
    const error = failureOf({ tiers: [[a], [a, label("Z")]], unranked: [b] })
    assert.deepStrictEqual([error.missing, error.unknown, error.repeated], [["R3"], ["Z"], ["R1"]])
    assert.strictEqual(error.message, "not a valid order: missing R3; unknown Z; repeated R1")
    assert.isFalse(error.isRetryable)
  })

  it("refuses silence and an impossible confidence", () => {
    assert.include(failureOf({ tiers: [], unranked: [a, b, c] }).message, "nothing is ranked")
    for (const confidence of [-0.1, 1.1, Number.NaN]) {
      assert.include(failureOf({ tiers: [[a, b, c]], confidence }).message, `${confidence}`)
    }
  })

  it("takes a ballot that only says what is unacceptable, and drops empty tiers", () => {
    const none = Result.getOrThrow(Ballot.make(sheet, { tiers: [], unacceptable: [a, b, c] }))
    assert.deepStrictEqual(none.tiers, [])
    const some = Result.getOrThrow(Ballot.make(sheet, { tiers: [[], [b], [], [a, c]], confidence: 1 }))
    assert.deepStrictEqual(some.tiers, [[b], [a, c]])
  })
})

describe("restore", () => {
  it("brings a judge's letters back to the sheet's labels, tiers, reasons and all", () => {
    const shown = arrange(sheet, seed, { judge: 1, judges: 3, pass: 0 })
    const [first, second, third] = shown.order
    const ballot = Result.getOrThrow(
      Ballot.make(shown.sheet, {
        tiers: [[label("B")], [label("A")]],
        unacceptable: [label("C")],
        reasons: new Map([[label("B"), "clear"]]),
        mended: ["a trailing comma"],
        confidence: 0.5
      })
    )
    const back = Result.getOrThrow(ballot.restore(sheet, shown.restore))
    assert.deepStrictEqual(back.tiers.flat(), [second, first])
    assert.deepStrictEqual([...back.unacceptable], [third])
    assert.deepStrictEqual(second !== undefined && back.reasons.get(second), "clear")
    assert.deepStrictEqual([back.mended, back.confidence], [["a trailing comma"], 0.5])
  })

  it("leaves labels that were not shown unranked", () => {
    const only = [a, c]
    const shown = arrange(sheet, seed, { judge: 0, judges: 1, pass: 0, only })
    const ballot = Result.getOrThrow(Ballot.make(shown.sheet, { tiers: [[label("A")], [label("B")]] }))
    const back = Result.getOrThrow(ballot.restore(sheet, shown.restore))
    assert.deepStrictEqual(back.unranked, [b])
    assert.deepStrictEqual(back.tiers.flat(), [...shown.order])
  })

  it("refuses a ballot of another sheet", () => {
    const ballot = Result.getOrThrow(Ballot.make(sheet, { tiers: [[a, b, c]] }))
    assert.isTrue(Result.isFailure(ballot.restore(sheetOf(2), (one) => one)))
  })
})
