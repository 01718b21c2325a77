import { Halted } from "@consortium/core/Call"
import { make } from "@consortium/core/ChatModel"
import { record } from "@consortium/core/Receipt"
import { chatFallback, fallback } from "@consortium/middleware/Fallback"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { completion, inTime, overloaded, refused, request, scripted } from "./Synthetic.js"

const other = (text: string) => ({
  ...make({ ref: "other/synthetic-1", complete: () => Effect.succeed(completion(text)) })
})

describe("fallback", () => {
  it.effect("asks the next one after a failure, and the receipt says who and why", () =>
    Effect.gen(function* () {
      const { model } = scripted([{ fails: overloaded }])
      const both = chatFallback([model, other("second")])
      const [answer, receipt] = yield* record(both.complete)(request())
      assert.deepStrictEqual(answer, Result.succeed(completion("second")))
      assert.deepStrictEqual(receipt.events, [
        {
          _tag: "Note",
          source: "fallback",
          data: { from: "synthetic/synthetic-1", to: "other/synthetic-1", why: "Overloaded" }
        }
      ])
      assert.deepStrictEqual([both.ref, both.wire], [model.ref, model.wire])
    })
  )

  it.effect("leaves alone what is about the question, and ends with the last error", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const failing = (ref: string, error: typeof overloaded | Halted) => ({
        ref,
        call: (_: string) =>
          Effect.suspend(() => {
            asked.push(ref)
            return Effect.fail(error)
          })
      })
      const halted = new Halted({ why: "budget", detail: "" })
      assert.strictEqual(yield* Effect.flip(fallback([failing("a", refused), failing("b", overloaded)])("q")), refused)
      assert.strictEqual(yield* Effect.flip(fallback([failing("a", halted), failing("b", overloaded)])("q")), halted)
      assert.deepStrictEqual(asked, ["a", "a"])
      const last = yield* Effect.flip(
        fallback([failing("a", overloaded), failing("b", overloaded), failing("c", refused)])("q")
      )
      assert.strictEqual(last, refused)
      assert.deepStrictEqual(asked, ["a", "a", "a", "b", "c"])
      const own = fallback([failing("a", refused), failing("b", overloaded)], { when: () => true })
      assert.strictEqual(yield* Effect.flip(own("q")), overloaded)
    })
  )

  it.effect("takes a stream over before it speaks, never after", () =>
    Effect.gen(function* () {
      const silent = scripted([{ fails: overloaded }])
      const [parts, receipt] = yield* record(() =>
        Stream.runCollect(chatFallback([silent.model, other("c")]).stream(request()))
      )(undefined)
      assert.deepStrictEqual(
        Result.isSuccess(parts) && parts.success.map((part) => (part._tag === "Text" ? part.delta : part._tag)),
        ["c", "Done"]
      )
      assert.strictEqual(receipt.events.length, 1)
      const broken = scripted([{ text: "a b c", words: 2, fails: overloaded }])
      const heard: Array<string> = []
      const error = yield* inTime(
        chatFallback([broken.model, other("c")])
          .stream(request())
          .pipe(
            Stream.runForEach((part) => Effect.sync(() => heard.push(part._tag === "Text" ? part.delta : part._tag))),
            Effect.flip
          )
      )
      assert.strictEqual(error, overloaded)
      assert.deepStrictEqual(heard, ["a", "b"])
    })
  )
})
