/**
 * How long one question to 4 members and then 3 judges takes, asked 1,000 times in simulated time: waiting for all, a
 * quorum with grace, and both with hedges. Two worlds: answers of like length (log-normal, σ 0.2) of which one in
 * twenty takes ten times as long; and answers of very unlike length (log-normal, σ 0.8).
 * `node benchmarks/latency.ts`
 */
import { make } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import { message } from "@consortium/core/Prompt"
import { draws, Seed } from "@consortium/core/Seed"
import { makeLanes } from "@consortium/middleware/Lane"
import { type Options as QuorumOptions, quorum } from "@consortium/middleware/Quorum"
import { chatStack } from "@consortium/middleware/Stack"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"

const questions = 1000
/** Asked before, so that the latencies are known. */
const warmUp = 50
const seed = Seed.make(11)

type World = (draw: () => number) => number
const normal = (draw: () => number) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
const slowTwentieth: World = (draw) => 200 * Math.exp(0.2 * normal(draw)) * (draw() < 0.05 ? 10 : 1)
const wide: World = (draw) => 200 * Math.exp(0.8 * normal(draw))

interface Way {
  readonly name: string
  readonly members: QuorumOptions
  readonly judges: QuorumOptions
  readonly hedged: boolean
}
const grace = { partOfElapsed: 0.1 }
const some = { members: { enough: 3, grace }, judges: { enough: 2, grace } }
const ways: ReadonlyArray<Way> = [
  { name: "all answers", members: {}, judges: {}, hedged: false },
  { name: "all answers, hedged", members: {}, judges: {}, hedged: true },
  { name: "quorum and grace", ...some, hedged: false },
  { name: "quorum and grace, hedged", ...some, hedged: true }
]

const answer: Completion = {
  parts: [{ _tag: "Text", text: "an answer" }],
  finish: { kind: "stop", raw: "stop" },
  usage: {},
  model: "model"
}
const request = { messages: [message("user", "why?")] } as const

const ask = (world: World, way: Way) =>
  Effect.gen(function* () {
    const seen = { calls: 0, attempts: 0, late: 0 }
    const lanes = makeLanes(way.hedged ? { hedge: {} } : {})
    const seat = (ref: string) => {
      const draw = draws(seed, ref)
      const model = make({
        ref,
        complete: () =>
          Effect.suspend(() => {
            seen.attempts++
            return Effect.as(Effect.sleep(world(draw)), answer)
          })
      })
      const sturdy = chatStack({ lanes })(model)
      return {
        ref,
        call: (_: string) =>
          Effect.suspend(() => {
            seen.calls++
            return sturdy.complete(request)
          })
      }
    }
    const members = ["a/1", "b/2", "c/3", "d/4"].map(seat)
    const judges = ["e/5", "f/6", "g/7"].map(seat)
    if (!isNonEmpty(members) || !isNonEmpty(judges)) return yield* Effect.die("no seats")
    const both = [quorum(members, way.members), quorum(judges, way.judges)] as const
    const millis: Array<number> = []
    for (let question = -warmUp; question < questions; question++) {
      const from = yield* Clock.currentTimeMillis
      for (const stage of both) seen.late += (yield* stage("why?")).late.length
      if (question >= 0) millis.push((yield* Clock.currentTimeMillis) - from)
    }
    return { millis: millis.sort((a, b) => a - b), seen }
  })

const inSimulatedTime = <A, E>(program: Effect.Effect<A, E>) =>
  Effect.runPromise(
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(program)
      yield* TestClock.adjust("1 day")
      return fiber.pollUnsafe()
    }).pipe(Effect.provide(TestClock.layer()))
  )

const worlds = [
  ["σ 0.2, one answer in twenty ten times slower", slowTwentieth],
  ["log-normal, σ 0.8", wide]
] as const
for (const [title, world] of worlds) {
  console.log(`\n${title}: milliseconds for a question`)
  console.log(
    ["", "p50", "p95", "p99", "p95/p50", "extra calls", "late"]
      .map((one, i) => (i === 0 ? one.padEnd(28) : one.padStart(12)))
      .join("")
  )
  for (const way of ways) {
    const exit = await inSimulatedTime(ask(world, way))
    if (exit?._tag !== "Success") throw new Error(`${way.name}: ${JSON.stringify(exit)}`)
    const { millis, seen } = exit.value
    const at = (part: number) => millis[Math.floor(part * millis.length)] ?? 0
    const cells = [
      at(0.5).toFixed(0),
      at(0.95).toFixed(0),
      at(0.99).toFixed(0),
      (at(0.95) / at(0.5)).toFixed(2),
      `${((100 * (seen.attempts - seen.calls)) / seen.calls).toFixed(1)} %`,
      `${((100 * seen.late) / seen.calls).toFixed(1)} %`
    ]
    console.log(way.name.padEnd(28) + cells.map((cell) => cell.padStart(12)).join(""))
  }
}
