/** One case of `chatStream.ts`, in a process of its own: so many streams of 201 text chunks. Prints its CPU. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { message } from "@consortium/core/Prompt"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { define } from "@consortium/providers-openai-compatible/Vendor"
import * as HttpClients from "@consortium/wire/HttpClients"
import { streamText } from "ai"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { createParser } from "eventsource-parser"
import OpenAI from "openai"
import { Agent, request } from "undici"
import { apiKey, fibers, inFlight, load, measured, model, prompt, type Run } from "./chatLoad.ts"

const [name = "", url = "", count = "0"] = process.argv.slice(2)
const chunks = 200
const body = JSON.stringify({ model, stream: true, messages: [{ role: "user", content: prompt }] })

/** Counts the texts of an answer, so that no case reads less than another. */
const texts = (counting: () => Promise<number>): Run =>
  load(async () => {
    const seen = await counting()
    if (seen !== chunks) throw new Error(`${seen} texts`)
  })

interface Chunk {
  readonly choices: ReadonlyArray<{ readonly delta: { readonly content?: string | null } }>
}

const undici = () => {
  const dispatcher = new Agent({ connections: inFlight, pipelining: 1 })
  return texts(async () => {
    let seen = 0
    const parser = createParser({
      onEvent: ({ data }) => {
        if (data === "[DONE]") return
        const chunk: Chunk = JSON.parse(data)
        if (chunk.choices[0]?.delta.content !== undefined) seen++
      }
    })
    const decoder = new TextDecoder()
    const headers = { "content-type": "application/json", authorization: `Bearer ${apiKey}` }
    const answer = await request(`${url}/chat/completions`, { method: "POST", headers, body, dispatcher })
    for await (const piece of answer.body) parser.feed(decoder.decode(piece, { stream: true }))
    return seen
  })
}

const openai = () => {
  const client = new OpenAI({ baseURL: url, apiKey })
  return texts(async () => {
    let seen = 0
    const messages = [{ role: "user" as const, content: prompt }]
    for await (const chunk of await client.chat.completions.create({ model, stream: true, messages }))
      if (typeof chunk.choices[0]?.delta.content === "string") seen++
    return seen
  })
}

const aiSdk = () => {
  const provider = createOpenAICompatible({ name: "synthetic", baseURL: url, apiKey })
  return texts(async () => {
    let seen = 0
    for await (const _ of streamText({ model: provider(model), prompt }).textStream) seen++
    return seen
  })
}

const vendor = define({
  id: "synthetic",
  baseUrl: url,
  baseUrlVariable: "X",
  apiKey: { variable: "X", optional: true }
})

const ours = () =>
  fibers(
    Effect.map(ChatCompletions.make({ vendor, model, apiKey: Redacted.make(apiKey) }), (chat) =>
      Effect.suspend(() => {
        let seen = 0
        return chat.stream({ messages: [message("user", prompt)] }).pipe(
          Stream.runForEachArray((parts) => {
            for (const part of parts) if (part._tag === "Text") seen++
            return Effect.void
          }),
          Effect.flatMap(() => (seen === chunks ? Effect.void : Effect.die(new Error(`${seen} texts`))))
        )
      })
    ),
    HttpClients.layerDirect
  )

const cases: Readonly<Record<string, () => Run>> = { undici, ours, openai, aiSdk }
await measured(cases[name], Number(count))
