/** What every runtime has to do: ask a vendor, whole and streamed, wait and try again, say what failed, ask a consortium. */
import { type ChatModel, wrap } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { MemberId } from "@consortium/core/Ids"
import { message } from "@consortium/core/Prompt"
import * as Consortium from "@consortium/ensemble/Consortium"
import * as Retry from "@consortium/middleware/Retry"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { custom } from "@consortium/providers-openai-compatible/vendors/custom"
import * as HttpClients from "@consortium/wire/HttpClients"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"

/** Plain data, as it crosses from one runtime to the suite. */
export interface Report {
  readonly whole: string
  readonly streamed: string
  readonly pieces: number
  readonly outputTokens: number
  readonly triedAgain: boolean
  readonly refused: string
  readonly best: string
  readonly judged: boolean
}

const key = "sk-of-a-runtime"
const request = { messages: [message("user", "Why is the sky blue?")] } as const

/** @param base of a server with `/v1`, a `/busy/v1` that is busy at first, and a `/closed/v1` that takes no key */
export const asked = (base: string): Promise<Report> => {
  const at = (model: string, path = "") =>
    ChatCompletions.make({ vendor: custom, model, baseUrl: `${base}${path}/v1`, apiKey: Redacted.make(key) })
  const program = Effect.gen(function* () {
    const scholar = yield* at("scholar")
    const whole = yield* scholar.complete(request)
    const parts = yield* Stream.runCollect(scholar.stream(request))
    const said = parts.flatMap((part) => (part._tag === "Text" ? [part.delta] : []))
    const again = wrap(
      yield* at("scholar", "/busy"),
      Retry.retry(Retry.backoff({ first: "1 millis", cap: "5 millis", times: 3 }))
    )
    const busy = yield* Effect.result(again.complete(request))
    const closed = yield* Effect.flip((yield* at("scholar", "/closed")).complete(request))
    const seat = (model: ChatModel) => ({ id: MemberId.make(model.ref), model, samples: 1 })
    const consortium = Consortium.make({
      members: [seat(scholar), seat(yield* at("plain"))],
      judges: [{ model: yield* at("careful") }, { model: yield* at("brisk") }]
    })
    const answer = yield* consortium.ask("Why is the sea salt?")
    return {
      whole: Completion.text(whole),
      streamed: said.join(""),
      pieces: said.length,
      outputTokens: whole.usage.outputTokens ?? 0,
      triedAgain: Result.isSuccess(busy),
      refused: `${closed.reason._tag} ${closed.message.includes(key) ? "with the key" : "without the key"}`,
      best: answer.text,
      judged: answer.judged
    } satisfies Report
  })
  return Effect.runPromise(Effect.provide(program, HttpClients.layer))
}
