/** A GGUF file in this process: a small model with drawn weights, asked through the real engine of node-llama-cpp. */
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ChatModel, ChatRequest, StreamPart } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { MemberId } from "@consortium/core/Ids"
import type { ModelError } from "@consortium/core/ModelError"
import { fromText, message } from "@consortium/core/Prompt"
import * as Consortium from "@consortium/ensemble/Consortium"
import { pointwise } from "@consortium/judge-strategies/Pointwise"
import * as Gguf from "@consortium/providers-llama-cpp/Gguf"
import { Ajv } from "ajv"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { writeGguf } from "./internal/gguf.js"
import { print } from "./internal/table.js"

const folder = mkdtempSync(join(tmpdir(), "consortium-gguf-"))
const path = join(folder, "synthetic.gguf")
/** One core: where others compute too, more of them wait for each other. */
const options = { path, load: () => import("node-llama-cpp"), gpu: false, threads: 1, contextTokens: 1024 } as const

const scope = Effect.runSync(Scope.make())
const load = (more: Partial<Gguf.Options> = {}): Promise<ChatModel<ModelError>> =>
  Effect.runPromise(Scope.provide(Gguf.make({ ...options, ...more }), scope))

const ask = (seed: number, more: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [message("system", "Be brief."), message("user", `Why is the sky blue? ${seed}`)],
  seed,
  maxTokens: 64,
  ...more
})
const seeds = Array.from({ length: 24 }, (_, seed) => seed)
const run = Effect.runPromise

let model: ChatModel<ModelError>
let loadMillis = 0
beforeAll(async () => {
  writeGguf(path)
  const from = performance.now()
  model = await load()
  loadMillis = performance.now() - from
})
afterAll(async () => {
  await run(Scope.close(scope, Exit.void))
  rmSync(folder, { recursive: true, force: true })
})

describe("a GGUF file as a model", { timeout: 120_000 }, () => {
  it("says the same for the same seed, whole and streamed, whatever was asked before", async () => {
    const first = await run(Effect.forEach(seeds, (seed) => model.complete(ask(seed))))
    const again = await run(Effect.forEach(seeds.toReversed(), (seed) => model.complete(ask(seed))))
    expect(again.toReversed()).toEqual(first)
    const streams = await run(Effect.forEach(seeds, (seed) => Stream.runCollect(model.stream(ask(seed)))))
    for (const [at, parts] of streams.entries()) {
      const text = parts.flatMap((part: StreamPart) => (part._tag === "Text" ? [part.delta] : [])).join("")
      expect([text]).toEqual(first.slice(at, at + 1).map(Completion.text))
      expect(parts.at(-1)).toEqual({ _tag: "Done", completion: first[at] })
    }
    const texts = first.map((it) => Completion.text(it))
    expect(new Set(texts).size).toBeGreaterThan(seeds.length / 2)
    const kinds = first.map(({ finish }) => `${finish.kind} (${finish.raw})`)
    print(
      "24 answers of at most 64 tokens",
      ["finish", "answers"],
      [...new Set(kinds)].map((kind) => [kind, kinds.filter((it) => it === kind).length])
    )
    for (const { finish, usage } of first) {
      expect(["stop", "length"]).toContain(finish.kind)
      expect(usage.outputTokens).toBeGreaterThan(0)
      expect(usage.outputTokens).toBeLessThanOrEqual(finish.kind === "length" ? 64 : 65)
    }
  })

  it("counts the tokens of a prompt: one more letter is one more", async () => {
    const used = (text: string) =>
      run(
        Effect.map(model.complete(ask(1, { messages: [message("user", text)] })), ({ usage }) => usage.inputTokens ?? 0)
      )
    const [short, long] = [await used("abc"), await used("abcdefgh")]
    expect(long - short).toBe(5)
    expect(short).toBeGreaterThan(3)
  })

  it("stops at a word, and leaves it out", async () => {
    const request = ask(2, { stop: ["e"], maxTokens: 200 })
    const said = await run(model.complete(request))
    expect(said.finish).toEqual({ kind: "stop", raw: "customStopTrigger" })
    expect(Completion.text(said)).not.toContain("e")
  })

  it("answers in a schema, whatever it draws", async () => {
    const schema = {
      type: "object",
      properties: {
        ranking: { type: "array", minItems: 1, maxItems: 3, items: { enum: ["A", "B", "C"] } },
        certainty: { anyOf: [{ type: "integer", minimum: 1, maximum: 10 }, { type: "null" }] },
        why: { type: "string", maxLength: 40 }
      },
      required: ["ranking", "certainty", "why"],
      additionalProperties: false
    }
    const isValid = new Ajv().compile(schema)
    const request = (seed: number) => ask(seed, { responseSchema: { name: "verdict", schema }, maxTokens: 400 })
    const answers = await run(Effect.forEach(seeds, (seed) => model.complete(request(seed))))
    for (const answer of answers) {
      expect(answer.finish.kind).toBe("stop")
      expect([isValid(JSON.parse(Completion.text(answer))), isValid.errors]).toEqual([true, null])
    }
    const parts = await run(Stream.runCollect(model.stream(request(0))))
    expect(parts.at(-1)).toEqual({ _tag: "Done", completion: answers[0] })
  })

  it("tells what does not fit, and ends an answer where the context ends", async () => {
    const long = await run(Effect.flip(model.complete(ask(1, { messages: [message("user", "x".repeat(2000))] }))))
    expect(long.reason._tag).toBe("ContextOverflow")
    const nearly = [message("user", "x".repeat(940))] as const
    const ended = await run(model.complete({ messages: nearly, seed: 3 }))
    expect(ended.usage.inputTokens).toBeGreaterThan(940)
    expect((ended.usage.inputTokens ?? 0) + (ended.usage.outputTokens ?? 0)).toBeLessThanOrEqual(1024)
  })

  it("stops at once when it is interrupted, and is free for the next", async () => {
    const endless = ask(5, {
      maxTokens: 900,
      responseSchema: { name: "x", schema: { type: "string", minLength: 900 } }
    })
    const waits: Array<number> = []
    for (let time = 0; time < 20; time++) {
      await run(
        Effect.gen(function* () {
          const first = Promise.withResolvers<void>()
          const fiber = yield* Effect.forkChild(
            Stream.runForEach(model.stream(endless), () => Effect.sync(() => first.resolve()))
          )
          yield* Effect.promise(() => first.promise)
          const from = performance.now()
          yield* Fiber.interrupt(fiber)
          waits.push(performance.now() - from)
        })
      )
    }
    const next = await run(model.complete(ask(1)))
    expect(next).toEqual(await run(model.complete(ask(1))))
    print("20 interruptions", ["longest wait"], [[`${Math.max(...waits).toFixed(0)} ms`]])
    expect(Math.max(...waits)).toBeLessThan(2000)
  })

  it("writes several answers at once in one context", async () => {
    const alone = await run(Effect.forEach(seeds, (seed) => model.complete(ask(seed))))
    const wide = await load({ parallel: 4 })
    const from = performance.now()
    const together = await run(Effect.forEach(seeds, (seed) => wide.complete(ask(seed)), { concurrency: "unbounded" }))
    const millis = performance.now() - from
    const same = together.filter((one, at) => Completion.text(one) === Completion.text(alone[at] ?? one)).length
    print("24 answers, 4 at once", ["as they are alone", "together"], [[`${same} of 24`, `${millis.toFixed(0)} ms`]])
    for (const { usage } of together) expect(usage.outputTokens).toBeGreaterThan(0)
    // Sums in another order round otherwise, so that a draw may now and then fall to its neighbour.
    expect(same).toBeGreaterThan(seeds.length / 2)
  })

  it("is member and judge of a consortium, loaded once", async () => {
    const own = await load({ contextTokens: 8192 })
    const judge = pointwise(own, { sampling: { temperature: 0.8, seed: 1, maxTokens: 1500 } })
    const seat = (name: string, temperature: number) => ({
      id: MemberId.make(name),
      model: {
        ...own,
        complete: (request: ChatRequest) => own.complete({ ...request, temperature, seed: 7, maxTokens: 64 })
      },
      samples: 1
    })
    const made = Consortium.make({
      members: [seat("calm", 0.2), seat("wild", 1.2)],
      judges: [{ judge }],
      enough: 2
    })
    const said = await run(made.ask(fromText("sky", "Why is the sky blue?")))
    print(
      "a consortium of one file",
      ["calls", "judged", "ranked"],
      [[said.asked.length, said.asked.filter(({ role }) => role === "judge").length, said.by]]
    )
    expect(["calm", "wild"]).toContain(said.by)
    expect(said.asked.filter(({ role }) => role === "judge").length).toBeGreaterThan(0)
  })

  it("says why a file is no model", async () => {
    const failing = (file: string) => run(Effect.flip(Effect.scoped(Gguf.make({ ...options, path: file }))))
    expect((await failing(join(folder, "gone.gguf"))).why).toBe("no-model")
    expect((await failing(new URL(import.meta.url).pathname)).why).toBe("no-model")
    print("the model", ["bytes", "loaded in"], [[statSync(path).size, `${loadMillis.toFixed(0)} ms`]])
  })
})
