import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import * as Seed from "@consortium/core/Seed"
import { type Pool, type Selection, Selector } from "@consortium/core/Selection"
import * as Fence from "@consortium/selector/Fence"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const matrixOf = (...rows: ReadonlyArray<ReadonlyArray<number>>): EmbeddingMatrix =>
  Result.getOrThrow(
    EmbeddingMatrix.make(
      { model: "m", dimension: rows[0]?.length ?? 0 },
      rows.map((_, index) => PromptId.make(`p${index}`)),
      Float32Array.from(rows.flat())
    )
  )
/** The pure rule, unless a guard is given. */
const select = (options: Fence.Options, pool: Pool) =>
  Selector.use((selector) => selector.select(pool)).pipe(Effect.provide(Fence.layer({ guard: "off", ...options })))
const selected = (options: Fence.Options, pool: Pool): Selection => Effect.runSync(select(options, pool))
const shape = ({ picks, cosines, stopped }: Selection) => [
  [...picks],
  [...cosines].map((cosine) => Math.round(cosine * 1e6) / 1e6),
  stopped
]

/** A pool of points on a small lattice, so that equal rows and equal scores happen often. */
const randomMatrix = (word: number, rows: number, dimension: number, lattice: boolean) => {
  const draw = Seed.draws(Seed.Seed.make(word >>> 0), "matrix")
  const coordinate = () => (lattice ? Math.floor(draw() * 3) - 1 : draw() * 2 - 0.8)
  return matrixOf(
    ...Array.from({ length: rows }, () => {
      const row = Array.from({ length: dimension }, coordinate)
      return row.every((x) => x === 0) ? row.map((_, j) => (j === 0 ? 1 : 0)) : row
    })
  )
}

/** The canonical score as its definition reads, lane by lane. */
const reference = (s: ReadonlyArray<number>, e: ReadonlyArray<number>): number => {
  const lane = (l: number) => s.reduce((sum, x, j) => (j % 8 === l ? sum + x * (e[j] ?? 0) : sum), 0)
  return lane(0) + lane(4) + (lane(2) + lane(6)) + (lane(1) + lane(5) + (lane(3) + lane(7)))
}

/** The fence, naively and from scratch at every step. */
const naive = (matrix: EmbeddingMatrix, first: number, stop: Fence.Options["stop"], guard = Infinity) => {
  const rows = Array.from({ length: matrix.rows }, (_, row) => [...matrix.row(row)])
  const picks = [first]
  const cosines = [-2]
  for (;;) {
    if (picks.length === stop.targetSize) return { picks, cosines, stopped: "target" }
    const sum = picks.reduce((s, row) => s.map((x, j) => x + (rows[row]?.[j] ?? 0)), rows[0]?.map(() => 0) ?? [])
    const left = rows.flatMap((e, row) => (picks.includes(row) ? [] : [{ row, e, score: reference(sum, e) }]))
    if (left.length === 0) return { picks, cosines, stopped: "exhausted" }
    const free = left.filter(({ e }) => picks.every((row) => Math.min(1, reference(e, rows[row] ?? [])) <= guard))
    const best = free.sort((a, b) => a.score - b.score || a.row - b.row)[0]
    if (best === undefined) return { picks, cosines, stopped: "guarded" }
    const length = Math.sqrt(reference(sum, sum))
    const cosine = length < 1e-9 * picks.length ? -2 : Math.max(-1, Math.min(1, best.score / length))
    if (cosine !== -2 && cosine > (stop.tripwire ?? Infinity)) return { picks, cosines, stopped: "tripwire" }
    picks.push(best.row)
    cosines.push(cosine)
  }
}
const World = {
  word: Schema.Int,
  rows: Schema.Literals([1, 2, 7, 30]),
  dimension: Schema.Literals([1, 3, 8, 13, 24]),
  lattice: Schema.Boolean,
  target: Schema.Literals([1, 2, 5, 40]),
  tripwire: Schema.Literals([-0.5, 0, 0.5, 1]),
  guard: Schema.Literals([0.5, 0.9, 1])
}

const square = matrixOf([1, 0], [0, 1], [-1, 0], [0, -1])
const fan = matrixOf([1, 0], [1, 0.1], [1, 1], [0, 1])

describe("Fence", () => {
  it("takes what is least like the average so far", () => {
    // From (1,0) the least similar is (0,1); their sum points to (1,1), from which (1,0.1) is farther than (1,1).
    const [picks, , stopped] = shape(selected({ stop: { targetSize: 3 }, start: "first" }, { matrix: fan }))
    assert.deepStrictEqual([picks, stopped], [[0, 3, 1], "target"])
  })

  it.prop(
    "equals a naive reference bit for bit",
    World,
    ({ word, rows, dimension, lattice, target, tripwire, guard }) => {
      const matrix = randomMatrix(word, rows, dimension, lattice)
      for (const stop of [{ targetSize: target }, { tripwire }, { targetSize: target, tripwire }]) {
        for (const options of [
          { stop, start: "first" },
          { stop, start: "first", guard }
        ] as const) {
          const { picks, cosines, stopped } = selected(options, { matrix })
          const expected = naive(matrix, 0, stop, "guard" in options ? guard : undefined)
          assert.deepStrictEqual({ picks: [...picks], cosines: [...cosines], stopped }, expected)
        }
      }
    }
  )

  it("starts where it is told to", () => {
    const first = (start: Fence.Start, matrix = fan) =>
      selected({ stop: { targetSize: 1 }, start }, { matrix }).picks[0]
    assert.strictEqual(first("first"), 0)
    assert.strictEqual(first({ id: PromptId.make("p2") }), 2)
    assert.strictEqual(first({ random: Seed.Seed.make(1) }), first({ random: Seed.Seed.make(1) }))
    const drawn = new Set(Array.from({ length: 50 }, (_, seed) => first({ random: Seed.Seed.make(seed) })))
    assert.deepStrictEqual([...drawn].sort(), [0, 1, 2, 3])
    // The mean points between (1,0.1) and (1,1), nearer to the latter.
    assert.strictEqual(first("typical"), 2)
    assert.strictEqual(selected({ stop: { targetSize: 1 } }, { matrix: fan }).picks[0], 2)
    // All alike: the lowest.
    assert.strictEqual(first("typical", matrixOf([1, 0], [1, 0], [1, 0])), 0)
  })

  it("says why it stopped", () => {
    const stopped = (stop: Fence.Options["stop"], matrix = fan) => selected({ stop, start: "first" }, { matrix })
    assert.deepStrictEqual(shape(stopped({ targetSize: 1 })), [[0], [-2], "target"])
    assert.strictEqual(stopped({ targetSize: 4 }).stopped, "target")
    assert.strictEqual(stopped({ targetSize: 5 }).stopped, "exhausted")
    assert.strictEqual(stopped({ targetSize: 5 }).picks.length, 4)
    assert.strictEqual(stopped({ tripwire: 1 }).stopped, "exhausted")
    const tripped = stopped({ tripwire: 0.5 })
    assert.deepStrictEqual([[...tripped.picks], tripped.stopped], [[0, 3], "tripwire"])
    assert.approximately(tripped.nextCosine ?? 0, Math.cos(Math.PI / 4 - Math.atan(0.1)), 1e-6)
    assert.notProperty(stopped({ targetSize: 2 }), "nextCosine")
  })

  it("chooses one of equal rows where there is a tripwire, the lowest first where there is none", () => {
    const alike = matrixOf([1, 2], [1, 2], [1, 2])
    const tripped = selected({ stop: { tripwire: 0.95 } }, { matrix: alike })
    assert.deepStrictEqual(shape(tripped), [[0], [-2], "tripwire"])
    assert.approximately(tripped.nextCosine ?? 0, 1, 1e-6)
    assert.deepStrictEqual(shape(selected({ stop: { targetSize: 3 } }, { matrix: alike })), [
      [0, 1, 2],
      [-2, 1, 1],
      "target"
    ])
  })

  it("goes on without tripwire and cosine where the collection cancels itself out", () => {
    assert.deepStrictEqual(shape(selected({ stop: { tripwire: -0.9 }, start: "first" }, { matrix: square })), [
      [0, 2, 1, 3],
      [-2, -1, -2, -1],
      "exhausted"
    ])
  })

  it("counts an earlier collection as chosen, and never chooses it again", () => {
    const pool = { matrix: fan, earlier: Uint32Array.of(3) }
    assert.deepStrictEqual(shape(selected({ stop: { targetSize: 2 } }, pool)), [[0, 1], [0, 0.773957], "target"])
    assert.strictEqual(
      selected({ stop: { targetSize: 2 } }, { matrix: fan, earlier: Uint32Array.of(0, 1, 2, 3) }).stopped,
      "exhausted"
    )
  })

  it("passes over near-duplicates of what is chosen", () => {
    const matrix = matrixOf([1, 0, 0], [0, 1, 0], [0, 1, 0.01], [1, 0.01, 0], [0, 0, 1])
    assert.deepStrictEqual(
      shape(selected({ stop: { targetSize: 5 }, start: "first", guard: 0.99 }, { matrix }))[0],
      [0, 1, 4]
    )
    assert.strictEqual(
      selected({ stop: { targetSize: 5 }, start: "first", guard: 0.99 }, { matrix }).stopped,
      "guarded"
    )
    assert.strictEqual(selected({ stop: { targetSize: 3 }, start: "first", guard: 0.99 }, { matrix }).stopped, "target")
  })

  it("takes one of equal rows, unless the guard is off", () => {
    const alike = matrixOf([1, 2], [1, 2], [2, 1], [1, 2])
    const guarded = Effect.runSync(Fence.make({ stop: { targetSize: 4 } }).select({ matrix: alike }))
    assert.deepStrictEqual([[...guarded.picks], guarded.stopped], [[0, 2], "guarded"])
    assert.deepStrictEqual([...selected({ stop: { targetSize: 4 } }, { matrix: alike }).picks].sort(), [0, 1, 2, 3])
  })

  it.each([
    [
      "an unknown start",
      { stop: { targetSize: 1 }, start: { id: PromptId.make("q") } },
      { matrix: fan },
      "unknown-start"
    ],
    ["weights", { stop: { targetSize: 1 } }, { matrix: fan, weights: new Float64Array(4) }, "unsupported"],
    ["strata", { stop: { targetSize: 1 } }, { matrix: fan, strata: new Uint32Array(4) }, "unsupported"],
    [
      "an earlier row that is not there",
      { stop: { targetSize: 1 } },
      { matrix: fan, earlier: Uint32Array.of(4) },
      "wrong-shape"
    ],
    [
      "an earlier row that stands twice",
      { stop: { targetSize: 1 } },
      { matrix: fan, earlier: Uint32Array.of(1, 1) },
      "wrong-shape"
    ],
    ["a target of 0", { stop: { targetSize: 0 } }, { matrix: fan }, "wrong-shape"],
    ["a tripwire of 2", { stop: { tripwire: 2 } }, { matrix: fan }, "wrong-shape"],
    ["half a thread", { stop: { targetSize: 1 }, threads: 0.5 }, { matrix: fan }, "wrong-shape"],
    ["a guard of NaN", { stop: { targetSize: 1 }, guard: Number.NaN }, { matrix: fan }, "wrong-shape"]
  ] satisfies ReadonlyArray<[string, Fence.Options, Pool, string]>)("refuses %s", (_, options, pool, why) => {
    const error = Effect.runSync(Effect.flip(select(options, pool)))
    assert.strictEqual(error.why, why)
  })

  it.effect("streams the same picks, each when it is made", () =>
    Effect.gen(function* () {
      const matrix = randomMatrix(5, 40, 6, false)
      const { stream } = Fence.make({ stop: { targetSize: 12, tripwire: 0.9 }, guard: "off" })
      const whole = selected({ stop: { targetSize: 12, tripwire: 0.9 } }, { matrix })
      const picks = yield* Stream.runCollect(stream({ matrix }))
      assert.deepStrictEqual(
        picks.map((pick) => pick.row),
        [...whole.picks]
      )
      assert.deepStrictEqual(
        picks.map((pick) => pick.cosine ?? -2),
        [...whole.cosines]
      )
      assert.deepStrictEqual(
        picks.map((pick) => pick.id),
        [...whole.picks].map((row) => PromptId.make(`p${row}`))
      )
      assert.strictEqual((yield* Stream.runCollect(Stream.take(stream({ matrix }), 3))).length, 3)
      const refused = yield* Effect.flip(Stream.runCollect(stream({ matrix, strata: new Uint32Array(40) })))
      assert.strictEqual(refused.why, "unsupported")
    })
  )

  it.live("can be interrupted in the middle", () =>
    Effect.gen(function* () {
      const matrix = randomMatrix(6, 20_000, 64, false)
      const fiber = yield* Effect.forkChild(select({ stop: { targetSize: 20_000 } }, { matrix }))
      yield* Effect.sleep("20 millis")
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
    })
  )
})
