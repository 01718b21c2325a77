/** Every part that a configuration can bring itself, as a value or as an effect that makes it. */
import { defineConsortium } from "@consortium/cli/Config"
import { Ballot } from "@consortium/core/Ballot"
import * as ChatModel from "@consortium/core/ChatModel"
import type { Embedder } from "@consortium/core/Embedder"
import { JudgeId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { textOf } from "@consortium/core/Prompt"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

const echo = ChatModel.make({
  ref: "own/echo",
  complete: ({ messages }) =>
    Effect.succeed({
      parts: [
        { _tag: "Text", text: messages.map((message) => (message.role === "user" ? textOf(message) : "")).join("") }
      ],
      finish: { kind: "stop", raw: "stop" },
      usage: { inputTokens: 1, outputTokens: 1 },
      model: "echo-1"
    } as const)
})

const loud = ChatModel.make({
  ref: "own/loud",
  complete: (request) =>
    Effect.map(echo.complete(request), (said) => ({ ...said, parts: [{ _tag: "Text", text: "LOUD!" }] as const }))
})

/** By the number of letters and of words. */
const embedder: Embedder = {
  ref: "own/lengths",
  maxBatch: 8,
  local: true,
  embed: (texts) =>
    Effect.succeed({
      space: { model: "own/lengths", dimension: 2, variant: "1" },
      data: Float32Array.from(texts.flatMap((text) => [text.length, 5 * text.split(" ").length]))
    })
}

const loudest: Judge = {
  id: JudgeId.make("loudest"),
  judge: (sheet) => {
    const isLoud = (text: string) => (text === "LOUD!" ? 0 : 1)
    const order = [...sheet.options].sort((a, b) => isLoud(a.text) - isLoud(b.text))
    return Effect.fromResult(Ballot.make(sheet, { tiers: order.map(({ label }) => [label]) }))
  }
}

export default defineConsortium({
  members: [{ model: echo }, { model: Effect.succeed(loud), id: "loud" }],
  judges: [Effect.acquireRelease(Effect.succeed(loudest), () => Effect.sync(() => process.stderr.write("released\n")))],
  embedder: Effect.succeed(embedder),
  select: { targetSize: 2 },
  retry: Schedule.recurs(0),
  timeout: "1 minute",
  prices: { usd: () => 0.25 },
  seed: 3
})
