import { Seed } from "@consortium/core/Seed"
import * as Coverage from "@consortium/selector/Coverage"
import * as FarthestFirst from "@consortium/selector/FarthestFirst"
import * as RandomDraw from "@consortium/selector/RandomDraw"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { allRows, cosine, matrixOf, nearest, randomMatrix, World } from "./pools.js"

const measured = (...parameters: Parameters<typeof Coverage.measure>) => Effect.runSync(Coverage.measure(...parameters))
const unit = (n: number, k: number) => Array.from({ length: n }, (_, j) => (j === k ? 1 : 0))
const identity = (n: number) => matrixOf(...Array.from({ length: n }, (_, k) => unit(n, k)))
const rowsOf = (n: number) => Uint32Array.from({ length: n }, (_, row) => row)

describe("Coverage", () => {
  it.prop("measures what brute force measures", World, ({ word, rows, dimension, lattice, target }) => {
    const matrix = randomMatrix(word, rows, dimension, lattice)
    const picks = rowsOf(Math.min(target, rows)).map((k) => rows - 1 - k)
    const { radius, meanNearest, nearDuplicates } = measured({ matrix, picks })
    const near = allRows(matrix).map((row) => nearest(matrix, row, picks))
    assert.approximately(radius, Math.sqrt(2 - 2 * Math.min(...near)), 1e-12)
    assert.approximately(meanNearest, near.reduce((sum, x) => sum + x, 0) / rows, 1e-12)
    const twins = (least: number) =>
      [...picks].filter((row) => [...picks].some((other) => other !== row && cosine(matrix, row, other) > least)).length
    assert.deepStrictEqual(nearDuplicates, { over90: twins(0.9), over98: twins(0.98) })
  })

  it("measures the same where rows are many enough for kernels", () => {
    const matrix = randomMatrix(12, 300, 70)
    const picks = rowsOf(250)
    const { cosines, to } = Effect.runSync(Coverage.assign({ matrix, picks }))
    for (const row of [0, 100, 249, 250, 299]) assert.strictEqual(cosines[row], nearest(matrix, row, picks))
    for (const row of [250, 275, 299]) assert.strictEqual(cosine(matrix, row, to[row] ?? 0), cosines[row])
    const wide = matrixOf(...allRows(matrix).map((row) => [...matrix.row(row), ...unit(250, 250)]))
    assert.approximately(measured({ matrix: wide, picks }).vendi, measured({ matrix, picks }).vendi, 1e-4)
  })

  it.prop(
    "assigns each row to its nearest pick, the earlier of equal ones",
    World,
    ({ word, rows, dimension, lattice, target }) => {
      const matrix = randomMatrix(word, rows, dimension, lattice)
      const picks = rowsOf(Math.min(target, rows))
      const { to, cosines, counts } = Effect.runSync(Coverage.assign({ matrix, picks }))
      const expected = allRows(matrix).map((row) => {
        const near = [...picks].map((pick) => cosine(matrix, row, pick))
        // Rounding is clipped after the comparison.
        return near.indexOf(Math.max(...near))
      })
      for (const row of allRows(matrix)) {
        assert.strictEqual(cosines[row], nearest(matrix, row, picks))
        if ((cosines[row] ?? 0) < 1) assert.strictEqual(to[row], expected[row])
      }
      assert.strictEqual(
        counts.reduce((sum, x) => sum + x, 0),
        rows
      )
      for (const k of picks.keys()) assert.strictEqual(counts[k], [...to].filter((place) => place === k).length)
    }
  )

  it("has a Vendi score of 1 for equal rows, and of their number for orthonormal ones", () => {
    const same = matrixOf([1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3])
    assert.approximately(measured({ matrix: same, picks: rowsOf(4) }).vendi, 1, 1e-5)
    assert.approximately(measured({ matrix: identity(5), picks: rowsOf(5) }).vendi, 5, 1e-5)
    assert.approximately(measured({ matrix: identity(5), picks: rowsOf(3) }).vendi, 3, 1e-5)
    const twice = matrixOf(unit(3, 0), unit(3, 0), unit(3, 1), unit(3, 1))
    assert.approximately(measured({ matrix: twice, picks: rowsOf(4) }).vendi, 2, 1e-5)
    // Eigenvalues .75 and .25 of two rows at 60 degrees.
    const sixty = measured({ matrix: matrixOf([1, 0, 0], [0.5, Math.sqrt(0.75), 0]), picks: rowsOf(2) }).vendi
    assert.approximately(sixty, Math.exp(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25)), 1e-6)
  })

  it.prop("has the same Vendi score by rows and by coordinates", World, ({ word, rows, dimension }) => {
    const matrix = randomMatrix(word, rows, dimension)
    const wide = matrixOf(...allRows(matrix).map((row) => [...matrix.row(row), ...unit(30, 30)]))
    const picks = rowsOf(rows)
    assert.approximately(measured({ matrix, picks }).vendi, measured({ matrix: wide, picks }).vendi, 1e-6)
  })

  it("sets a selection beside a random draw of its size", () => {
    const matrix = randomMatrix(3, 400, 5)
    const seed = Seed.make(9)
    const selection = Effect.runSync(FarthestFirst.make({ stop: { targetSize: 20 } }).select({ matrix }))
    const report = Effect.runSync(Coverage.report(selection, { seed }))
    const drawn = Effect.runSync(RandomDraw.make({ stop: { targetSize: 20 }, seed }).select({ matrix }))
    assert.deepStrictEqual(report.chosen, measured(selection))
    assert.deepStrictEqual(report.random, measured(drawn))
    assert.isBelow(report.chosen.radius, report.random.radius)
    assert.deepStrictEqual([report.rows, report.isSampled, report.vendiOf], [400, false, 20])
  })

  it("measures a sample where all is too much work, and says so", () => {
    const matrix = randomMatrix(3, 3_000, 4)
    const picks = rowsOf(50)
    const report = Effect.runSync(Coverage.report({ matrix, picks }, { work: 1 }))
    assert.deepStrictEqual([report.rows, report.isSampled], [1000, true])
    const exact = measured({ matrix, picks })
    assert.isAtMost(report.chosen.radius, exact.radius)
    assert.approximately(report.chosen.meanNearest, exact.meanNearest, 0.02)
    assert.strictEqual(Effect.runSync(Coverage.assign({ matrix, picks }, { work: 1 })).rows.length, 1000)
  })

  it("has something to say of no picks", () => {
    const { radius, meanNearest, vendi } = measured({ matrix: identity(2), picks: new Uint32Array(0) })
    assert.deepStrictEqual([radius, meanNearest, vendi], [Infinity, -1, 0])
  })

  it("says why a prompt was chosen and which it stands for", () => {
    const matrix = matrixOf([1, 0], [1, 0.2], [1, 0.1], [0, 1])
    const selection = Effect.runSync(FarthestFirst.make({ stop: { targetSize: 2 }, start: "first" }).select({ matrix }))
    const assignment = Effect.runSync(Coverage.assign(selection))
    const first = Coverage.why(selection, 0, assignment)
    assert.deepStrictEqual([first.pick.row, [...first.standsFor]], [0, [0, 2, 1]])
    assert.notProperty(first, "nearest")
    const second = Coverage.why(selection, 1, assignment)
    assert.deepStrictEqual(
      [second.pick.row, second.nearest?.rank, second.nearest?.cosine, [...second.standsFor]],
      [3, 0, 0, [3]]
    )
    assert.throws(() => Coverage.why(selection, 2, assignment), RangeError)
  })

  it.live("can be interrupted in the middle", () =>
    Effect.gen(function* () {
      const matrix = randomMatrix(6, 4_000, 64)
      const fiber = yield* Effect.forkChild(Coverage.measure({ matrix, picks: rowsOf(4_000) }))
      yield* Effect.sleep("5 millis")
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
    })
  )
})
