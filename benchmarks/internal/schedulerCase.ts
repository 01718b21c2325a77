/** One case of `scheduler.ts`, in simulated time and a process of its own: prints how long it took and what came of it. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { type ChatModel, make } from "@consortium/core/ChatModel"
import type { CallFailure } from "@consortium/core/Call"
import { ModelError, Network, RateLimited, ServerError } from "@consortium/core/ModelError"
import { message } from "@consortium/core/Prompt"
import { makeLanes, type Options as LaneOptions } from "@consortium/middleware/Lane"
import { chatStack } from "@consortium/middleware/Stack"
import { APICallError, generateText } from "ai"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import pLimit from "p-limit"
import pRetry from "p-retry"
import {
  calm,
  inputTokens,
  judgeCall,
  judges,
  limits,
  maxTokens,
  memberCall,
  members,
  prompts,
  type Scenario,
  type Vendor,
  type VendorName,
  vendorsOf,
  width
} from "./schedulerWorld.ts"
import { virtual } from "./virtualTime.ts"

const [name = "", diesAt = ""] = process.argv.slice(2)
const scenario: Scenario = diesAt === "" ? calm : { refused: 0.05, failed: 0.02, diesAt: Number(diesAt) }
const vendors = vendorsOf(scenario)

interface Outcome {
  readonly millis: number
  /** Prompts with at least two answers and one verdict. */
  readonly rows: number
  /** Calls that ended without an answer from a vendor that was alive. */
  readonly lost: number
}

/** What a row needs, whoever asks: an answer or nothing from each. */
const tally = () => {
  let rows = 0
  let lost = 0
  return {
    row: (answers: number, verdicts: number) => {
      if (answers >= 2 && verdicts >= 1) rows++
    },
    miss: (vendor: Vendor, now: number) => {
      if (!vendor.isDead(now)) lost++
    },
    of: (millis: number): Outcome => ({ millis, rows, lost })
  }
}

/* Ours: the default stack with a lane for each model, its limits as the vendor states them. */

const modelOf = (vendor: Vendor): ChatModel<ModelError> =>
  make({
    ref: `${vendor.name}/model`,
    complete: Effect.fnUntraced(function* (request) {
      const part = request.messages[0].parts[0]
      const reply = vendor.arrive(yield* Clock.currentTimeMillis, part._tag === "Text" ? part.text.trim() : "")
      yield* Effect.ensuring(
        Effect.sleep(reply.millis),
        Effect.sync(() => vendor.leave(reply))
      )
      const failed = (reason: ModelError["reason"]) =>
        new ModelError({ vendor: vendor.name, model: "model", reason, detail: "" })
      if (reply.status === 429) {
        const { retryAfterMillis } = reply
        return yield* failed(
          new RateLimited({ scope: "unknown", ...(retryAfterMillis !== undefined && { retryAfterMillis }) })
        )
      }
      if (reply.status === 500) return yield* failed(new ServerError({}))
      if (reply.status === "dead") return yield* failed(new Network({}))
      return {
        parts: [{ _tag: "Text" as const, text: "an answer" }],
        finish: { kind: "stop" as const, raw: "stop" },
        usage: { inputTokens, outputTokens: reply.outputTokens },
        model: "model"
      }
    })
  })

const laneOf = (ref: string): LaneOptions => {
  const breaker = {}
  switch (ref.split("/")[0]) {
    case "in-flight":
      return { breaker, concurrency: { start: limits["in-flight"].inFlight, max: limits["in-flight"].inFlight } }
    case "tokens":
      return { breaker, rateLimit: limits.tokens }
    case "requests":
      return { breaker, rateLimit: limits.requests }
    default:
      return { breaker, rateLimit: limits["requests-too"] }
  }
}

const consortium = (lanes: (ref: string) => LaneOptions): Promise<Outcome> => {
  const stack = chatStack({ lanes: makeLanes(lanes) })
  const models = new Map(members.map((vendor) => [vendor, stack(modelOf(vendors[vendor]))]))
  const { miss, of, row } = tally()
  const ask = Effect.fnUntraced(function* (vendor: VendorName, call: string) {
    const model = models.get(vendor)
    if (model === undefined) return false
    // Padded to the length that its tokens are counted by.
    const text = call.padEnd(inputTokens * 4)
    const result: Result.Result<unknown, CallFailure> = yield* Effect.result(
      model.complete({ messages: [message("user", text)], maxTokens })
    )
    if (Result.isFailure(result)) miss(vendors[vendor], yield* Clock.currentTimeMillis)
    return Result.isSuccess(result)
  })
  const all = { concurrency: "unbounded" } as const
  const one = Effect.fnUntraced(function* (prompt: number) {
    const answers = yield* Effect.forEach(members, (vendor) => ask(vendor, memberCall(prompt, vendor)), all)
    const verdicts = yield* Effect.forEach(judges, (vendor) => ask(vendor, judgeCall(prompt, vendor)), all)
    row(answers.filter(Boolean).length, verdicts.filter(Boolean).length)
  })
  const program = Effect.gen(function* () {
    const work = yield* Effect.forkChild(
      Effect.andThen(
        Effect.forEach(
          Array.from({ length: prompts }, (_, prompt) => prompt),
          one,
          { concurrency: width, discard: true }
        ),
        Clock.currentTimeMillis
      )
    )
    yield* TestClock.adjust("1 hour")
    const exit = work.pollUnsafe()
    return of(exit?._tag === "Success" ? exit.value : Number.NaN)
  })
  return Effect.runPromise(Effect.provide(program, TestClock.layer()))
}

/* By hand: the AI SDK over a fetch that asks the same vendors, in virtual time. */

const provider = (vendor: Vendor, now: () => number) =>
  createOpenAICompatible({
    name: vendor.name,
    baseURL: "http://simulated",
    fetch: async (_, init) => {
      const body: { readonly messages: ReadonlyArray<{ readonly content: string }> } = JSON.parse(String(init?.body))
      const reply = vendor.arrive(now(), body.messages[0]?.content.trim() ?? "")
      await new Promise((resolve) => setTimeout(resolve, reply.millis))
      vendor.leave(reply)
      if (reply.status === "dead") throw new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") })
      if (reply.status !== 200) {
        const { retryAfterMillis } = reply
        return new Response(JSON.stringify({ error: { message: "no" } }), {
          status: reply.status,
          headers: {
            "content-type": "application/json",
            ...(retryAfterMillis !== undefined && { "retry-after-ms": String(retryAfterMillis) })
          }
        })
      }
      return Response.json({
        choices: [{ index: 0, message: { role: "assistant", content: "an answer" }, finish_reason: "stop" }],
        usage: { prompt_tokens: inputTokens, completion_tokens: reply.outputTokens }
      })
    }
  })("model")

const byHand = async (careful: boolean): Promise<Outcome> => {
  const time = virtual()
  const { miss, of, row } = tally()
  const models = new Map(members.map((vendor) => [vendor, provider(vendors[vendor], time.now)]))
  // Rate × latency of the two that state a rate by the request; 16 in flight for all of them.
  const limit = new Map(members.map((vendor) => [vendor, pLimit(16)]))
  const open = pLimit(careful ? width : prompts)
  const ask = async (vendor: VendorName, call: string): Promise<boolean> => {
    const model = models.get(vendor)
    const gate = limit.get(vendor)
    if (model === undefined || gate === undefined) return false
    const text = call.padEnd(inputTokens * 4)
    const once = (maxRetries: number) =>
      generateText({ model, prompt: text, maxOutputTokens: maxTokens, maxRetries }).then(() => true)
    const made = careful
      ? pRetry(() => gate(() => once(0)), {
          retries: 4,
          minTimeout: 500,
          maxTimeout: 30_000,
          randomize: true,
          shouldRetry: ({ error }) => APICallError.isInstance(error) && error.isRetryable,
          onFailedAttempt: async ({ error }) => {
            const wait = APICallError.isInstance(error) ? Number(error.responseHeaders?.["retry-after-ms"] ?? 0) : 0
            if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
          }
        })
      : once(2)
    return made.catch(() => {
      miss(vendors[vendor], time.now())
      return false
    })
  }
  const one = async (prompt: number) => {
    const answers = await Promise.all(members.map((vendor) => ask(vendor, memberCall(prompt, vendor))))
    const verdicts = await Promise.all(judges.map((vendor) => ask(vendor, judgeCall(prompt, vendor))))
    row(answers.filter(Boolean).length, verdicts.filter(Boolean).length)
  }
  await time.run(Promise.all(Array.from({ length: prompts }, (_, prompt) => open(() => one(prompt)))))
  return of(time.now())
}

const cases: Readonly<Record<string, () => Promise<Outcome>>> = {
  consortium: () => consortium(laneOf),
  // Told nothing: it finds what it can from refusals and latency.
  learning: () => consortium(() => ({ breaker: {} })),
  careful: () => byHand(true),
  unlimited: () => byHand(false)
}
const chosen = cases[name]
if (chosen === undefined) throw new Error(`no case ${name}`)
const outcome = await chosen()
const seen = members.map((vendor) => vendors[vendor].seen)
const sum = (of: "attempts" | "limited" | "faults" | "dead") => seen.reduce((total, one) => total + one[of], 0)
console.log(
  JSON.stringify({
    ...outcome,
    attempts: sum("attempts"),
    limited: sum("limited"),
    faults: sum("faults"),
    dead: sum("dead")
  })
)
