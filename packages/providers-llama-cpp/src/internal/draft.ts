/** An answer in the making, of the library's chunks. */
import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion, Finish } from "@consortium/core/Completion"
import type { AssistantPart } from "@consortium/core/Prompt"
import type { Chunk, Meter } from "./library.js"

/** By the library's words, `stopReason` of a response. */
const kinds: Readonly<Record<string, Finish["kind"]>> = {
  eogToken: "stop",
  stopGenerationTrigger: "stop",
  customStopTrigger: "stop",
  maxTokens: "length"
}

export class Draft {
  private readonly parts: Array<AssistantPart> = []
  private thoughtTokens = 0
  /** White space that may be the end of a JSON, which a grammar allows. */
  private held = ""
  private readonly isJson: boolean

  constructor(isJson: boolean) {
    this.isJson = isJson
  }

  /** Takes a chunk and tells what is new. */
  add({ text, tokens, type }: Chunk): StreamPart | undefined {
    const isThought = type === "segment"
    if (isThought) this.thoughtTokens += tokens.length
    const delta = isThought ? text : this.words(text)
    if (delta === "") return undefined
    const _tag = isThought ? "Reasoning" : "Text"
    const last = this.parts.at(-1)
    if (last?._tag === _tag) this.parts[this.parts.length - 1] = { ...last, text: last.text + delta }
    else this.parts.push({ _tag, text: delta })
    return { _tag, delta }
  }

  private words(text: string): string {
    if (!this.isJson) return text
    const said = this.held + text
    const words = said.trimEnd()
    this.held = said.slice(words.length)
    return words
  }

  completion(model: string, raw: string, before: Meter, after: Meter): Completion {
    const outputTokens = after.usedOutputTokens - before.usedOutputTokens
    return {
      parts: this.parts,
      finish: { kind: Object.hasOwn(kinds, raw) ? (kinds[raw] ?? "other") : "other", raw },
      usage: {
        inputTokens: after.usedInputTokens - before.usedInputTokens,
        outputTokens,
        reasoningTokens: Math.min(this.thoughtTokens, outputTokens)
      },
      model
    }
  }
}
