import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { pickAt, type Selection, StopRule } from "@consortium/core/Selection"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const decode = Schema.decodeUnknownResult(StopRule, { onExcessProperty: "error" })

describe("StopRule", () => {
  it("needs a size or a tripwire in range", () => {
    const good = [{ targetSize: 3 }, { tripwire: 0.9 }, { targetSize: 3, tripwire: -1 }]
    const bad = [
      {},
      { targetSize: 0 },
      { targetSize: 1.5 },
      { tripwire: 1.1 },
      { tripwire: Number.NaN },
      { targetSize: undefined }
    ]
    assert.isTrue(good.every((rule) => Result.isSuccess(decode(rule))))
    assert.isTrue(bad.every((rule) => Result.isFailure(decode(rule))))
  })
})

describe("pickAt", () => {
  it("reads one choice out of the columns", () => {
    const ids = ["a", "b"].map((id) => PromptId.make(id))
    const matrix = Result.getOrThrow(EmbeddingMatrix.make({ model: "m", dimension: 1 }, ids, Float32Array.of(1, 1)))
    const selection: Selection = {
      matrix,
      picks: Uint32Array.of(1, 0),
      cosines: Float64Array.of(-2, 0.5),
      stopped: "exhausted"
    }
    assert.deepStrictEqual(pickAt(selection, 0), { row: 1, id: PromptId.make("b"), cosine: undefined })
    assert.deepStrictEqual(pickAt(selection, 1), { row: 0, id: PromptId.make("a"), cosine: 0.5 })
    assert.throws(() => pickAt(selection, 2), RangeError)
  })
})
