import { APICallError, type LanguageModelV2, type LanguageModelV3, type LanguageModelV4 } from "@ai-sdk/provider"
import * as ChatModel from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { ModelError, Overloaded, RateLimited } from "@consortium/core/ModelError"
import { message } from "@consortium/core/Prompt"
import { record, tell } from "@consortium/core/Receipt"
import { chatStack } from "@consortium/middleware/Stack"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import { generateText, jsonSchema, Output, stepCountIs, streamText, tool } from "ai"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { fromLanguageModel, languageModel } from "../src/LanguageModel.js"

const usage = { inputTokens: 12, cacheReadTokens: 4, outputTokens: 9, reasoningTokens: 3 }
const answer = (more: Partial<Completion> = {}): Completion => Fakes.completion("Blue.", { usage, ...more })

/** Records what the inner model is asked, and answers in this order. */
const scripted = (...replies: ReadonlyArray<Fakes.Reply>) =>
  Fakes.chatModel("synthetic/sky", (_, index) => replies[index] ?? replies.at(-1) ?? "")

/** What an AI SDK function rejects with. */
const rejected = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("it did not fail")
}

describe("ours under the AI SDK's own functions", () => {
  it("generateText: text, reasoning, usage, finish, ids and options", async () => {
    const model = scripted(
      answer({
        parts: [
          { _tag: "Reasoning", text: "It is day.", signature: "s1" },
          { _tag: "Text", text: "Blue." }
        ],
        id: "answer-1",
        requestId: "req-1",
        model: "sky-2026"
      })
    )
    const said = await generateText({
      model: languageModel(model),
      instructions: "Be short.",
      prompt: "Why?",
      maxOutputTokens: 64,
      temperature: 0.5,
      topP: 0.9,
      seed: 7,
      stopSequences: ["END"],
      reasoning: "high",
      providerOptions: { consortium: { sample: 2, providerOptions: { store: false } } }
    })
    assert.strictEqual(said.text, "Blue.")
    assert.strictEqual(said.reasoningText, "It is day.")
    assert.strictEqual(said.finishReason, "stop")
    assert.deepInclude(said.usage, { inputTokens: 12, outputTokens: 9 })
    assert.deepInclude(said.response, { id: "answer-1", modelId: "sky-2026" })
    assert.strictEqual(said.response.headers?.["x-request-id"], "req-1")
    assert.deepStrictEqual(model.asked, [
      {
        messages: [message("system", "Be short."), message("user", "Why?")],
        temperature: 0.5,
        topP: 0.9,
        maxTokens: 64,
        seed: 7,
        stop: ["END"],
        reasoningEffort: "high",
        sample: 2,
        providerOptions: { store: false }
      }
    ])
  })

  it("generateText: tools are called, their results come back, thoughts keep their signature", async () => {
    const model = scripted(
      answer({
        parts: [
          { _tag: "Reasoning", text: "Look it up.", signature: "s1", id: "r1" },
          { _tag: "ToolCall", id: "c1", name: "look_up", arguments: '{"at":"sky"}', signature: "s2" }
        ],
        finish: { kind: "tool-calls", raw: "tool_use" }
      }),
      "Blue."
    )
    const parameters = { type: "object", properties: { at: { type: "string" } }, required: ["at"] } as const
    const said = await generateText({
      model: languageModel(model),
      prompt: "Why?",
      toolChoice: "auto",
      stopWhen: stepCountIs(3),
      tools: {
        look_up: tool({
          description: "finds it",
          inputSchema: jsonSchema<{ at: string }>(parameters),
          execute: async ({ at }) => ({ seen: at })
        })
      }
    })
    assert.strictEqual(said.text, "Blue.")
    assert.strictEqual(said.steps.length, 2)
    const [first, second] = model.asked
    assert.deepStrictEqual(first?.tools, [{ name: "look_up", description: "finds it", parameters }])
    assert.deepStrictEqual(second?.messages.slice(1), [
      {
        role: "assistant",
        parts: [
          { _tag: "Reasoning", text: "Look it up.", signature: "s1", id: "r1" },
          { _tag: "ToolCall", id: "c1", name: "look_up", arguments: '{"at":"sky"}', signature: "s2" }
        ]
      },
      { role: "tool", parts: [{ _tag: "ToolResult", id: "c1", name: "look_up", text: '{"seen":"sky"}' }] }
    ])
  })

  it("structured output: the schema arrives, the value comes back", async () => {
    const model = scripted('{"hue":"blue"}')
    const said = await generateText({
      model: languageModel(model),
      prompt: "Which?",
      output: Output.object({
        schema: jsonSchema<{ hue: string }>({ type: "object", properties: { hue: { type: "string" } } })
      })
    })
    assert.deepStrictEqual(said.output, { hue: "blue" })
    assert.deepInclude(model.asked[0]?.responseSchema?.schema, { type: "object" })
  })

  it("images: bytes and text files arrive", async () => {
    const model = scripted("A cat.")
    await generateText({
      model: languageModel(model),
      messages: [
        {
          role: "user",
          content: [
            {
              type: "text",
              text: "What is it?",
              providerOptions: { anthropic: { cacheControl: { type: "ephemeral" } } }
            },
            { type: "file", data: new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]), mediaType: "image/png" }
          ]
        }
      ]
    })
    assert.deepStrictEqual(model.asked[0]?.messages[0]?.parts, [
      { _tag: "Text", text: "What is it?", cache: "short" },
      { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "iVBORw0KGgo=" } }
    ])
  })

  it("streamText: pieces, tools and the end", async () => {
    const said = streamText({ model: languageModel(scripted(answer())), prompt: "Why?" })
    const pieces: Array<string> = []
    for await (const piece of said.textStream) pieces.push(piece)
    assert.strictEqual(pieces.join(""), "Blue.")
    assert.deepInclude(await said.usage, { inputTokens: 12, outputTokens: 9 })
    assert.strictEqual(await said.finishReason, "stop")
  })

  it("notes of middleware and of consortia come out as provider metadata", async () => {
    const noted = ChatModel.make({
      ref: "synthetic/noted",
      complete: () =>
        Effect.as(tell({ _tag: "Note", source: "proof", data: { by: "a" } }), answer({ usage: { usd: 0.5 } }))
    })
    const said = await generateText({ model: languageModel(noted), prompt: "Why?" })
    assert.deepInclude(said.providerMetadata?.consortium, {
      ref: "synthetic/noted",
      usd: 0.5,
      notes: [{ source: "proof", data: { by: "a" } }]
    })
    const { providerMetadata } = await streamText({ model: languageModel(noted), prompt: "Why?" })
    assert.deepInclude((await providerMetadata)?.consortium, { notes: [{ source: "proof", data: { by: "a" } }] })
  })
})

describe("failures", () => {
  const busy = new ModelError({
    vendor: "v",
    model: "m",
    reason: new Overloaded({ retryAfterMillis: 1 }),
    detail: "busy"
  })

  it("a bare vendor's error is tried again by the AI SDK", async () => {
    const model = scripted(busy, "Blue.")
    assert.strictEqual((await generateText({ model: languageModel(model), prompt: "Why?" })).text, "Blue.")
    assert.strictEqual(model.asked.length, 2)
  })

  it("what our middleware tried again is not tried again once more", async () => {
    const model = scripted(busy)
    const sturdy = chatStack({ retry: Schedule.recurs(2) })(model)
    const error = await rejected(generateText({ model: languageModel(sturdy), prompt: "Why?" }))
    assert.isTrue(APICallError.isInstance(error))
    if (!APICallError.isInstance(error)) return
    assert.strictEqual(model.asked.length, 3)
    assert.isFalse(error.isRetryable)
    assert.deepStrictEqual(error.data, { tag: "ModelError", reason: "Overloaded" })
    assert.strictEqual(error.cause, busy)
    assert.strictEqual(error.responseHeaders?.["retry-after-ms"], "1")
  })

  it("a stream that fails before its first word is a rejected call, after it an error part", async () => {
    const early = scripted(busy, "Blue.")
    const said = streamText({ model: languageModel(early), prompt: "Why?" })
    assert.strictEqual(await said.text, "Blue.")
    assert.strictEqual(early.asked.length, 2)

    const late = ChatModel.make({
      ref: "synthetic/late",
      complete: () => Effect.fail(busy),
      stream: () => Stream.concat(Stream.succeed({ _tag: "Text", delta: "Bl" } as const), Stream.fail(busy))
    })
    const errors: Array<unknown> = []
    const broken = streamText({
      model: languageModel(late),
      prompt: "Why?",
      onError: ({ error }) => void errors.push(error)
    })
    const heard: Array<string> = []
    for await (const piece of broken.textStream) heard.push(piece)
    assert.deepStrictEqual(heard, ["Bl"])
    assert.isTrue(errors.length === 1 && APICallError.isInstance(errors[0]) && errors[0].cause === busy)
  })

  it("an aborted call interrupts the model, whole and streamed", async () => {
    for (const verb of ["generate", "stream"] as const) {
      const control = new AbortController()
      let cut = false
      const hanging = Effect.sync(() => setTimeout(() => control.abort(), 5)).pipe(
        Effect.andThen(Effect.never),
        Effect.onInterrupt(() => Effect.sync(() => void (cut = true)))
      )
      const model = languageModel(ChatModel.make({ ref: "synthetic/hangs", complete: () => hanging }))
      const options = { prompt: [], abortSignal: control.signal }
      const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "Why?" }] }]
      const error = await rejected(
        verb === "generate" ? model.doGenerate({ ...options, prompt }) : model.doStream({ ...options, prompt })
      )
      assert.instanceOf(error, DOMException)
      assert.strictEqual(error.name, "AbortError")
      await new Promise((resolve) => setTimeout(resolve, 5))
      assert.isTrue(cut, verb)
    }
  })

  it("what can't be asked is refused in the AI SDK's words", async () => {
    const model = languageModel(scripted("no"))
    const pdf = { type: "file" as const, mediaType: "application/pdf", data: { type: "data" as const, data: "aGk=" } }
    const error = await rejected(model.doGenerate({ prompt: [{ role: "user", content: [pdf] }] }))
    assert.strictEqual(error instanceof Error && error.name, "AI_UnsupportedFunctionalityError")
    const wrong = generateText({ model, prompt: "Why?", providerOptions: { consortium: { temprature: 1 } } })
    const refusal = await rejected(wrong)
    assert.match(String(refusal), /providerOptions\.consortium.*temprature|temprature/s)
  })
})

const v4 = (more: Partial<LanguageModelV4>): LanguageModelV4 => ({
  specificationVersion: "v4",
  provider: "synthetic.chat",
  modelId: "m",
  supportedUrls: {},
  doGenerate: () => Promise.reject(new Error("not asked")),
  doStream: () => Promise.reject(new Error("not asked")),
  ...more
})
const none = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 2, text: 2, reasoning: 0 }
}
const request = { messages: [message("user", "Why?")] } as const

describe("theirs as ours", () => {
  it.effect("metadata of a part is its signature, and goes back as it came", () =>
    Effect.gen(function* () {
      const asked: Array<unknown> = []
      const model = fromLanguageModel(
        v4({
          doGenerate: async ({ prompt }) => {
            asked.push(prompt)
            return {
              content: [
                { type: "reasoning", text: "", providerMetadata: { openai: { itemId: "r1", encrypted: "e" } } },
                { type: "text", text: "Blue.", providerMetadata: { openai: { itemId: "t1" } } },
                { type: "source", sourceType: "url", id: "s", url: "https://example.com" },
                { type: "tool-call", toolCallId: "w", toolName: "web", input: "{}", providerExecuted: true }
              ],
              finishReason: { unified: "stop", raw: "completed" },
              usage: none,
              warnings: [{ type: "unsupported", feature: "seed" }],
              response: {
                id: "answer-1",
                modelId: "m-2026",
                headers: { "X-Request-Id": "req-1", "x-ratelimit-remaining-requests": "9" }
              }
            }
          }
        })
      )
      const [said, receipt] = yield* record(model.complete)(request)
      const completion = yield* Effect.fromResult(said)
      assert.deepStrictEqual(completion, {
        parts: [
          { _tag: "Reasoning", text: "", signature: '{"openai":{"itemId":"r1","encrypted":"e"}}' },
          { _tag: "Text", text: "Blue.", signature: '{"openai":{"itemId":"t1"}}' }
        ],
        finish: { kind: "stop", raw: "completed" },
        usage: { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 2, reasoningTokens: 0 },
        model: "m-2026",
        id: "answer-1",
        requestId: "req-1",
        limits: { requestsRemaining: 9 }
      })
      assert.deepStrictEqual(receipt.events, [
        { _tag: "Note", source: "ai-sdk", data: { warnings: [{ type: "unsupported", feature: "seed" }] } }
      ])
      const [first, second] = completion.parts
      if (first === undefined || second === undefined) return assert.fail("two parts")
      yield* model.complete({ messages: [{ role: "assistant", parts: [first, second] }, ...request.messages] })
      assert.deepInclude(asked[1], {
        role: "assistant",
        content: [
          { type: "reasoning", text: "", providerOptions: { openai: { itemId: "r1", encrypted: "e" } } },
          { type: "text", text: "Blue.", providerOptions: { openai: { itemId: "t1" } } }
        ]
      })
    })
  )

  it.effect("provider options go by provider; anything else is refused", () =>
    Effect.gen(function* () {
      const asked: Array<unknown> = []
      const model = fromLanguageModel(
        v4({
          doGenerate: async ({ providerOptions, reasoning }) => {
            asked.push({ providerOptions, reasoning })
            return { content: [], finishReason: { unified: "stop", raw: "stop" }, usage: none, warnings: [] }
          }
        }),
        { ref: "mine/m", providerOptions: { openai: { store: false, user: "u" } } }
      )
      assert.strictEqual(model.ref, "mine/m")
      yield* model.complete({ ...request, reasoningEffort: "max", providerOptions: { openai: { store: true } } })
      assert.deepStrictEqual(asked, [{ providerOptions: { openai: { store: true, user: "u" } }, reasoning: "max" }])
      const error = yield* Effect.flip(model.complete({ ...request, providerOptions: { store: true } }))
      assert.strictEqual(error.reason._tag, "InvalidRequest")
    })
  )

  it.effect("every error of the AI SDK has a reason", () =>
    Effect.gen(function* () {
      const failing = (error: unknown) => fromLanguageModel(v4({ doGenerate: () => Promise.reject(error) }))
      const call = (more: Partial<ConstructorParameters<typeof APICallError>[0]>) =>
        new APICallError({ message: "no", url: "https://example.com", requestBodyValues: {}, ...more })
      const named = (name: string) => Object.assign(new Error("no"), { name })
      const cases: ReadonlyArray<readonly [unknown, ModelError["reason"]["_tag"]]> = [
        [call({ statusCode: 401 }), "Authentication"],
        [
          call({ statusCode: 400, data: { error: { message: "no", code: "context_length_exceeded" } } }),
          "ContextOverflow"
        ],
        [call({ isRetryable: true }), "Network"],
        [call({}), "Unknown"],
        [call({ statusCode: 200, responseBody: "<p>" }), "MalformedOutput"],
        [call({ statusCode: 200, cause: new TypeError("terminated") }), "Network"],
        [named("AI_LoadAPIKeyError"), "Authentication"],
        [named("AI_NoSuchModelError"), "NotFound"],
        [named("AI_UnsupportedFunctionalityError"), "InvalidRequest"],
        [named("AI_TypeValidationError"), "MalformedOutput"],
        [named("TimeoutError"), "TimedOut"],
        [Object.assign(new Error("no"), { statusCode: 429 }), "RateLimited"],
        [{ type: "overloaded_error", message: "no" }, "Overloaded"],
        ["no", "ServerError"],
        [undefined, "Unknown"],
        [new TypeError("fetch failed"), "Network"]
      ]
      for (const [thrown, reason] of cases) {
        const error = yield* Effect.flip(failing(thrown).complete(request))
        assert.strictEqual(error.reason._tag, reason, String(thrown))
        assert.strictEqual(error.vendor, "synthetic.chat")
      }
      const waits = call({ statusCode: 429, responseHeaders: { "retry-after": "7" } })
      const error = yield* Effect.flip(failing(waits).complete(request))
      assert.deepStrictEqual(error.reason, new RateLimited({ scope: "unknown", retryAfterMillis: 7000 }))
    })
  )

  it.live("interruption aborts the provider's call", () =>
    Effect.gen(function* () {
      const signals: Array<AbortSignal> = []
      const hang = ({ abortSignal }: { abortSignal?: AbortSignal }) =>
        new Promise<never>((_, reject) => {
          if (abortSignal === undefined) return
          signals.push(abortSignal)
          abortSignal.addEventListener("abort", () => reject(abortSignal.reason))
        })
      const model = fromLanguageModel(v4({ doGenerate: hang, doStream: hang }))
      for (const call of [model.complete(request), Stream.runDrain(model.stream(request))]) {
        const fiber = yield* Effect.forkChild(call)
        yield* Effect.sleep("5 millis")
        yield* Fiber.interrupt(fiber)
      }
      assert.deepStrictEqual(
        signals.map(({ aborted }) => aborted),
        [true, true]
      )
    })
  )

  it.effect("older versions of the specification: flat usage, bare finish words, bare files, effort by provider", () =>
    Effect.gen(function* () {
      const asked: Array<unknown> = []
      const v2: LanguageModelV2 = {
        specificationVersion: "v2",
        provider: "old.chat",
        modelId: "m2",
        supportedUrls: {},
        doGenerate: async ({ prompt, providerOptions }) => {
          asked.push({ prompt, providerOptions })
          return {
            content: [{ type: "text", text: "Blue." }],
            finishReason: "length",
            usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7, cachedInputTokens: 2, reasoningTokens: 1 },
            warnings: []
          }
        },
        doStream: () => Promise.reject(new Error("not asked"))
      }
      const v3: LanguageModelV3 = {
        ...v4({}),
        specificationVersion: "v3",
        doGenerate: v3Generate(asked),
        doStream: v3Stream
      }
      const image = { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "aGk=" } } as const
      const seen = { messages: [{ role: "user", parts: [image] }], reasoningEffort: "low" } as const
      const old = yield* fromLanguageModel(v2).complete(seen)
      assert.deepStrictEqual(old.finish, { kind: "length", raw: "length" })
      assert.deepStrictEqual(old.usage, { inputTokens: 3, cacheReadTokens: 2, outputTokens: 4, reasoningTokens: 1 })
      yield* fromLanguageModel(v3).complete(seen)
      const prompt = [{ role: "user", content: [{ type: "file", mediaType: "image/png", data: "aGk=" }] }]
      assert.deepStrictEqual(asked, [
        { prompt, providerOptions: { old: { reasoningEffort: "low" } } },
        { prompt, providerOptions: { synthetic: { reasoningEffort: "low" } } }
      ])
      const parts = yield* Stream.runCollect(fromLanguageModel(v3).stream(request))
      assert.deepStrictEqual(
        parts.map(({ _tag }) => _tag),
        ["Text", "ToolCall", "ToolCall", "Done"]
      )
    })
  )
})

const v3Generate =
  (asked: Array<unknown>): LanguageModelV3["doGenerate"] =>
  async ({ prompt, providerOptions }) => {
    asked.push({ prompt, providerOptions })
    return { content: [], finishReason: { unified: "stop", raw: "stop" }, usage: none, warnings: [] }
  }

const v3Stream: LanguageModelV3["doStream"] = async () => ({
  stream: new ReadableStream({
    start: (out) => {
      // Some providers leave out starts, or say a call at once.
      out.enqueue({ type: "text-delta", id: "0", delta: "Blue." })
      out.enqueue({ type: "tool-input-start", id: "c", toolName: "t" })
      out.enqueue({ type: "tool-call", toolCallId: "c", toolName: "t", input: "{}" })
      out.enqueue({ type: "finish", finishReason: { unified: "tool-calls", raw: "x" }, usage: none })
      out.close()
    }
  })
})
