// What a user's first program does, run by packed.mjs where only the packed packages are: select, then ask one vendor.
import { createServer } from "node:http"
import { embedAll } from "@consortium/core/Embedder"
import * as Completion from "@consortium/core/Completion"
import { PromptId } from "@consortium/core/Ids"
import { message } from "@consortium/core/Prompt"
import { pickAt, Selector } from "@consortium/core/Selection"
import { embedder } from "@consortium/embedders-lexical/Lexical"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { vendors } from "@consortium/providers-openai-compatible/Vendors"
import * as Fence from "@consortium/selector/Fence"
import * as HttpClients from "@consortium/wire/HttpClients"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    response.setHeader("content-type", "application/json")
    response.end(
      JSON.stringify({
        id: "1",
        model: "m",
        choices: [{ index: 0, message: { role: "assistant", content: "42" }, finish_reason: "stop" }],
        usage: { prompt_tokens: 3, completion_tokens: 1 }
      })
    )
  })
}).listen(0, "127.0.0.1")
await new Promise((resolve) => server.once("listening", resolve))

const rows = ["What is six times seven?", "What's six times seven, please?", "Name a river in Poland."].map(
  (text, index) => ({ id: PromptId.make(`p${index}`), text })
)
const program = Effect.gen(function* () {
  const { matrix } = yield* embedAll(embedder, Stream.fromIterable(rows), rows.length)
  const selection = yield* (yield* Selector).select({ matrix })
  const baseUrl = `http://127.0.0.1:${server.address().port}/v1`
  const model = yield* ChatCompletions.make({ vendor: vendors.ollama, model: "m", baseUrl })
  const answer = yield* model.complete({ messages: [message("user", rows[pickAt(selection, 0).row].text)] })
  console.log(selection.picks.length, selection.stopped, Completion.text(answer), answer.usage.outputTokens)
})
const layers = Layer.mergeAll(Fence.layer({ stop: { targetSize: 2 } }), HttpClients.layerDirect)
await Effect.runPromise(Effect.provide(program, layers))
server.close()
