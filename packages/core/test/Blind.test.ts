import { arrange, Key, type Sheet, seal } from "@consortium/core/Blind"
import type { Label } from "@consortium/core/Ids"
import { Seed } from "@consortium/core/Seed"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { inspect } from "node:util"
import { candidatesOf, seed, sheetOf } from "./Synthetic.js"

const int = (minimum: number, maximum: number) =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))
const texts = (sheet: Sheet) => sheet.options.map((option) => option.text)

describe("seal", () => {
  it("shows each text once and no name; the key knows every author, first asked first", () => {
    const candidates = candidatesOf(["same ", "other", null, "same", "  same"])
    const [sheet, key] = seal(candidates, seed)
    assert.deepStrictEqual([...texts(sheet)].sort(), ["other", "same"])
    assert.deepStrictEqual(
      sheet.options.map((option) => option.label),
      ["R1", "R2"]
    )
    const label = sheet.options.find((option) => option.text === "same")?.label
    assert.strictEqual(label && Key.open(key, label).join(), "p1/m0/0,p1/m3/0,p1/m4/0")
    for (const option of sheet.options) {
      for (const id of Key.open(key, option.label)) assert.strictEqual(Key.labelOf(key, id), option.label)
    }
    const failed = candidates.all[2]
    assert.isUndefined(failed && Key.labelOf(key, failed.id))
    assert.notInclude(JSON.stringify(sheet), "m0")
  })

  it("takes another surface for judges", () => {
    const [sheet] = seal(candidatesOf(["Yes", "YES", "no"]), seed, (text) => text.toLowerCase())
    assert.deepStrictEqual([...texts(sheet)].sort(), ["no", "yes"])
  })

  it("is the same for the same seed, and hides the order of the members", () => {
    const candidates = candidatesOf(["a", "b", "c", "d"])
    assert.deepStrictEqual(seal(candidates, seed)[0], seal(candidates, seed)[0])
    const orders = new Set(Array.from({ length: 50 }, (_, n) => texts(seal(candidates, Seed.make(n))[0]).join("")))
    assert.isAbove(orders.size, 10)
  })

  it("makes a key that cannot be printed, copied or guessed", () => {
    const [, key] = seal(candidatesOf(["a", "b"]), seed)
    assert.notInclude(inspect(key, { depth: 9, showHidden: true }), "m0")
    assert.strictEqual(JSON.stringify({ ...key, key }), '{"key":{}}')
    const foreign = sheetOf(3).options[2]
    assert.throws(() => foreign && Key.open(key, foreign.label), /R3 is not of this key/)
  })
})

describe("arrange", () => {
  it.prop(
    "only renames and reorders: every text once, and restore is the inverse",
    [int(1, 30), int(0, 9), int(1, 10), int(0, 5)],
    ([n, judge, judges, pass]) => {
      const sheet = sheetOf(n)
      const shown = arrange(sheet, seed, { judge, judges, pass })
      assert.deepStrictEqual([...texts(shown.sheet)].sort(), [...texts(sheet)].sort())
      assert.strictEqual(new Set(shown.sheet.options.map((option) => option.label)).size, n)
      for (const [index, option] of shown.sheet.options.entries()) {
        const own = shown.restore(option.label)
        assert.strictEqual(own, shown.order[index])
        assert.strictEqual(sheet.options.find((one) => one.label === own)?.text, option.text)
      }
      const unknown = sheetOf(1).options[0].label
      assert.isUndefined(shown.restore(unknown))
    }
  )

  it.prop(
    "is a Latin square: over the judges each candidate stands at as many places as there can be",
    [int(2, 12), int(1, 12)],
    ([n, judges]) => {
      const sheet = sheetOf(n)
      const places = new Map<Label, Map<number, number>>()
      for (let judge = 0; judge < judges; judge++) {
        for (const [place, label] of arrange(sheet, seed, { judge, judges, pass: 0 }).order.entries()) {
          const of = places.get(label) ?? new Map<number, number>()
          places.set(label, of.set(place, (of.get(place) ?? 0) + 1))
        }
      }
      for (const of of places.values()) {
        assert.strictEqual(of.size, Math.min(n, judges))
        assert.isAtMost(Math.max(...of.values()), Math.ceil(judges / n))
      }
    }
  )

  it.prop(
    "shows the reverse in the pass after an even one, and another permutation after both",
    [int(2, 9), int(0, 4), int(0, 3)],
    ([n, judge, half]) => {
      const order = (pass: number) => arrange(sheetOf(n), seed, { judge, judges: 5, pass }).order
      assert.deepStrictEqual([...order(2 * half + 1)].reverse(), [...order(2 * half)])
    }
  )

  it("draws a new permutation for each pair of passes", () => {
    const orders = [0, 2, 4, 6].map((pass) => arrange(sheetOf(9), seed, { judge: 0, judges: 1, pass }).order.join())
    assert.strictEqual(new Set(orders).size, 4)
  })

  it("shows a subset for a play-off, with letters from A", () => {
    const sheet = sheetOf(5)
    const only = [sheet.options[1], sheet.options[4]].flatMap((option) => (option === undefined ? [] : [option.label]))
    const shown = arrange(sheet, seed, { judge: 0, judges: 1, pass: 0, only })
    assert.deepStrictEqual([...shown.order].sort(), [...only].sort())
    assert.deepStrictEqual(
      shown.sheet.options.map((option) => option.label),
      ["A", "B"]
    )
    assert.throws(() => arrange(sheet, seed, { judge: 0, judges: 1, pass: 0, only: [] }), /no option/)
  })

  it("has letters for more than 26", () => {
    const labels: ReadonlyArray<string> = arrange(sheetOf(30), seed, {
      judge: 0,
      judges: 1,
      pass: 0
    }).sheet.options.map((option) => option.label)
    assert.deepStrictEqual(labels.slice(24, 30), ["Y", "Z", "AA", "AB", "AC", "AD"])
  })
})
