/** An embedder whose vectors depend on the text alone, so that a wrong one shows wherever it comes from. */
import type { Batch, Embedder, Row } from "@consortium/core/Embedder"
import { PromptId } from "@consortium/core/Ids"
import { ModelError, ServerError } from "@consortium/core/ModelError"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export const dimension = 16

export const vectorOf = (text: string): Float32Array => {
  let state = 7
  for (let i = 0; i < text.length; i++) state = (Math.imul(state, 31) + text.charCodeAt(i)) | 0
  return Float32Array.from({ length: dimension }, () => {
    state = (Math.imul(state, 1103515245) + 12345) | 0
    return state / 2 ** 31
  })
}

export interface Options {
  readonly maxBatch?: number
  readonly model?: string
  readonly wire?: string
  readonly wait?: number
  readonly fails?: (text: string) => boolean
  readonly onAsk?: () => void
}

export const vendor = ({ fails, onAsk, maxBatch = 8, model = "synthetic", wait = 0, wire = "w" }: Options = {}) => {
  const asked: Array<string> = []
  const embedder: Embedder<ModelError> = {
    ref: "synthetic/embedder",
    maxBatch,
    wire,
    embed: (texts) =>
      Effect.suspend((): Effect.Effect<Batch, ModelError> => {
        asked.push(...texts)
        onAsk?.()
        if (texts.some((text) => fails?.(text) === true))
          return Effect.fail(new ModelError({ vendor: "s", model, reason: new ServerError({}), detail: "" }))
        const data = new Float32Array(texts.length * dimension)
        for (const [row, text] of texts.entries()) data.set(vectorOf(text), row * dimension)
        const batch = Effect.succeed<Batch>({ space: { model, dimension }, data, inputTokens: texts.length })
        return wait > 0 ? Effect.delay(batch, wait) : batch
      })
  }
  return { embedder, asked }
}

export const rowsOf = (texts: ReadonlyArray<string>): Stream.Stream<Row> =>
  Stream.fromIterable(texts.map((text, index) => ({ id: PromptId.make(`p${index}`), text })))

export const texts = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `text ${from + i}`)
