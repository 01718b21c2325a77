/** What simulated members would cost: made-up prices, so that budgets and reports have something to count. */
import type { Usage } from "@consortium/core/Completion"
import { PriceBook } from "@consortium/core/PriceBook"
import * as Layer from "effect/Layer"
import { of, type Persona } from "./Persona.js"

const vendor = "simulated/"

/** A price book that knows `simulated/*` and nothing else. @param personas those that the server was started with @default none */
export const make = (personas: ReadonlyArray<Persona> = []): PriceBook["Service"] => {
  const own = new Map(personas.map((persona) => [persona.name, persona]))
  return {
    usd: (ref: string, usage: Usage): number | undefined => {
      if (!ref.startsWith(vendor) || usage.inputTokens === undefined || usage.outputTokens === undefined)
        return undefined
      const name = ref.slice(vendor.length)
      const { price } = own.get(name) ?? of(name)
      return (usage.inputTokens * price.inputPerMillion + usage.outputTokens * price.outputPerMillion) / 1_000_000
    }
  }
}

/** The price book as a layer. */
export const layer = (personas: ReadonlyArray<Persona> = []): Layer.Layer<PriceBook> =>
  Layer.succeed(PriceBook, make(personas))
