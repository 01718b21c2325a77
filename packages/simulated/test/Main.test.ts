import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { main } from "../src/Main.js"

describe("Main", () => {
  it.live("prints its address as one line and serves until it is interrupted", () =>
    Effect.gen(function* () {
      const line = yield* Deferred.make<string>()
      const fiber = yield* Effect.forkChild(
        main(["--seed", "3", "--latency-scale", "0", "--log"], (text) =>
          Deferred.doneUnsafe(line, Effect.succeed(text))
        )
      )
      const { url } = JSON.parse(yield* Deferred.await(line))
      const stats = () =>
        Effect.tryPromise(() => fetch(url.replace("/v1", "/stats")).then((response) => response.text()))
      assert.deepStrictEqual(JSON.parse(yield* stats()).log, [])
      yield* Fiber.interrupt(fiber)
      assert.strictEqual((yield* Effect.exit(stats()))._tag, "Failure")
    })
  )

  it.effect("says what it does not understand", () =>
    Effect.gen(function* () {
      for (const args of [
        ["--nonsense"],
        ["--seed", "x"],
        ["--seed", "1.5"],
        ["--port", "70000"],
        ["--latency-scale=-1"]
      ]) {
        const error = yield* Effect.flip(main(args, () => undefined))
        assert.strictEqual(error._tag, "UsageError")
        assert.include(error.message, "usage:")
      }
    })
  )
})
