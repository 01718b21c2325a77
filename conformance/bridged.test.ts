/** Recorded exchanges of real vendors: what the AI SDK's own clients read of them, over the bridge, is what ours read. */
import { createAnthropic } from "@ai-sdk/anthropic"
import { createGoogleGenerativeAI } from "@ai-sdk/google"
import { createOpenAI } from "@ai-sdk/openai"
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { type AiSdkLanguageModel, fromLanguageModel } from "@consortium/bridge-ai-sdk/LanguageModel"
import { message } from "@consortium/core/Prompt"
import * as Effect from "effect/Effect"
import { isDeepStrictEqual } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { isStreamed, modelOf } from "./exchanges/exchange.js"
import { laneOf } from "./exchanges/lanes.js"
import { answered, complete, type Make, runtime, stream } from "./exchanges/ours.js"
import { type Player, start } from "./exchanges/player.js"
import { answerOf, read, type Recording } from "./exchanges/recordings.js"
import type { Answered, Refused } from "./exchanges/result.js"
import { sharedFile } from "./internal/places.js"
import { print } from "./internal/table.js"

const folder = sharedFile("data/exchanges")
const apiKey = "sk-synthetic"
const request = { messages: [message("user", "Rain?")], maxTokens: 64 } as const

/** The AI SDK's client of each wire, at an address. */
const clients: Readonly<Record<string, (url: string, model: string) => AiSdkLanguageModel>> = {
  messages: (url, model) => createAnthropic({ apiKey, baseURL: `${url}/v1` })(model),
  responses: (url, model) => createOpenAI({ apiKey, baseURL: `${url}/v1` }).responses(model),
  generateContent: (url, model) => createGoogleGenerativeAI({ apiKey, baseURL: `${url}/v1beta` })(model),
  chat: (url, model) =>
    createOpenAICompatible({ name: "recorded", apiKey, baseURL: `${url}/v1`, includeUsage: true })(model)
}

const asked = async (make: Make, streamed: boolean): Promise<Answered | Refused> => {
  const end = streamed ? (await stream(make, request)).end : await complete(make, request)
  return "_tag" in end ? end : answered(end)
}

/** What both sides say, without what the AI SDK has no word for: raw finish words of some wires, ids of calls. */
const shown = (said: Answered | Refused) =>
  said._tag === "Refused"
    ? { refused: said.kind }
    : {
        text: said.text,
        reasoning: said.reasoning?.trim(),
        calls: said.calls.map(({ arguments: to, name }) => ({ name, to })),
        finish: said.finish?.kind,
        inputTokens: said.usage.inputTokens,
        outputTokens: said.usage.outputTokens
      }

/** The names of what differs. */
const differing = (ours: Answered | Refused, theirs: Answered | Refused): ReadonlyArray<string> => {
  const [a, b]: ReadonlyArray<Readonly<Record<string, unknown>>> = [shown(ours), shown(theirs)]
  return [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])].filter(
    (name) => !isDeepStrictEqual(a?.[name], b?.[name])
  )
}

/** What the AI SDK's clients themselves read otherwise, before the bridge sees it. */
const known: Readonly<Record<string, ReadonlyArray<string>>> = {
  "its Gemini client asks for events and for objects, and these are arrays, errors in a good answer, or of other shapes":
    [
      ...["028", "029", "034", "039", "050"].map((number) => `gemini/generateContent-200-json-${number}`),
      ...["001", "002", "005", "010", "011", "014", "017"].map((number) => `vertex/generateContent-200-json-${number}`)
    ],
  "Google's words for a prompt that is too long are a fact of our Google client": [
    "vertex/generateContent-400-json-002"
  ],
  "several choices, which it mixes": [
    "llamacpp/chat-200-sse-010",
    "mistral/chat-200-sse-006",
    "openai/chat-200-sse-011",
    "openai/chat-200-sse-035"
  ],
  "reasoning where other servers of the Responses wire put it": [
    ...["001", "006"].map((number) => `bedrock-mantle/responses-200-json-${number}`),
    ...["json-001", "json-003", "json-005", "sse-002"].map((number) => `deepseek/responses-200-${number}`),
    ...["json-001", "sse-002"].map((number) => `lmstudio/responses-200-${number}`)
  ],
  "fields that its schemas demand and these servers leave out": [
    "bedrock-mantle/responses-200-json-003",
    "mistralrs/responses-200-json-002"
  ],
  "OpenAI's own tools, which it tells as calls": [
    ...["004", "007", "008", "012", "014"].map((number) => `openai/responses-200-json-${number}`),
    "openai/responses-200-sse-014"
  ],
  "a stream without a finish word, which it calls cut, or words that it does not know": [
    "openai/chat-200-sse-006",
    "openai/chat-200-sse-025",
    "snowflake/chat-200-json-001",
    "snowflake/chat-200-sse-002",
    "together/chat-200-sse-002"
  ],
  "reasoning that xAI counts beside the answer": ["002", "003", "004"].map((number) => `xai/chat-200-json-${number}`)
}
const knownIds = new Set(Object.values(known).flat())

interface Count {
  exchanges: number
  same: number
}
const counts = new Map<string, Count>()

let player: Player
beforeAll(async () => {
  player = await start()
})
afterAll(async () => {
  await player.stop()
  await runtime.dispose()
  if (counts.size === 0) return
  const rows = [...counts].map(([wire, { exchanges, same }]) => [wire, exchanges, same])
  const title = "recorded exchanges, read by the AI SDK's clients over the bridge as our own read them"
  print(title, ["wire", "exchanges", "alike"], rows)
})

/** What differs in one exchange; nothing where no client of the AI SDK speaks its wire. */
const play = async (file: string, recording: Recording): Promise<ReadonlyArray<string>> => {
  // Bedrock frames the messages wire in its own way, which is for a client of Bedrock.
  if (file === "bedrock") return []
  const lane = laneOf(file, recording)
  const client = typeof lane === "string" ? undefined : clients[lane.wire]
  if (typeof lane === "string" || client === undefined) return []
  const { url } = player.play(answerOf(recording), "bridged", recording.id)
  const [model, streamed] = [modelOf(recording), isStreamed(recording)]
  const ours = await asked(lane.make(url, model), streamed)
  const theirs = await asked(Effect.succeed(fromLanguageModel(client(url, model))), streamed)
  const differs = differing(ours, theirs)
  const count = counts.get(lane.wire) ?? { exchanges: 0, same: 0 }
  counts.set(lane.wire, count)
  count.exchanges++
  if (differs.length === 0) count.same++
  return differs.length === 0 || knownIds.has(recording.id) ? [] : [`${recording.id}: ${differs.join(", ")}`]
}

describe.skipIf(folder === undefined)("over the bridge", () => {
  it("recorded answers and refusals are read alike", async () => {
    const found: Array<string> = []
    for (const [file, recordings] of read(folder ?? "")) {
      for (const recording of recordings) found.push(...(await play(file, recording)))
    }
    expect(found).toEqual([])
    for (const wire of Object.keys(clients)) expect(counts.get(wire)?.same ?? 0).toBeGreaterThan(40)
  })
})

it("what differs is noticed", () => {
  const said: Answered = {
    _tag: "Answered",
    text: "Yes.",
    reasoning: "",
    calls: [],
    finish: { kind: "stop", raw: "stop" },
    usage: { inputTokens: 3 },
    model: "m",
    id: undefined
  }
  expect(differing(said, { ...said, text: "No.", usage: {} })).toEqual(["text", "inputTokens"])
  expect(differing(said, said)).toEqual([])
})
