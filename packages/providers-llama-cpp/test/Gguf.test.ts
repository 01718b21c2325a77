import { ChatModel, type ChatRequest, type StreamPart } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import type { ModelError } from "@consortium/core/ModelError"
import { message } from "@consortium/core/Prompt"
import { CallLog } from "@consortium/core/Receipt"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { availableParallelism } from "node:os"
import * as Gguf from "../src/Gguf.js"
import { fake, type Turn } from "./library.js"

const path = "/models/small.gguf"
const request: ChatRequest = { messages: [message("user", "hi")] }

const asking = (turns: ReadonlyArray<Turn>, options: Partial<Gguf.Options> = {}, contextSize?: number) =>
  Effect.gen(function* () {
    const library = fake(turns, contextSize)
    const model = yield* Gguf.make({ path, load: library.load, ...options })
    return { library, model }
  })

/** Until something is so, by the wall clock. */
const until = (so: () => boolean) =>
  Effect.promise(async () => {
    while (!so()) await new Promise((resolve) => setTimeout(resolve, 1))
  })

const thinking: Turn = {
  chunks: [{ type: "segment", text: "It is " }, { type: "segment", text: "day." }, { text: "Blue" }, { text: " – 蓝." }]
}

describe("Gguf", () => {
  it.effect("answers in parts, with what it used, whole and streamed alike", () =>
    Effect.gen(function* () {
      const { model } = yield* asking([thinking, thinking])
      const whole = yield* model.complete(request)
      const parts = yield* Stream.runCollect(model.stream(request))
      const used = JSON.stringify([
        { type: "user", text: "hi" },
        { type: "model", response: [] }
      ]).length
      assert.deepStrictEqual(whole, {
        parts: [
          { _tag: "Reasoning", text: "It is day." },
          { _tag: "Text", text: "Blue – 蓝." }
        ],
        finish: { kind: "stop", raw: "eogToken" },
        usage: { inputTokens: used, outputTokens: 4, reasoningTokens: 2 },
        model: "small.gguf"
      })
      const said: ReadonlyArray<StreamPart> = [
        { _tag: "Reasoning", delta: "It is " },
        { _tag: "Reasoning", delta: "day." },
        { _tag: "Text", delta: "Blue" },
        { _tag: "Text", delta: " – 蓝." },
        { _tag: "Done", completion: whole }
      ]
      assert.deepStrictEqual(parts, said)
      assert.deepStrictEqual([model.ref, model.wire], [`gguf/${path}`, "llama-cpp"])
    })
  )

  it.effect("says why it ended", () =>
    Effect.gen(function* () {
      const words = ["eogToken", "stopGenerationTrigger", "customStopTrigger", "maxTokens", "abort", "toString"]
      const { model } = yield* asking(words.map((stopReason) => ({ stopReason })))
      const kinds = yield* Effect.forEach(words, () => Effect.map(model.complete(request), ({ finish }) => finish.kind))
      assert.deepStrictEqual(kinds, ["stop", "stop", "stop", "length", "other", "other"])
    })
  )

  it.effect("asks as it was asked, and as llama.cpp's server does where nothing is said", () =>
    Effect.gen(function* () {
      const { library, model } = yield* asking([{}, {}, {}])
      yield* model.complete(request)
      yield* model.complete(request)
      yield* model.complete({
        ...request,
        temperature: 0,
        topP: 0.9,
        topK: 20,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        maxTokens: 50,
        seed: -1,
        stop: ["END"],
        reasoningEffort: "none",
        providerOptions: { minP: 0.05 }
      })
      const [first, second, third] = library.asked.map(({ options }) => options)
      assert.strictEqual(first?.temperature, 0.8)
      assert.notStrictEqual(first?.seed, second?.seed, "samples differ")
      const { onResponseChunk: _, signal: __, ...options } = third ?? {}
      assert.deepStrictEqual(options, {
        temperature: 0,
        topP: 0.9,
        topK: 20,
        repeatPenalty: { penalty: 1, presencePenalty: 0.1, frequencyPenalty: 0.2 },
        maxTokens: 50,
        seed: 0xffffffff,
        customStopTriggers: ["END"],
        budgets: { thoughtTokens: 0 },
        minP: 0.05
      })
      assert.strictEqual(library.log.filter((it) => it === "cleared").length, 3, "no answer knows of another")
    })
  )

  it.effect("holds an answer to a schema, of which one grammar is made", () =>
    Effect.gen(function* () {
      const json: Turn = { chunks: [{ text: '{"a":' }, { text: " 1}" }, { text: "\n\n" }, { text: "\n" }] }
      const { library, model } = yield* asking([json, json])
      const schema = { type: "object", properties: { a: { anyOf: [{ type: "integer" }, { type: "null" }] } } }
      const asked = { ...request, responseSchema: { name: "x", schema } }
      assert.strictEqual(Completion.text(yield* model.complete(asked)), '{"a": 1}')
      const parts = yield* Stream.runCollect(model.stream(asked))
      assert.strictEqual(parts.flatMap((part) => (part._tag === "Text" ? [part.delta] : [])).join(""), '{"a": 1}')
      assert.deepStrictEqual(library.grammars, [
        { type: "object", properties: { a: { oneOf: [{ type: "integer" }, { type: "null" }] } } }
      ])
      assert.deepStrictEqual(library.asked[0]?.options.grammar, { grammar: 1 })
    })
  )

  it.effect("refuses what the engine can't do, with what to do", () =>
    Effect.gen(function* () {
      const { library, model } = yield* asking([])
      const refused = (more: Partial<ChatRequest>) =>
        Effect.map(Effect.flip(model.complete({ ...request, ...more })), (error) => {
          assert.strictEqual(error.reason._tag, "InvalidRequest")
          return error.detail
        })
      const picture = { _tag: "Image", source: { _tag: "Url", url: "https://a.test/b.png" } } as const
      assert.include(yield* refused({ messages: [{ role: "user", parts: [picture] }] }), "pictures")
      assert.include(yield* refused({ tools: [{ name: "look", parameters: {} }] }), "llama-server")
      const schema = { type: "object", properties: { a: { allOf: [] } } }
      assert.include(yield* refused({ responseSchema: { name: "x", schema } }), "schema.properties.a.allOf")
      assert.lengthOf(library.asked, 0)
    })
  )

  it.effect("tells a prompt that does not fit, and leaves as much room for the answer as there is", () =>
    Effect.gen(function* () {
      const { library, model } = yield* asking([{}, {}], {}, 200)
      const long = { messages: [message("user", "x".repeat(200))] } as const
      const error = yield* Effect.flip(model.complete(long))
      assert.strictEqual(error.reason._tag, "ContextOverflow")
      assert.include(error.detail, "where the context has 200")
      yield* model.complete({ ...request, maxTokens: 5000 })
      const used = JSON.stringify(library.asked[0]?.history).length
      assert.strictEqual(library.asked[0]?.options.maxTokens, 200 - used - 16)
    })
  )

  it.effect("fails with the engine's words, and the words before it are handed on", () =>
    Effect.gen(function* () {
      const { model } = yield* asking([{ chunks: [{ text: "Blue" }], fails: "out of luck" }, {}])
      const parts: Array<StreamPart> = []
      const error: ModelError = yield* Effect.flip(
        Stream.runForEach(model.stream(request), (part) => Effect.sync(() => parts.push(part)))
      )
      assert.deepStrictEqual(parts, [{ _tag: "Text", delta: "Blue" }])
      assert.deepStrictEqual([error.reason._tag, error.detail, error.vendor], ["Unknown", "out of luck", "gguf"])
      yield* model.complete(request)
    })
  )

  it.live("writes so many answers at once, and no more; who waits says how long", () =>
    Effect.gen(function* () {
      const turn: Turn = { chunks: Array.from({ length: 5 }, () => ({ text: "a" })) }
      const { library, model } = yield* asking(Array<Turn>(6).fill(turn), { parallel: 2 })
      const logs = yield* Effect.forEach(
        Array.from({ length: 6 }, () => []),
        (log) => Effect.as(Effect.provideService(model.complete(request), CallLog, log), log),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(library.running.most, 2)
      assert.isTrue(logs.flat().every((event: { _tag: string }) => event._tag === "Waited"))
    })
  )

  it.live("is stopped by interruption, and by a reader that leaves; the next one finds it free", () =>
    Effect.gen(function* () {
      const endless: Turn = { chunks: [{ text: "a" }, { text: "b" }], hangs: true }
      const { library, model } = yield* asking([endless, endless, { chunks: [{ text: "c" }] }])
      const fiber = yield* Effect.forkChild(model.complete(request))
      yield* until(() => library.running.now === 1)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(library.running.now, 0, "it has stopped when the interruption returns")
      const first = yield* Stream.runCollect(Stream.take(model.stream(request), 1))
      assert.deepStrictEqual(first, [{ _tag: "Text", delta: "a" }])
      assert.strictEqual(Completion.text(yield* model.complete(request)), "c")
      assert.strictEqual(library.log.filter((it) => it === "stopped").length, 2)
    })
  )

  it.effect("is loaded once as its options say, and let go when the scope closes", () =>
    Effect.gen(function* () {
      const library = fake([])
      const options = {
        path,
        load: library.load,
        parallel: 3,
        contextTokens: 1000,
        gpu: false,
        gpuLayers: 0,
        threads: 2
      } as const
      yield* Effect.provide(
        Effect.flatMap(ChatModel, (model) => Effect.forEach([1, 2], () => model.complete(request))),
        Gguf.layer(options)
      )
      assert.deepStrictEqual(
        library.log.filter((it) => it !== "cleared"),
        [
          '{"gpu":false,"build":"never","skipDownload":true,"progressLogs":false,"logLevel":"disabled","maxThreads":2}',
          "llama",
          `model {"modelPath":"${path}","gpuLayers":0}`,
          '{"sequences":3,"contextSize":{"max":1000},"threads":2}',
          "context",
          "no context",
          `no model {"modelPath":"${path}","gpuLayers":0}`,
          "no llama"
        ]
      )
    })
  )
})

describe("the cores that compute", () => {
  it.effect("are no more than this process may use, nor than do arithmetic", () =>
    Effect.gen(function* () {
      const { library } = yield* asking([])
      assert.isTrue(library.log.some((it) => it.includes(`"maxThreads":${availableParallelism()}`)))
      assert.include(library.log, '{"sequences":1,"contextSize":{"max":8192},"threads":1}')
    })
  )
})

describe("loading says what is missing, and what to do", () => {
  const failing = (load: () => Promise<unknown>, options: Partial<Gguf.Options> = {}) =>
    Effect.flip(Effect.scoped(Gguf.make({ path, load, ...options })))
  const broken = (step: string) => async () => {
    const fails = async () => Promise.reject(new Error(`no ${step} today`))
    const thing = { dispose: async () => {} }
    const model = { ...thing, tokenizer: {}, createContext: fails }
    const llama = { ...thing, loadModel: step === "model" ? fails : async () => model }
    return { LlamaChat: Object, getLlama: step === "llama" ? fails : async () => llama }
  }

  it.effect("the library itself, which is no dependency of this package", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.scoped(Gguf.make({ path })))
      assert.strictEqual(error.why, "missing-package")
      assert.include(error.message, "npm install node-llama-cpp@3")
    })
  )

  it.effect("another library, a binary, a model, a context", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* failing(async () => ({ getLlama: 1 }))).why, "other-package")
      assert.strictEqual((yield* failing(broken("llama"))).why, "no-binary")
      const model = yield* failing(broken("model"))
      assert.deepStrictEqual([model.why, model.detail], ["no-model", "no model today"])
      assert.strictEqual((yield* failing(broken("context"))).why, "no-context")
      const none = yield* failing(fake([]).load, { parallel: 0 })
      assert.strictEqual(none.why, "no-context")
    })
  )
})
