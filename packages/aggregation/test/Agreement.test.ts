import * as Kappa from "@consortium/aggregation/Kappa"
import * as Kendall from "@consortium/aggregation/Kendall"
import * as Krippendorff from "@consortium/aggregation/Krippendorff"
import { assert, describe, it } from "@effect/vitest"

describe("Kendall", () => {
  it("gives the published tau-b, with ties", () => {
    // The example in SciPy's documentation of kendalltau.
    assert.approximately(Kendall.tau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]), -0.47140452079103173, 1e-12)
    assert.strictEqual(Kendall.tau([1, 2, 3], [4, 5, 6]), 1)
    assert.isNaN(Kendall.tau([1, 1], [1, 2]))
  })

  it("gives W as worked by hand", () => {
    assert.approximately(
      Kendall.w([
        [3, 2, 1],
        [3, 2, 1],
        [1, 2, 3]
      ]),
      24 / 216,
      1e-12
    )
    assert.approximately(
      Kendall.w([
        [9, 4, 1],
        [5, 3, 2]
      ]),
      1,
      1e-12
    )
    // Ranks 1.5 1.5 3 and 1 2 3: sums 2.5 3.5 6, S = 6.5, ties 6; 12 · 6.5 / (4 · 24 − 2 · 6).
    assert.approximately(
      Kendall.w([
        [2, 2, 1],
        [3, 2, 1]
      ]),
      78 / 84,
      1e-12
    )
  })
})

describe("Krippendorff", () => {
  it("gives the published alphas for four coders with gaps", () => {
    // Krippendorff 2011, section C: 12 units, 4 observers.
    const coders = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    const units = Array.from({ length: 12 }, (_, at) =>
      coders.map((coder) => (coder[at] === "." ? null : Number(coder[at])))
    )
    assert.approximately(Krippendorff.alpha(units, "nominal"), 0.743, 5e-4)
    assert.approximately(Krippendorff.alpha(units, "ordinal"), 0.815, 5e-4)
    assert.approximately(Krippendorff.alpha(units, "interval"), 0.849, 5e-4)
    assert.isNaN(
      Krippendorff.alpha([
        [1, null],
        [null, 2]
      ])
    )
  })
})

describe("Kappa", () => {
  it("gives Cohen's as published, and weighted as worked by hand", () => {
    // Wikipedia, "Cohen's kappa": 20 both yes, 5 and 10 mixed, 15 both no.
    const rows = [
      [1, 1, 20],
      [1, 0, 5],
      [0, 1, 10],
      [0, 0, 15]
    ] as const
    const a = rows.flatMap(([x, , count]) => new Array<number>(count).fill(x))
    const b = rows.flatMap(([, y, count]) => new Array<number>(count).fill(y))
    assert.approximately(Kappa.cohen(a, b), 0.4, 1e-12)
    // Distances 0, 1, 2 of three things; expected 8 / 9 per thing, squares 12 / 9.
    assert.approximately(Kappa.cohen([1, 2, 3], [1, 3, 2], "linear"), 1 - (2 * 3) / 8, 1e-12)
    assert.approximately(Kappa.cohen([1, 2, 3], [1, 3, 2], "quadratic"), 1 - (2 * 3) / 12, 1e-12)
  })

  it("gives Fleiss' as published", () => {
    // Wikipedia, "Fleiss' kappa": ten subjects, fourteen raters, five categories.
    const counts = [
      [0, 0, 0, 0, 14],
      [0, 2, 6, 4, 2],
      [0, 0, 3, 5, 6],
      [0, 3, 9, 2, 0],
      [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0],
      [3, 2, 6, 3, 0],
      [2, 5, 3, 2, 2],
      [6, 5, 2, 1, 0],
      [0, 2, 2, 3, 7]
    ]
    assert.approximately(Kappa.fleiss(counts), 0.21, 5e-4)
  })
})
