import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import * as Seed from "@consortium/core/Seed"
import * as Fence from "@consortium/selector/Fence"
import { verify } from "@consortium/selector/Verify"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

const rows = 600
const dimension = 128
const draw = Seed.draws(Seed.Seed.make(5), "rows")
const matrix = Result.getOrThrow(
  EmbeddingMatrix.make(
    { model: "synthetic", dimension },
    Array.from({ length: rows }, (_, row) => PromptId.make(`p${row}`)),
    Float32Array.from({ length: rows * dimension }, (_, at) => draw() - 0.5 + (at % dimension === 0 ? 0.4 : 0))
  )
)
const options: Fence.Options = { stop: { targetSize: 80 }, kernel: "wasm" }

describe("verify", () => {
  it.effect("finds no difference between the kernels and the plain loop, earlier rows and tripwires too", () =>
    Effect.gen(function* () {
      const selection = yield* Fence.make(options).select({ matrix })
      assert.isUndefined(yield* verify(selection, options))
      const earlier = Uint32Array.of(3, 5, 8)
      const tripped: Fence.Options = { stop: { tripwire: 0.2 }, kernel: "wasm" }
      const more = yield* Fence.make(tripped).select({ matrix, earlier })
      assert.isUndefined(yield* verify(more, tripped, { earlier }))
    })
  )

  it.effect("says where a selection is another one", () =>
    Effect.gen(function* () {
      const selection = yield* Fence.make(options).select({ matrix })
      const picks = selection.picks.slice()
      const [a = 0, b = 0] = [picks[10], picks[11]]
      picks.set([b, a], 10)
      assert.deepStrictEqual(yield* verify({ ...selection, picks }, options), {
        at: 10,
        what: "pick",
        found: String(b),
        expected: String(a)
      })
      const cosines = selection.cosines.slice()
      cosines[20] = (cosines[20] ?? 0) + Number.EPSILON
      assert.strictEqual((yield* verify({ ...selection, cosines }, options))?.what, "cosine")
      const shorter = { ...selection, picks: picks.slice(0, 5), cosines: cosines.slice(0, 5) }
      assert.deepStrictEqual((yield* verify(shorter, options))?.what, "end")
    })
  )
})
