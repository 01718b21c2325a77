/** An embedder on this machine: an ONNX model of the Hugging Face hub, or of a folder, run by Transformers.js. */
import { type Batch, Embedder } from "@consortium/core/Embedder"
import type { Space } from "@consortium/core/EmbeddingMatrix"
import { ContextOverflow, MalformedOutput, ModelError, Unknown } from "@consortium/core/ModelError"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { type Load, library, load, pipeline, type Pipeline } from "./internal/library.js"
import type { TransformersError } from "./TransformersError.js"

/** The name of this way, in `Embedder.wire`. */
export const wire = "transformers"

/** How a text's vector is made of its tokens' vectors; the model's card says it. */
export type Pooling = "mean" | "cls" | "last_token"

/** How the model's numbers are stored; each has a file of its own in `onnx/`. */
export type DataType = "fp32" | "fp16" | "q8" | "int8" | "uint8" | "q4" | "bnb4" | "q4f16"

export interface Options {
  /** A name on the hub, e.g. `onnx-community/all-MiniLM-L6-v2-ONNX`, or the path of a folder with its files. */
  readonly model: string
  /** @default "mean" */
  readonly pooling?: Pooling
  /** @default "fp32" */
  readonly dataType?: DataType
  /** Put before each text, for models that are told what a text is for, e.g. `query: `. @default "" */
  readonly prompt?: string
  /** Keeps so many numbers of each row, for models that were trained to be cut. @default all */
  readonly dimensions?: number
  /** The commit, tag or branch on the hub. @default "main" */
  readonly revision?: string
  /** Whether nothing is downloaded. @default false */
  readonly localFilesOnly?: boolean
  /** Where downloads are kept. @default the library's own */
  readonly cacheDir?: string
  /** Where the model runs, in the library's words. @default "cpu" */
  readonly device?: string
  /** How many texts are computed at once; more take more memory. @default 16 */
  readonly maxBatch?: number
  /** Brings the library. @default import("@huggingface/transformers") */
  readonly load?: Load
}

const defaults = {
  pooling: "mean",
  dataType: "fp32",
  prompt: "",
  revision: "main",
  localFilesOnly: false,
  device: "cpu",
  maxBatch: 16,
  load
} satisfies Partial<Options>

type Settled = Options & Required<Pick<Options, keyof typeof defaults>>

/** What decides the vectors besides the model, where it is not the default. */
const variantOf = ({ dataType, pooling, prompt, revision }: Settled): string =>
  [
    ...(dataType === defaults.dataType ? [] : [dataType]),
    ...(pooling === defaults.pooling ? [] : [pooling]),
    ...(revision === defaults.revision ? [] : [`@${revision}`]),
    ...(prompt === defaults.prompt ? [] : [JSON.stringify(prompt)])
  ].join("/")

/** How many tokens the model takes of a text, by its tokenizer's word and by its own. */
const limitOf = ({ model, tokenizer }: Pipeline): number => {
  const positions = model.config?.max_position_embeddings
  return Math.min(tokenizer.model_max_length, typeof positions === "number" ? positions : Infinity)
}

/** The vectors of some texts as one pass over a model. */
class Run {
  private readonly pipe: Pipeline
  private readonly options: Settled
  private readonly limit: number

  constructor(pipe: Pipeline, options: Settled) {
    this.pipe = pipe
    this.options = options
    this.limit = limitOf(pipe)
  }

  error(reason: ModelError["reason"], detail: string): ModelError {
    return new ModelError({ vendor: "transformers", model: this.options.model, reason, detail })
  }

  /** The library would cut what is too long without a word, so tokens are counted first. */
  tokens(texts: ReadonlyArray<string>): number | ModelError {
    const { input_ids } = this.pipe.tokenizer(texts, { padding: false, truncation: false, return_tensor: false })
    let sum = 0
    for (const ids of input_ids) {
      if (ids.length > this.limit) {
        return this.error(
          new ContextOverflow({}),
          `a text of ${ids.length} tokens, where the model takes ${this.limit}`
        )
      }
      sum += ids.length
    }
    return sum
  }

  /** Copies the rows that a tensor holds, or tells what it is. */
  private read({ data, dims }: { data: unknown; dims: ReadonlyArray<number> }, texts: number): Batch["data"] | string {
    const [rows = 0, width = 0] = dims
    const { dimensions = width } = this.options
    if (!(data instanceof Float32Array) || dims.length !== 2 || rows !== texts || data.length !== rows * width)
      return `a tensor of ${dims.join(" × ")} for ${texts} texts`
    if (dimensions > width) return `rows of ${width} numbers, where ${dimensions} are wanted`
    const out = new Float32Array(rows * dimensions)
    for (let row = 0; row < rows; row++) out.set(data.subarray(row * width, row * width + dimensions), row * dimensions)
    return out.every(Number.isFinite) ? out : "numbers that are not finite"
  }

  /** Rows of texts that are computed together; padding changes which token is the last, so those go one by one. */
  async rows(texts: ReadonlyArray<string>): Promise<Float32Array | string> {
    const { pooling } = this.options
    if (pooling !== "last_token" || texts.length === 1)
      return this.read(await this.pipe(texts, { pooling }), texts.length)
    const parts: Array<Float32Array> = []
    for (const text of texts) {
      const row = await this.rows([text])
      if (typeof row === "string") return row
      parts.push(row)
    }
    const width = parts[0]?.length ?? 0
    const out = new Float32Array(texts.length * width)
    for (const [place, row] of parts.entries()) out.set(row, place * width)
    return out
  }

  /** Whatever the library throws is an error. A pass that has begun is waited for: the model must not go under it. */
  private tried<A>(run: () => Promise<A>): Effect.Effect<A, ModelError> {
    const words = (error: unknown) => (error instanceof Error ? error.message : String(error))
    return Effect.uninterruptible(
      Effect.tryPromise({ try: run, catch: (error) => this.error(new Unknown({}), words(error)) })
    )
  }

  embed(space: (dimension: number) => Space, texts: NonEmpty<string>): Effect.Effect<Batch, ModelError> {
    const whole = map(texts, (text) => this.options.prompt + text)
    return Effect.flatMap(
      this.tried(async () => this.tokens(whole)),
      (inputTokens): Effect.Effect<Batch, ModelError> => {
        if (inputTokens instanceof ModelError) return Effect.fail(inputTokens)
        return Effect.flatMap(
          this.tried(() => this.rows(whole)),
          (data): Effect.Effect<Batch, ModelError> =>
            typeof data === "string"
              ? Effect.fail(this.error(new MalformedOutput({}), data))
              : Effect.succeed({ space: space(data.length / texts.length), data, inputTokens })
        )
      }
    )
  }
}

/** The embedder as a value, with its model loaded until the scope closes. One pass at a time, since a pass takes all cores. */
export const make = (options: Options): Effect.Effect<Embedder<ModelError>, TransformersError, Scope.Scope> =>
  Effect.gen(function* () {
    const settled: Settled = { ...defaults, ...options }
    const { cacheDir, dataType, device, localFilesOnly, maxBatch, model, revision } = settled
    const found = yield* library(settled.load)
    const asked = {
      dtype: dataType,
      device,
      revision,
      local_files_only: localFilesOnly,
      ...(cacheDir !== undefined && { cache_dir: cacheDir })
    }
    const pipe = yield* Effect.acquireRelease(pipeline(found, model, asked), (it) => Effect.promise(() => it.dispose()))
    const one = yield* Semaphore.make(1)
    const run = new Run(pipe, settled)
    const variant = variantOf(settled)
    const ref = `transformers/${model}`
    const space = (dimension: number): Space => ({ model: ref, dimension, ...(variant !== "" && { variant }) })
    return {
      ref,
      wire: [wire, settled.dimensions, variant].filter((it) => it !== undefined && it !== "").join("/"),
      maxBatch,
      local: true,
      embed: (texts: NonEmpty<string>) => one.withPermits(1)(run.embed(space, texts))
    }
  })

/** The embedder as the program's one `Embedder`. */
export const layer = (options: Options): Layer.Layer<Embedder, TransformersError> =>
  Layer.effect(Embedder, make(options))
