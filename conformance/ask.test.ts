/** Asking a consortium: recorded members and judges beside each member alone, votes beside their arithmetic, sockets beside interruptions. */
import { createServer, type Server as HttpServer } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import type { CallJournal, Entry } from "@consortium/core/CallJournal"
import { MemberId } from "@consortium/core/Ids"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import { fromText } from "@consortium/core/Prompt"
import { draws, Seed } from "@consortium/core/Seed"
import * as ChatModel from "@consortium/core/ChatModel"
import * as Consortium from "@consortium/ensemble/Consortium"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { define } from "@consortium/providers-openai-compatible/Vendor"
import * as HttpClients from "@consortium/wire/HttpClients"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { afterAll, describe, expect, it } from "vitest"
import { sharedFile } from "./internal/places.js"
import { listOf, modelOf, read } from "./internal/recording.js"
import { print } from "./internal/table.js"
import { mean, measure } from "./internal/truth.js"

const prd = sharedFile("data/judging/prd_vicuna80.dev.jsonl.gz")

describe.skipIf(prd === undefined)("five recorded models as one consortium", () => {
  const names: NonEmpty<string> = ["gpt4", "claude", "gpt35", "bard", "vicuna-13b"]
  /** Milliseconds that stand for seconds: made up, the same for all. */
  const latency = (name: string, prompt: string): number => 5 + 15 * draws(Seed.make(2), name, prompt)()

  it("its best is nearer to people's votes than what its members say by themselves, on the whole", {
    timeout: 120_000
  }, async () => {
    const items = read(prd ?? "")
    const slow = (model: ChatModel.ChatModel, name: string): ChatModel.ChatModel => ({
      ...model,
      complete: (request) => Effect.delay(model.complete(request), latency(name, JSON.stringify(request.messages)))
    })
    const made = Consortium.make({
      members: map(names, (name) => ({ id: MemberId.make(name), model: slow(modelOf(items, name), name), samples: 1 })),
      judges: map(names, (name) => {
        const judge = listOf(items, name)
        return {
          judge: { ...judge, judge: (sheet) => Effect.delay(judge.judge(sheet), latency(name, sheet.promptId)) }
        }
      }),
      enough: names.length
    })
    const answers = new Map<string, { readonly by: string; readonly calls: number; readonly millis: number }>()
    for (const item of items) {
      const said = await Effect.runPromise(made.ask(fromText(item.id, item.prompt)))
      const judged = said.asked.filter(({ role }) => role === "judge").length
      answers.set(item.id, { by: said.by, calls: said.asked.length, millis: said.millis })
      expect(judged).toBeGreaterThan(0)
    }
    const picked = (by: (id: string) => string) =>
      measure(items, (item) => item.candidates.map(({ id }) => (id === by(item.id) ? 1 : 0)))
    const best = picked((id) => answers.get(id)?.by ?? "")
    const alone = names.map((name) => [name, picked(() => name)] as const)
    const all = [...answers.values()]
    const first = mean(items.map((item) => Math.max(...names.map((name) => latency(name, item.prompt)))))
    print(
      `the answer that is given, ${items.length} prompts, people's votes`,
      ["", "regret", "calls", "simulated s"],
      [
        [
          "best of five, five judges",
          best.regret,
          mean(all.map(({ calls }) => calls)),
          mean(all.map(({ millis }) => millis))
        ],
        ...alone.map(
          ([name, { regret }]): ReadonlyArray<string | number> => [
            `${name} alone`,
            regret,
            1,
            mean(items.map((item) => latency(name, item.prompt)))
          ]
        ),
        [
          "a random one of the five (no two say the same, so a vote is one)",
          mean(alone.map(([, { regret }]) => regret)),
          5,
          first
        ]
      ]
    )
    // Better than all members but the one that people prefer by far: no judge of these tells it apart every time.
    const sorted = alone.map(([, { regret }]) => regret).sort((a, b) => a - b)
    expect(best.regret).toBeLessThan(0.5 * mean(sorted))
    expect(best.regret).toBeLessThan(sorted[1] ?? 0)
  })
})

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k)
/** The chance that more than half of n are right, each with chance p, where all the wrong ones say the same. */
const condorcet = (n: number, p: number): number =>
  Array.from({ length: n + 1 }, (_, k) => (2 * k > n ? choose(n, k) * p ** k * (1 - p) ** (n - k) : 0)).reduce(
    (a, b) => a + b
  )

describe("vote", () => {
  it.each([
    [3, 0.6],
    [5, 0.6],
    [9, 0.7]
  ])("of %i samples, each right with %f, is right as often as the binomial law says", async (n, p) => {
    const questions = 2000
    const model = ChatModel.make({
      ref: "fake/sampled",
      complete: ({ messages, sample }) =>
        Effect.sync(() => {
          const draw = draws(Seed.make(5), JSON.stringify(messages), sample ?? 0)
          return {
            parts: [{ _tag: "Text", text: `Let me think.\nThe answer is ${draw() < p ? 4 : 5}.` }],
            finish: { kind: "stop", raw: null },
            usage: {},
            model: "sampled"
          }
        })
    })
    const made = Consortium.make({
      members: [{ id: MemberId.make("one"), model, samples: n }],
      judges: [{ model }],
      mode: "vote",
      enough: n
    })
    const right = await Effect.runPromise(
      Effect.forEach(
        Array.from({ length: questions }, (_, at) => at),
        (at) => Effect.map(made.ask(`What is 2 + 2, the ${at}th time?`), ({ text }) => (text.endsWith("4.") ? 1 : 0)),
        { concurrency: 50 }
      )
    )
    const expected = condorcet(n, p)
    const deviation = Math.sqrt((expected * (1 - expected)) / questions)
    print(`vote of ${n}, each right with ${p}`, ["measured", "binomial"], [[mean(right), expected]])
    expect(Math.abs(mean(right) - expected)).toBeLessThan(4 * deviation)
  })
})

describe("interrupted", () => {
  const scope = Scope.makeUnsafe()
  let server: HttpServer | undefined
  afterAll(async () => {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    server?.closeAllConnections()
    server?.close()
  })

  it("at 200 moments, every socket of every member and judge is closed", { timeout: 120_000 }, async () => {
    const busy = new Set<Socket>()
    let requests = 0
    server = createServer()
    server.on("connection", (socket) => socket.once("close", () => busy.delete(socket)))
    server.on("request", (request, response) => {
      requests++
      busy.add(request.socket)
      request.resume()
      const draw = draws(Seed.make(requests), "answer")
      const timer = setTimeout(
        () => {
          busy.delete(request.socket)
          response.setHeader("content-type", "application/json")
          response.end(
            JSON.stringify({
              id: "x",
              object: "chat.completion",
              created: 1,
              model: "made",
              choices: [
                { index: 0, finish_reason: "stop", message: { role: "assistant", content: `answer ${requests}` } }
              ],
              usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
            })
          )
        },
        5 + 40 * draw()
      )
      response.once("close", () => clearTimeout(timer))
    })
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
    const client = await Effect.runPromise(Scope.provide(Layer.build(HttpClients.layerDirect), scope))
    const vendor = define({ id: "made", baseUrl: url, baseUrlVariable: "X", apiKey: { variable: "X", optional: true } })
    const model = (name: string) =>
      Effect.runSync(Effect.provideContext(ChatCompletions.make({ vendor, model: name, baseUrl: url }), client))
    const kept = new Map<string, Entry>()
    let twice = 0
    const journal: CallJournal["Service"] = {
      get: (key) => Effect.sync(() => Option.fromUndefinedOr(kept.get(key))),
      put: (key, entry) =>
        Effect.sync(() => {
          if (kept.has(key)) twice++
          kept.set(key, entry)
        })
    }
    const made = Consortium.make({
      members: [
        { id: MemberId.make("a"), model: model("a"), samples: 2 },
        { id: MemberId.make("b"), model: model("b"), samples: 1 }
      ],
      judges: [{ model: model("j") }, { model: model("k") }],
      enough: 3,
      stack: { journal }
    })
    let cut = 0
    for (let point = 0; point < 200; point++) {
      const stop = new AbortController()
      const moment = 120 * draws(Seed.make(9), "moment", point)()
      const timer = setTimeout(() => stop.abort(), moment)
      const exit = await Effect.runPromiseExit(made.ask(`question ${point}`), { signal: stop.signal })
      clearTimeout(timer)
      if (Exit.isFailure(exit) && stop.signal.aborted) cut++
      // What is left is on its way to being closed.
      const deadline = performance.now() + 2000
      while (busy.size > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 2))
      expect(busy.size, `at ${moment.toFixed(0)} ms`).toBe(0)
    }
    print(
      "interrupted questions",
      ["cut off", "requests", "kept", "kept twice", "sockets left open"],
      [[cut, requests, kept.size, twice, busy.size]]
    )
    expect(twice).toBe(0)
    expect(kept.size).toBeGreaterThan(0)
    expect(cut).toBeGreaterThan(50)
  })
})
