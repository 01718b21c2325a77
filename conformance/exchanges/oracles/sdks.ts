/** The vendors' official SDKs: each is asked once, without retries, at the player, and its answer brought to a `Result`. */
import { AnthropicBedrock } from "@anthropic-ai/bedrock-sdk"
import Anthropic from "@anthropic-ai/sdk"
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime"
import Cerebras from "@cerebras/cerebras_cloud_sdk"
import { GoogleGenAI } from "@google/genai"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import Groq from "groq-sdk"
import OpenAI from "openai"
import Together from "together-ai"
// By its file: its exports name TypeScript for the condition by which our own packages are found as sources.
import { Mistral } from "../../node_modules/@mistralai/mistralai/esm/index.js"
import type { Result } from "../result.js"
import * as chat from "./chat.js"
import * as converses from "./converse.js"
import * as failure from "./failure.js"
import * as generateContent from "./generateContent.js"
import * as messages from "./messages.js"
import * as responses from "./responses.js"

export interface Question {
  /** Where the player plays, without a slash at the end. */
  readonly url: string
  readonly model: string
  readonly stream: boolean
}

export interface Oracle {
  /** The package that answers. */
  readonly name: string
  readonly ask: (question: Question) => Promise<Result>
}

const key = "sk-synthetic"
const said = [{ role: "user" as const, content: "?" }]

/** An error of the vendor is a result too. */
const oracle = (name: string, ask: Oracle["ask"]): Oracle => ({
  name,
  ask: (question) => ask(question).catch((thrown) => failure.ofThrown(thrown))
})

interface ChatSdk {
  readonly whole: (question: Question) => Promise<unknown>
  readonly streamed: (question: Question) => Promise<AsyncIterable<unknown>>
}

const ofChat =
  (name: string, { streamed, whole }: ChatSdk) =>
  (arithmetic: chat.Arithmetic): Oracle =>
    oracle(name, async (question) =>
      chat.answered(question.stream ? await chat.joined(await streamed(question)) : await whole(question), arithmetic)
    )

const openaiAt = ({ url }: Question) => new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 })

export const openai = ofChat("openai", {
  whole: (question) => openaiAt(question).chat.completions.create({ model: question.model, messages: said }),
  streamed: (question) =>
    openaiAt(question).chat.completions.create({ model: question.model, messages: said, stream: true })
})

/** With the SDK's own way to add a stream up, which wants all that OpenAI itself sends. */
export const openaiHelper = oracle("openai", async (question) => {
  const client = openaiAt(question)
  const { model } = question
  const body = question.stream
    ? await client.chat.completions.stream({ model, messages: said }).finalChatCompletion()
    : await client.chat.completions.create({ model, messages: said })
  return chat.answered(body, {})
})

const groqAt = ({ url }: Question) => new Groq({ apiKey: key, baseURL: url, maxRetries: 0 })
export const groq = ofChat("groq-sdk", {
  whole: (question) => groqAt(question).chat.completions.create({ model: question.model, messages: said }),
  streamed: (question) =>
    groqAt(question).chat.completions.create({ model: question.model, messages: said, stream: true })
})

const togetherAt = ({ url }: Question) => new Together({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 })
export const together = ofChat("together-ai", {
  whole: (question) => togetherAt(question).chat.completions.create({ model: question.model, messages: said }),
  streamed: (question) =>
    togetherAt(question).chat.completions.create({ model: question.model, messages: said, stream: true })
})

const cerebrasAt = ({ url }: Question) =>
  new Cerebras({ apiKey: key, baseURL: url, maxRetries: 0, warmTCPConnection: false })
export const cerebras = ofChat("@cerebras/cerebras_cloud_sdk", {
  whole: (question) => cerebrasAt(question).chat.completions.create({ model: question.model, messages: said }),
  streamed: (question) =>
    cerebrasAt(question).chat.completions.create({ model: question.model, messages: said, stream: true })
})

/** `toolCalls` → `tool_calls`: this SDK renames the wire's fields. */
const asWritten = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asWritten)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, it]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      name === "arguments" ? it : asWritten(it)
    ])
  )
}
const mistralAt = ({ url }: Question) => new Mistral({ apiKey: key, serverURL: url, retryConfig: { strategy: "none" } })
async function* chunksOf(events: AsyncIterable<{ readonly data: unknown }>): AsyncIterable<unknown> {
  for await (const { data } of events) yield asWritten(data)
}
export const mistral = ofChat("@mistralai/mistralai", {
  whole: async (question) =>
    asWritten(await mistralAt(question).chat.complete({ model: question.model, messages: said })),
  streamed: async (question) =>
    chunksOf(await mistralAt(question).chat.stream({ model: question.model, messages: said }))
})

export const openaiResponses = oracle("openai", async (question) => {
  const client = openaiAt(question)
  const { model } = question
  if (!question.stream) return responses.result(await client.responses.create({ model, input: "?" }))
  return responses.result(await client.responses.stream({ model, input: "?" }).finalResponse())
})

/** Its events alone, without its checks that one response has one id. */
export const openaiEvents = oracle("openai", async (question) => {
  let last: unknown
  const { model } = question
  for await (const event of await openaiAt(question).responses.create({ model, input: "?", stream: true }))
    if ("response" in event) last = event.response
  return responses.result(last)
})

export const anthropic = oracle("@anthropic-ai/sdk", async (question) => {
  const client = new Anthropic({ apiKey: key, baseURL: question.url, maxRetries: 0 })
  const body = { model: question.model, max_tokens: 16, messages: said }
  return messages.answered(
    question.stream ? await client.messages.stream(body).finalMessage() : await client.messages.create(body)
  )
})

const googleOf = (vertexai: boolean): Oracle =>
  oracle("@google/genai", async ({ model, stream, url }) => {
    const { models } = new GoogleGenAI({ apiKey: key, vertexai, httpOptions: { baseUrl: url } })
    const question = { model, contents: "?" }
    if (!stream) return generateContent.result([await models.generateContent(question)])
    const chunks: Array<unknown> = []
    for await (const chunk of await models.generateContentStream(question)) chunks.push(chunk)
    return generateContent.result(chunks)
  })

export const gemini = googleOf(false)
export const vertex = googleOf(true)

/** Over HTTP/1, which is what the player speaks. */
export const converse: Oracle = {
  name: "@aws-sdk/client-bedrock-runtime",
  ask: async ({ model, stream, url }) => {
    const client = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: url,
      token: { token: key },
      authSchemePreference: ["httpBearerAuth"],
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler()
    })
    const question = { modelId: model, messages: [{ role: "user" as const, content: [{ text: "?" }] }] }
    try {
      if (!stream) return converses.answered(await client.send(new ConverseCommand(question)))
      const { stream: events } = await client.send(new ConverseStreamCommand(question))
      if (events === undefined) throw new failure.Unreadable("no events")
      return converses.answered(await converses.joined(events))
    } catch (thrown) {
      const refused = converses.refused(thrown)
      if (refused !== undefined) return refused
      throw thrown instanceof failure.Unreadable ? thrown : new failure.Unreadable(String(thrown), { cause: thrown })
    } finally {
      client.destroy()
    }
  }
}

export const anthropicBedrock = oracle("@anthropic-ai/bedrock-sdk", async (question) => {
  const client = new AnthropicBedrock({ apiKey: key, awsRegion: "us-east-1", baseURL: question.url, maxRetries: 0 })
  const body = { model: question.model, max_tokens: 16, messages: said }
  return messages.answered(
    question.stream ? await client.messages.stream(body).finalMessage() : await client.messages.create(body)
  )
})
