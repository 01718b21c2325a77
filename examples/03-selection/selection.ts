/** The fence alone: the most different of a few prompts, with the lexical embedder. */
import { embedAll } from "@consortium/core/Embedder"
import { PromptId } from "@consortium/core/Ids"
import { pickAt, Selector } from "@consortium/core/Selection"
import { embedder } from "@consortium/embedders-lexical/Lexical"
import * as Fence from "@consortium/selector/Fence"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const prompts = [
  "Explain how rainbows form.",
  "Explain how a rainbow is formed in the sky.",
  "Write a haiku about rain.",
  "Sort a list of integers in Rust without the standard library.",
  "Translate 'good morning' into Polish.",
  "What do I cook with leeks and potatoes?"
]
const rows = prompts.map((text, index) => ({ id: PromptId.make(`p${index}`), text }))

const program = Effect.gen(function* () {
  const { matrix } = yield* embedAll(embedder, Stream.fromIterable(rows), rows.length)
  const selection = yield* (yield* Selector).select({ matrix })
  for (let index = 0; index < selection.picks.length; index++) {
    const { row, cosine } = pickAt(selection, index)
    console.log(cosine === undefined ? "start" : cosine.toFixed(2), prompts[row])
  }
  console.log("stopped:", selection.stopped)
})

await Effect.runPromise(Effect.provide(program, Fence.layer({ stop: { targetSize: 4 } })))
