import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Reader from "../src/Reader.js"

/** Adds numbers up, says each sum, and takes offence at 13. */
const sums = (): Reader.Reader<number, string, "thirteen"> => {
  let sum = 0
  return {
    read: (some) => {
      const items: Array<string> = []
      for (const one of some) {
        if (one === 13) return { items, fault: "thirteen" }
        sum += one
        if (sum % 2 === 0) items.push(`even ${sum}`)
      }
      return { items }
    },
    end: () => ({ items: [`end ${sum}`] })
  }
}

describe("Reader", () => {
  it.effect("gives what each piece gives, nothing for some, and what is left at the end", () =>
    Effect.gen(function* () {
      const read = Reader.through(Stream.fromIterable([1, 1, 1, 1]).pipe(Stream.rechunk(1)), sums)
      assert.deepStrictEqual(yield* Stream.runCollect(read), ["even 2", "even 4", "end 4"])
      assert.deepStrictEqual(yield* Stream.runCollect(read), ["even 2", "even 4", "end 4"], "each run has its own")
      assert.deepStrictEqual(yield* Stream.runCollect(Reader.through(Stream.empty, sums)), ["end 0"])
    })
  )

  it.effect("hands on what came before a fault in the same piece, and nothing after it", () =>
    Effect.gen(function* () {
      const heard: Array<string> = []
      const read = Reader.through(Stream.make(2, 2, 13, 2), sums)
      const fault = yield* Effect.flip(Stream.runForEach(read, (one) => Effect.sync(() => heard.push(one))))
      assert.strictEqual(fault, "thirteen")
      assert.deepStrictEqual(heard, ["even 2", "even 4"])
    })
  )

  it.effect("passes on a fault of the stream itself without its end", () =>
    Effect.gen(function* () {
      const broken = Stream.concat(Stream.make(2), Stream.fail("broken"))
      const heard: Array<string> = []
      const fault = yield* Effect.flip(
        Stream.runForEach(Reader.through(broken, sums), (one) => Effect.sync(() => heard.push(one)))
      )
      assert.strictEqual(fault, "broken")
      assert.deepStrictEqual(heard, ["even 2"])
    })
  )
})
