/** From an endpoint, and what a wire writes and reads, to an embedder: the same checks of every answer, whatever the wire. */
import type { Batch, Embedder } from "@consortium/core/Embedder"
import type { Space } from "@consortium/core/EmbeddingMatrix"
import { MalformedOutput, type ModelError } from "@consortium/core/ModelError"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Endpoint from "./Endpoint.js"
import * as ErrorWords from "./ErrorWords.js"
import * as Vectors from "./Vectors.js"

/** What an answer says, before its rows are read. */
export interface Answer {
  readonly rows: ReadonlyArray<Vectors.Row>
  /** As the vendor names it. */
  readonly model?: string | undefined
  readonly inputTokens?: number | undefined
}

export interface Options {
  readonly to: Endpoint.Endpoint
  readonly vendor: string
  /** The model, as the user names it. */
  readonly model: string
  /** The name of the wire. */
  readonly wire: string
  /** What decides the vectors besides model, dimension and text, such as an input type; rows that differ in it are of different spaces. */
  readonly variant?: ReadonlyArray<string | undefined>
  /** The dimension that is asked for; rows of another are refused. @default the model's own */
  readonly dimension?: number | undefined
  /** @default "float32" */
  readonly encoding?: Vectors.Encoding | undefined
  readonly maxBatch: number
  /** @default no limit is known */
  readonly maxTokens?: number | undefined
  /** Whether the wire carries one text a request; several are then asked for one after the other. @default false */
  readonly oneByOne?: boolean
  /** The request for some texts. */
  readonly body: (texts: NonEmpty<string>) => object
  /** The answer in a body; nothing where it is no answer. */
  readonly read: (json: unknown, answer: Endpoint.JsonAnswer) => Answer | undefined
}

interface Said extends Answer {
  readonly facts: Endpoint.Facts
}

/** One answer of several: the counts of all, if all have one. */
const joined = (parts: NonEmpty<Said>): Said => {
  const counts = parts.flatMap(({ inputTokens }) => (inputTokens === undefined ? [] : [inputTokens]))
  return {
    rows: parts.flatMap(({ rows }) => rows),
    model: parts[0].model,
    inputTokens: counts.length === parts.length ? counts.reduce((a, b) => a + b, 0) : undefined,
    facts: parts[0].facts
  }
}

/** An embedder over the endpoint. Rows come as the vendor sends them; `embedAll` brings them to length 1. */
export const make = (options: Options): Embedder<ModelError> => {
  const { dimension, encoding, maxBatch, maxTokens, model, oneByOne = false, to, vendor } = options
  const variant = (options.variant ?? []).filter((it) => it !== undefined).join("/")
  const ref = `${vendor}/${model}`

  const ask = (texts: NonEmpty<string>): Effect.Effect<Said, ModelError> =>
    Effect.flatMap(to.json(JSON.stringify(options.body(texts))), (answer): Effect.Effect<Said, ModelError> => {
      const { facts, json } = answer
      const said = options.read(json, answer)
      if (said !== undefined) return Effect.succeed({ ...said, facts })
      // Some vendors state errors as a bare message, which is an answer only to those who look for rows.
      if (ErrorWords.read(json) !== undefined) return Effect.fail(to.stated(json, facts))
      return Effect.fail(
        to.error(new MalformedOutput({}), `no embeddings: ${JSON.stringify(json).slice(0, 500)}`, facts)
      )
    })

  const askEach = ([first, ...rest]: NonEmpty<string>) =>
    Effect.flatMap(ask([first]), (one) =>
      Effect.map(
        Effect.forEach(rest, (text) => ask([text])),
        (more) => joined([one, ...more])
      )
    )

  const batch = (texts: NonEmpty<string>, said: Said): Effect.Effect<Batch, ModelError> => {
    const vectors = Vectors.read(said.rows, { texts: texts.length, dimension, encoding })
    if (Result.isFailure(vectors)) return Effect.fail(to.error(new MalformedOutput({}), vectors.failure, said.facts))
    const space: Space = {
      model: said.model === undefined || said.model === "" ? ref : `${vendor}/${said.model}`,
      dimension: vectors.success.dimension,
      ...(variant !== "" && { variant })
    }
    const { inputTokens } = said
    return Effect.succeed({ space, data: vectors.success.data, ...(inputTokens !== undefined && { inputTokens }) })
  }

  return {
    ref,
    wire: [options.wire, dimension, variant].filter((it) => it !== undefined && it !== "").join("/"),
    maxBatch,
    ...(maxTokens !== undefined && { maxTokens }),
    embed: (texts) => Effect.flatMap(oneByOne ? askEach(texts) : ask(texts), (said) => batch(texts, said))
  }
}
