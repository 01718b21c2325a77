/** One case of `middleware.ts`, in a process of its own: prints its CPU, or the heap of its waiting calls. */
import v8 from "node:v8"
import vm from "node:vm"
import { type ChatModel, type ChatRequest, make } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import { record } from "@consortium/core/Receipt"
import { makeBudget } from "@consortium/middleware/Budget"
import { makeCircuitBreaker } from "@consortium/middleware/CircuitBreaker"
import { makeLanes } from "@consortium/middleware/Lane"
import { makeRateLimiter } from "@consortium/middleware/RateLimit"
import { chatStack } from "@consortium/middleware/Stack"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"

const [name = "", count = "0"] = process.argv.slice(2)
const calls = Number(count)
const inFlight = 5000

const completion: Completion = {
  parts: [{ _tag: "Text", text: "yes" }],
  finish: { kind: "stop", raw: "stop" },
  usage: { inputTokens: 200, outputTokens: 50 },
  model: "fake",
  limits: { requestsLimit: 1e6, requestsRemaining: 999_999, requestsResetMillis: 1 }
}
const prices = {
  usd: (_: string, usage: { inputTokens?: number; outputTokens?: number }) =>
    ((usage.inputTokens ?? 0) + 4 * (usage.outputTokens ?? 0)) / 1e6
}
const request: ChatRequest = { messages: [message("user", "x".repeat(800))], maxTokens: 500 }

const after = (millis: number): ChatModel<never> =>
  make({
    ref: "fake/fake",
    complete: () =>
      Effect.callback<Completion>((resume) => {
        const timer = setTimeout(() => resume(Effect.succeed(completion)), millis)
        return Effect.sync(() => clearTimeout(timer))
      })
  })
const bare = after(20)

const every = (permits: number, traced: boolean) =>
  chatStack({
    lanes: makeLanes({
      concurrency: { start: permits, max: permits },
      hedge: { atLeast: 1e9, delay: "10 seconds" },
      breaker: {}
    }),
    rateLimit: makeRateLimiter({ key: "fake", requestsPerMinute: 1e9, tokensPerMinute: 1e12 }),
    budget: makeBudget({ usd: 1e6, tokens: 1e12 }),
    prices,
    ...(traced && { trace: {} })
  })

type Ask = (input: ChatRequest) => Effect.Effect<unknown, unknown, CircuitBreaker.CircuitBreaker>
const cases: Readonly<Record<string, () => Ask>> = {
  bare: () => bare.complete,
  record: () => record(bare.complete),
  default: () =>
    record(chatStack({ lanes: makeLanes({ concurrency: { start: inFlight, max: inFlight } }) })(bare).complete),
  full: () => record(every(inFlight, false)(bare).complete),
  traced: () => record(every(inFlight, true)(bare).complete),
  ourBreaker: () => makeCircuitBreaker({ key: "fake" })(bare.complete),
  effectBreaker: () => (input) =>
    Effect.flatMap(CircuitBreaker.CircuitBreaker, (breaker) => breaker.execute(bare.complete(input), { key: "fake" }))
}

const layer = Layer.provide(
  CircuitBreaker.layer({ tripPolicy: CircuitBreaker.rate({ size: 20 }), openDuration: "5 seconds" }),
  CircuitBreaker.layerStoreMemory()
)
const run = <A>(program: Effect.Effect<A, unknown, CircuitBreaker.CircuitBreaker>) =>
  Effect.runPromise(Effect.provide(program, layer))

const cpu = async (ask: Ask): Promise<void> => {
  const go = (count: number) =>
    run(Effect.forEach(Array<ChatRequest>(count).fill(request), ask, { concurrency: inFlight, discard: true }))
  await go(10_000)
  const before = process.cpuUsage()
  await go(calls)
  const { system, user } = process.cpuUsage(before)
  console.log(JSON.stringify({ cpuMicros: user + system }))
}

const heap = async (ask: Ask): Promise<void> => {
  v8.setFlagsFromString("--expose-gc")
  const collect: () => void = vm.runInNewContext("gc")
  const used = () => {
    collect()
    collect()
    return process.memoryUsage().heapUsed
  }
  await run(
    Effect.gen(function* () {
      yield* ask(request)
      const before = used()
      const fibers = yield* Effect.forEach(Array<ChatRequest>(calls).fill(request), (one) =>
        Effect.forkDetach(ask(one))
      )
      yield* Effect.sleep(300)
      console.log(JSON.stringify({ bytes: (used() - before) / fibers.length }))
      process.exit(0)
    })
  )
}

const slow = after(2000)
if (name === "waitBare") await heap(slow.complete)
else if (name === "flightFull") await heap(record(every(inFlight, false)(slow).complete))
else if (name === "waitFull") await heap(record(every(1, false)(slow).complete))
else {
  const chosen = cases[name]
  if (chosen === undefined) throw new Error(`no case ${name}`)
  await cpu(chosen())
}
