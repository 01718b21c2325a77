/**
 * What a call cost: what the vendor itself states, else an own price, else the dated price of the catalogue
 * (`@pydantic/genai-prices`, with cache reads and writes and price tiers). Unknown is `undefined`, never 0.
 */
import type { Usage } from "@consortium/core/Completion"
import { PriceBook } from "@consortium/core/PriceBook"
import * as Layer from "effect/Layer"
import { catalogueDate, priced } from "./internal/catalogue.js"

/** US dollars for a million tokens. */
export interface PerMillion {
  readonly input: number
  /** Absent for embeddings, which have no output. */
  readonly output?: number
  /** @default `input` */
  readonly cacheRead?: number
  /** @default `input` */
  readonly cacheWrite?: number
}

export interface Options {
  /** Own prices by `vendor/model`, or by `vendor/*` for all of its models; they win over the catalogue's. @default {} */
  readonly own?: Readonly<Record<string, PerMillion>>
  /**
   * When the calls are made, in milliseconds since the epoch: prices change, some with the hour.
   * @default the catalogue's date, so that equal calls cost the same whenever they are added up
   */
  readonly at?: number
}

const defaults = { own: {}, at: catalogueDate } satisfies Options

const million = 1_000_000

const byOwn = (price: PerMillion, usage: Usage): number | undefined => {
  const { inputTokens, outputTokens } = usage
  if (inputTokens === undefined || (price.output !== undefined && outputTokens === undefined)) return undefined
  const read = Math.min(usage.cacheReadTokens ?? 0, inputTokens)
  const written = Math.min(usage.cacheWriteTokens ?? 0, inputTokens - read)
  const dollars =
    (inputTokens - read - written) * price.input +
    read * (price.cacheRead ?? price.input) +
    written * (price.cacheWrite ?? price.input) +
    (outputTokens ?? 0) * (price.output ?? 0)
  return dollars / million
}

const byCatalogue = (ref: string, usage: Usage, at: number): number | undefined => {
  const { inputTokens, outputTokens } = usage
  if (inputTokens === undefined) return undefined
  const read = Math.min(usage.cacheReadTokens ?? 0, inputTokens)
  const found = priced(
    ref,
    {
      input_tokens: inputTokens,
      cache_read_tokens: read,
      cache_write_tokens: Math.min(usage.cacheWriteTokens ?? 0, inputTokens - read),
      ...(outputTokens !== undefined && { output_tokens: outputTokens })
    },
    at
  )
  if (found === undefined) return undefined
  // Half a usage is no usage: an answer whose length nobody states has no price.
  return outputTokens === undefined && found.model_price.output_mtok !== undefined ? undefined : found.total_price
}

/** A book of prices. */
export const make = (options: Options = {}): PriceBook["Service"] => {
  const { at, own }: Required<Options> = { ...defaults, ...options }
  const ownPrice = (ref: string): PerMillion | undefined => {
    if (Object.hasOwn(own, ref)) return own[ref]
    const all = `${ref.slice(0, ref.indexOf("/"))}/*`
    return Object.hasOwn(own, all) ? own[all] : undefined
  }
  return {
    usd: (ref, usage) => {
      if (usage.usd !== undefined) return usage.usd
      const price = ownPrice(ref)
      return price === undefined ? byCatalogue(ref, usage, at) : byOwn(price, usage)
    }
  }
}

/** The book of prices as a layer. */
export const layer = (options: Options = {}): Layer.Layer<PriceBook> => Layer.succeed(PriceBook, make(options))
