/** One provider alone, whole and streamed, with the default middleware. The vendor's address is a simulated server's. */
import { message } from "@consortium/core/Prompt"
import * as Completion from "@consortium/core/Completion"
import { chatStack } from "@consortium/middleware/Stack"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { vendors } from "@consortium/providers-openai-compatible/Vendors"
import * as Simulated from "@consortium/simulated/Simulated"
import * as HttpClients from "@consortium/wire/HttpClients"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const program = Effect.gen(function* () {
  const { url } = yield* Simulated.server({ seed: 1, latencyScale: 0 })
  const model = chatStack({ timeout: "30 seconds" })(
    yield* ChatCompletions.make({ vendor: vendors.ollama, model: "careful", baseUrl: url })
  )
  const request = { messages: [message("user", "Name one thing that bees do in winter.")] } as const
  const answer = yield* model.complete(request)
  console.log(answer.model, answer.finish.kind, answer.usage.outputTokens, "tokens")
  const deltas = yield* model.stream(request).pipe(
    Stream.filter((part) => part._tag === "Text"),
    Stream.runFold(
      () => "",
      (text, part) => text + part.delta
    )
  )
  console.log("streamed the same:", deltas === Completion.text(answer))
})

await Effect.runPromise(Effect.provide(Effect.scoped(program), HttpClients.layerDirect))
