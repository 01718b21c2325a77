import { createServer } from "node:http"
import * as Registry from "../src/Registry.js"
import { message } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

/** The bodies that a vendor's server was sent. */
const server = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly sent: Array<Record<string, unknown>>; readonly close: () => void }>(
    (resume) => {
      const sent: Array<Record<string, unknown>> = []
      const made = createServer((request, response) => {
        let text = ""
        request.on("data", (piece) => (text += String(piece)))
        request.on("end", () => {
          sent.push(JSON.parse(text))
          response.setHeader("content-type", "application/json")
          response.end(JSON.stringify({ choices: [{ message: { content: "yes" }, finish_reason: "stop" }] }))
        })
      }).listen(0, "127.0.0.1", () => {
        const address = made.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}/v1`, sent, close: () => made.close() }))
      })
    }
  ),
  ({ close }) => Effect.sync(close)
)

describe("a vendor as a model takes it", () => {
  it.live("is not sent what the model is known to refuse", () =>
    Effect.gen(function* () {
      const { sent, url } = yield* server
      const env = { SNOWFLAKE_BASE_URL: url, SNOWFLAKE_PAT: "k", CLOUDFLARE_BASE_URL: url, CLOUDFLARE_API_TOKEN: "k" }
      const ask = Effect.fnUntraced(function* (ref: string) {
        const registry = yield* Registry.Registry
        const model = yield* registry.chat(ref)
        yield* model.complete({
          messages: [message("user", "hi")],
          temperature: 0,
          topP: 0.9,
          responseSchema: { name: "said", schema: { type: "object" } }
        })
      })
      yield* Effect.forEach(
        [
          "snowflake/claude-opus-4-8",
          "snowflake/a-model-of-next-year",
          "cloudflare/@cf/deepseek-ai/deepseek-r1-distill-qwen-32b"
        ],
        ask
      ).pipe(Effect.provide(Registry.layer(0)), Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))
      const [known, unknown, wordy] = sent
      assert.notProperty(known, "temperature")
      assert.notProperty(known, "top_p")
      assert.deepInclude(unknown, { temperature: 0, top_p: 0.9 })
      assert.property(unknown, "response_format")
      assert.notProperty(wordy, "response_format")
      assert.include(JSON.stringify(wordy?.messages), "JSON Schema")
      assert.property(wordy, "temperature")
    }).pipe(Effect.scoped)
  )
})
