/**
 * Four wires, one request, one type of answer. A local server gives synthetic answers in each vendor's words; without
 * `baseUrl` and with a real key the same lines ask the vendor.
 */
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as Messages from "@consortium/providers-anthropic/Messages"
import * as GenerateContent from "@consortium/providers-google/GenerateContent"
import * as Responses from "@consortium/providers-openai/Responses"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { vendors } from "@consortium/providers-openai-compatible/Vendors"
import * as Exchanges from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const text = "Bees keep warm together."
const answers = {
  "/responses": {
    id: "resp_synthetic",
    status: "completed",
    model: "gpt-5.1",
    output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text }] }],
    usage: { input_tokens: 14, output_tokens: 6 }
  },
  "/v1/messages": {
    id: "msg_synthetic",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-4-5",
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    usage: { input_tokens: 14, output_tokens: 6 }
  },
  ":generateContent": {
    candidates: [{ content: { role: "model", parts: [{ text }] }, finishReason: "STOP" }],
    modelVersion: "gemini-2.5-flash",
    usageMetadata: { promptTokenCount: 14, candidatesTokenCount: 6 }
  },
  "/chat/completions": {
    id: "chat_synthetic",
    model: "deepseek-chat",
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: 14, completion_tokens: 6 }
  }
}

const program = Effect.gen(function* () {
  const { url: baseUrl } = yield* Exchanges.serve(
    Object.entries(answers).map(([path, answer]) => ({
      when: (asked: Exchanges.Asked) => asked.path.endsWith(path),
      body: JSON.stringify(answer)
    }))
  )
  const at = { baseUrl, apiKey: Redacted.make("no-key-needed-here") }
  const models = yield* Effect.all([
    Responses.make({ ...at, model: "gpt-5.1" }),
    Messages.make({ ...at, model: "claude-sonnet-4-5" }),
    GenerateContent.make({ ...at, model: "gemini-2.5-flash" }),
    ChatCompletions.make({ ...at, vendor: vendors.deepseek, model: "deepseek-chat" })
  ])
  const request = { messages: [message("user", "What do bees do in winter?")] } as const
  for (const model of models) {
    const answer = yield* model.complete(request)
    console.log(model.ref, answer.finish.kind, answer.usage.outputTokens, Completion.text(answer))
  }
})

await Effect.runPromise(Effect.provide(Effect.scoped(program), HttpClients.layer))
