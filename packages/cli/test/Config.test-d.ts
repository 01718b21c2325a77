import { defineConsortium } from "@consortium/cli/Config"
import type { ChatModel } from "@consortium/core/ChatModel"
import type { Embedder } from "@consortium/core/Embedder"
import type { Judge } from "@consortium/core/Judge"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { define } from "@consortium/providers-openai-compatible/Vendor"
import * as HttpClients from "@consortium/wire/HttpClients"
import * as Effect from "effect/Effect"
import { describe, test } from "vitest"

declare const model: ChatModel
declare const judge: Judge
declare const embedder: Embedder

describe("defineConsortium", () => {
  test("takes names and values", () => {
    defineConsortium({})
    defineConsortium({
      members: [
        "simulated/a",
        "bedrock.messages/a:0",
        "azure/a",
        "openrouter.chat/openai/gpt-5",
        { model, samples: 3 },
        { model: Effect.succeed(model) },
        model
      ],
      judges: [
        "ollama/a",
        { model: "groq/a", sampling: { temperature: 0 } },
        judge,
        Effect.succeed(judge),
        model,
        Effect.succeed(model)
      ],
      embedder,
      select: { tripwire: 0.9 }
    })
    // A vendor of one's own, as docs/providers.md says.
    const apiKey = { variable: "MINE_API_KEY", optional: true } as const
    const mine = define({ id: "mine", baseUrl: "http://box:9000/v1", baseUrlVariable: "MINE_BASE_URL", apiKey })
    const own = Effect.provide(ChatCompletions.make({ vendor: mine, model: "my-model" }), HttpClients.layerFetch)
    defineConsortium({ members: [{ model: own }, "custom/my-model"], judges: [{ model: own }] })
  })

  test("refuses what no run can take", () => {
    // @ts-expect-error no such vendor
    defineConsortium({ members: ["openruter/openai/gpt-5"] })
    // @ts-expect-error no model
    defineConsortium({ members: ["openrouter"] })
    // @ts-expect-error no such vendor of embeddings
    defineConsortium({ embedder: "simulated/a" })
    // @ts-expect-error at least one member
    defineConsortium({ members: [] })
    // @ts-expect-error at least one judge
    defineConsortium({ judges: [] })
    // @ts-expect-error no such field
    defineConsortium({ membres: ["simulated/a"] })
    // @ts-expect-error no such field of a seat
    defineConsortium({ members: [{ model: "simulated/a", sistem: "x" }] })
    // @ts-expect-error a seat needs its model
    defineConsortium({ members: [{ id: "a" }] })
    // @ts-expect-error a rule says when to stop
    defineConsortium({ select: {} })
    // @ts-expect-error a judge is no member
    defineConsortium({ members: [judge] })
  })
})
