/** One case of `chatCall.ts`, in a process of its own: so many calls, 64 in flight, after a warm-up. Prints its CPU. */
import Anthropic from "@anthropic-ai/sdk"
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type { CallFailure } from "@consortium/core/Call"
import type { ChatModel } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import { chatStack } from "@consortium/middleware/Stack"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { define } from "@consortium/providers-openai-compatible/Vendor"
import * as HttpClients from "@consortium/wire/HttpClients"
import { ChatOpenAI } from "@langchain/openai"
import { generateText } from "ai"
import * as Effect from "effect/Effect"
import type { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import OpenAI from "openai"
import { Agent, request } from "undici"
import { apiKey, fibers, inFlight, load, measured, model, prompt, type Run } from "./chatLoad.ts"

const [name = "", url = "", count = "0"] = process.argv.slice(2)

const promises = (ask: () => Promise<string>) =>
  load(async () => {
    if (!(await ask()).startsWith("The sky")) throw new Error("another answer")
  })

interface Answer {
  readonly choices: ReadonlyArray<{ readonly message: { readonly content: string } }>
}
const body = () => JSON.stringify({ model, messages: [{ role: "user", content: prompt }] })
const headers = { "content-type": "application/json", authorization: `Bearer ${apiKey}` }

const undici = () => {
  const dispatcher = new Agent({ connections: inFlight, pipelining: 1 })
  return promises(async () => {
    const answer = await request(`${url}/chat/completions`, { method: "POST", headers, body: body(), dispatcher })
    return ((await answer.body.json()) as Answer).choices[0]?.message.content ?? ""
  })
}

const byFetch = () =>
  promises(async () => {
    const answer = await fetch(`${url}/chat/completions`, { method: "POST", headers, body: body() })
    return ((await answer.json()) as Answer).choices[0]?.message.content ?? ""
  })

const openai = () => {
  const client = new OpenAI({ baseURL: url, apiKey })
  return promises(async () => {
    const answer = await client.chat.completions.create({ model, messages: [{ role: "user", content: prompt }] })
    return answer.choices[0]?.message.content ?? ""
  })
}

const anthropic = () => {
  const client = new Anthropic({ baseURL: url, apiKey })
  return promises(async () => {
    const messages = [{ role: "user" as const, content: prompt }]
    const [first] = (await client.messages.create({ model, max_tokens: 1000, messages })).content
    return first?.type === "text" ? first.text : ""
  })
}

const aiSdk = () => {
  const provider = createOpenAICompatible({ name: "synthetic", baseURL: url, apiKey })
  return promises(async () => (await generateText({ model: provider(model), prompt })).text)
}

const langchain = () => {
  const client = new ChatOpenAI({ model, apiKey, configuration: { baseURL: url } })
  return promises(async () => String((await client.invoke(prompt)).content))
}

const vendor = define({
  id: "synthetic",
  baseUrl: url,
  baseUrlVariable: "X",
  apiKey: { variable: "X", optional: true }
})

/** Ours, as an Effect program has it: fibers, not promises. */
const ours = (wrap: (bare: ChatModel) => ChatModel<CallFailure>, layer: Layer.Layer<HttpClient>) =>
  fibers(
    Effect.map(ChatCompletions.make({ vendor, model, apiKey: Redacted.make(apiKey) }), (bare) => {
      const chat = wrap(bare)
      return Effect.suspend(() => chat.complete({ messages: [message("user", prompt)] })).pipe(
        Effect.flatMap((answer) =>
          Completion.text(answer).startsWith("The sky") ? Effect.void : Effect.die(new Error("another answer"))
        )
      )
    }),
    layer
  )

/** Effect's own undici client in our place: what the transport of this wire saves. */
const effectUndici = Layer.provide(NodeHttpClient.layerUndiciNoDispatcher, NodeHttpClient.layerDispatcher)
const bare = (chat: ChatModel): ChatModel<CallFailure> => chat

const cases: Readonly<Record<string, () => Run>> = {
  undici,
  fetch: byFetch,
  openai,
  anthropic,
  aiSdk,
  langchain,
  bare: () => ours(bare, HttpClients.layerDirect),
  stack: () => ours(chatStack(), HttpClients.layerDirect),
  effect: () => ours(bare, effectUndici),
  layerFetch: () => ours(bare, HttpClients.layerFetch)
}
await measured(cases[name], Number(count))
