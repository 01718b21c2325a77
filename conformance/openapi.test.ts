/** The bodies that our clients send OpenAI, against the document that OpenAI publishes of its API. */
import { existsSync } from "node:fs"
import { ChatRequest } from "@consortium/core/ChatModel"
import * as Embeddings from "@consortium/embedders-openai-compatible/Embeddings"
import { vendors } from "@consortium/embedders-openai-compatible/Vendors"
import * as Chat from "@consortium/providers-openai/Chat"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { complete, runtime, stream } from "./exchanges/ours.js"
import { type Player, start as startPlayer } from "./exchanges/player.js"
import { start as startSteady, type Steady } from "./internal/steady.js"

const variable = "CONSORTIUM_OPENAI_SPEC"
const document = process.env[variable]
const isThere = document !== undefined && existsSync(document)
if (!isThere) console.log(`skipped: ${variable} names no file; it is to be the OpenAPI document of OpenAI's API`)

const decode = Schema.decodeUnknownSync(ChatRequest)
const said = (text: string) => ({ role: "user", parts: [{ _tag: "Text", text }] })
const schema = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false
}
const tools = [{ name: "weather", description: "Tells the weather.", parameters: schema }]
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

/** Synthetic requests; between them they use every field that the wire has. */
const requests: ReadonlyArray<readonly [string, string, unknown]> = [
  ["one text", "gpt-4o", { messages: [said("Hello")] }],
  [
    "turns of all roles, with all sampling",
    "gpt-4o",
    {
      messages: [
        { role: "system", parts: [{ _tag: "Text", text: "Be brief." }] },
        said("Hello"),
        {
          role: "assistant",
          parts: [
            { _tag: "Reasoning", text: "A greeting." },
            { _tag: "Text", text: "Hi" }
          ]
        },
        said("Again")
      ],
      ...{ temperature: 0.5, topP: 0.9, topK: 40, presencePenalty: 0.1, frequencyPenalty: -0.1 },
      ...{ maxTokens: 64, seed: 7, stop: ["END"] }
    }
  ],
  [
    "pictures",
    "gpt-4o",
    {
      messages: [
        {
          role: "user",
          parts: [
            { _tag: "Text", text: "What are these?" },
            { _tag: "Image", source: { _tag: "Url", url: "https://example.com/a.png" } },
            { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: pixel } }
          ]
        }
      ]
    }
  ],
  ...["auto", "none", "required", { name: "weather" }].map(
    (toolChoice) =>
      [
        `tools, choice ${JSON.stringify(toolChoice)}`,
        "gpt-4o",
        { messages: [said("Rain?")], tools, toolChoice }
      ] as const
  ),
  [
    "calls and their results",
    "gpt-4o",
    {
      messages: [
        said("Rain?"),
        {
          role: "assistant",
          parts: [
            { _tag: "ToolCall", id: "call_1", name: "weather", arguments: '{"city":"Oslo"}' },
            { _tag: "ToolCall", id: "call_2", name: "weather", arguments: '{"city":"Rome"}' }
          ]
        },
        {
          role: "tool",
          parts: [
            { _tag: "ToolResult", id: "call_1", text: "rain" },
            { _tag: "ToolResult", id: "call_2", text: "sun" }
          ]
        }
      ],
      tools
    }
  ],
  ["a schema", "gpt-4o", { messages: [said("Where?")], responseSchema: { name: "place", schema } }],
  ...["none", "minimal", "low", "medium", "high", "max"].map(
    (reasoningEffort) =>
      [
        `effort ${reasoningEffort}`,
        "gpt-5.1",
        { messages: [{ role: "system", parts: [{ _tag: "Text", text: "Think." }] }, said("Why?")], reasoningEffort }
      ] as const
  )
]

/** What they are answered does not matter here. */
const refusal = { status: 400, headers: { "content-type": "application/json" }, bytes: Buffer.from("{}") }

describe.skipIf(!isThere)("bodies by OpenAI's own document", () => {
  let steady: Steady
  let player: Player
  beforeAll(async () => {
    player = await startPlayer()
    steady = await startSteady(document ?? "")
  })
  afterAll(async () => {
    steady.stop()
    await player.stop()
    await runtime.dispose()
  })

  it.each(requests)("chat: %s", async (_, model, request) => {
    const { asked, url } = player.play(refusal)
    for (const verb of [complete, stream]) {
      await verb(Chat.make({ model, baseUrl: `${url}/v1` }), decode(request))
      expect(asked()).toMatchObject({ model })
      expect(await steady.faults("/chat/completions", asked())).toEqual([])
    }
  })

  it.each([{}, { dimensions: 256 }])("embeddings: %o", async (more) => {
    const { asked, url } = player.play(refusal)
    const model = "text-embedding-3-small"
    const embedder = Embeddings.make({ vendor: vendors.openai, model, baseUrl: `${url}/v1`, ...more })
    await runtime.runPromise(Effect.flatMap(embedder, (it) => Effect.result(it.embed(["tea", "rockets"]))))
    expect(asked()).toMatchObject({ model, input: ["tea", "rockets"] })
    expect(await steady.faults("/embeddings", asked())).toEqual([])
  })

  it("a body that is wrong is refused, or none of this says anything", async () => {
    const wrong = { model: "gpt-4o", messages: [{ role: "user", content: "Hello" }], temperature: "warm" }
    expect(await steady.faults("/chat/completions", wrong)).not.toEqual([])
    expect(await steady.faults("/embeddings", { model: "text-embedding-3-small" })).not.toEqual([])
  })
})
