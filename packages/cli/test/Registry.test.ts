import { message } from "@consortium/core/Prompt"
import { serve } from "@consortium/testing/Exchanges"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { layer, Registry } from "../src/Registry.js"

const request = { messages: [message("user", "hi")] } as const
const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))

/** Where a model of this name asks, and what it calls itself. */
const asked = (ref: string, variables: (url: string) => Record<string, string>) =>
  Effect.gen(function* () {
    const player = yield* serve([{ status: 404, body: '{"error":"synthetic"}' }])
    const ask = Effect.gen(function* () {
      const model = yield* Effect.flatMap(Registry, (registry) => registry.chat(ref))
      yield* Effect.flip(model.complete(request))
      return model
    })
    const model = yield* Effect.provide(Effect.provide(ask, layer(1)), env(variables(player.url)))
    return { path: player.asked[0]?.path, ref: model.ref, wire: model.wire }
  })

describe("the wires of a vendor", () => {
  const ollama = (url: string) => ({ OLLAMA_BASE_URL: `${url}/v1` })

  it.effect("a bare name means the wire that it always meant, and the others are named", () =>
    Effect.gen(function* () {
      const chat = { path: "/v1/chat/completions", ref: "ollama/llama3:8b", wire: "openai.chat" }
      assert.deepStrictEqual(yield* asked("ollama/llama3:8b", ollama), chat)
      assert.deepStrictEqual(yield* asked("ollama.chat/llama3:8b", ollama), chat)
      assert.deepStrictEqual(yield* asked("ollama.native/llama3:8b", ollama), {
        path: "/api/chat",
        ref: "ollama.native/llama3:8b",
        wire: "ollama.native"
      })
    })
  )

  it.effect("Cohere is asked at its own address, with either variable", () =>
    Effect.gen(function* () {
      for (const variable of ["CO_API_KEY", "COHERE_API_KEY"])
        assert.deepStrictEqual(
          yield* asked("cohere/command-a", (url) => ({ COHERE_BASE_URL: url, [variable]: "synthetic" })),
          { path: "/v2/chat", ref: "cohere/command-a", wire: "cohere.chat" }
        )
    })
  )

  it.effect("a file is a model of this process, and says what its engine lacks", () =>
    Effect.gen(function* () {
      const failed = (ref: string) =>
        Effect.provide(Effect.flip(Effect.flatMap(Registry, (registry) => registry.chat(ref))), layer(1))
      assert.include((yield* failed("gguf//models/small.gguf")).message, "npm install node-llama-cpp@3")
      assert.include((yield* failed("gguf.chat/small.gguf")).message, "gguf has no wire chat; it has: file")
    })
  )

  it.effect("a missing key is named", () =>
    Effect.gen(function* () {
      const ask = Effect.flip(Effect.flatMap(Registry, (registry) => registry.chat("cohere/command-a")))
      const error = yield* Effect.provide(Effect.provide(ask, layer(1)), env({}))
      assert.include(error.message, "cohere/command-a: COHERE_API_KEY holds no key")
    })
  )
})
