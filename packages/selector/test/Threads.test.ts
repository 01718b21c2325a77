import type { Worker } from "node:worker_threads"
import * as Fence from "@consortium/selector/Fence"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { randomMatrix } from "./pools.js"

/** The worker threads that start while an effect runs, and how many of them have ended when it is over. */
const watched = Effect.fnUntraced(function* <A, E>(
  use: Effect.Effect<A, E>,
  onStart: (worker: Worker) => void = () => undefined
) {
  const started: Array<Worker> = []
  let ended = 0
  const watch = (worker: Worker) => {
    started.push(worker)
    worker.on("exit", () => ended++)
    onStart(worker)
  }
  process.on("worker", watch)
  const exit = yield* Effect.exit(use)
  process.off("worker", watch)
  return { exit, started: started.length, ended }
})

const matrix = randomMatrix(6, 4_000, 64)
const fence = (threads: number, targetSize = 4_000) =>
  Fence.make({ stop: { targetSize }, kernel: "wasm", threads, start: "first" })

describe("threads", () => {
  it.live("are gone when a selection is done, interrupted, or its stream is left", () =>
    Effect.gen(function* () {
      const done = yield* watched(fence(3, 40).select({ matrix }))
      assert.deepStrictEqual([Exit.isSuccess(done.exit), done.started, done.ended], [true, 2, 2])
      const interrupted = yield* watched(
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(fence(3).select({ matrix }))
          yield* Effect.sleep("60 millis")
          yield* Fiber.interrupt(fiber)
          return Exit.isFailure(yield* Fiber.await(fiber))
        })
      )
      assert.deepStrictEqual([interrupted.exit, interrupted.ended], [Exit.succeed(true), 2])
      const left = yield* watched(Stream.runCollect(Stream.take(fence(3).stream({ matrix }), 5)))
      assert.deepStrictEqual([Exit.isSuccess(left.exit), left.started, left.ended], [true, 2, 2])
    })
  )

  it.live("fail the selection when one of them is lost", () =>
    Effect.gen(function* () {
      const { exit, ended } = yield* watched(Effect.flip(fence(3).select({ matrix })), (worker) => {
        void worker.terminate()
      })
      assert.isTrue(Exit.isSuccess(exit) && exit.value.why === "thread-lost")
      assert.strictEqual(ended, 2)
    })
  )

  it.live("are not started for few rows, nor where one is asked for", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* watched(Fence.make({ stop: { targetSize: 60 } }).select({ matrix }))).started, 0)
      assert.strictEqual((yield* watched(fence(1, 60).select({ matrix }))).started, 0)
    })
  )
})
