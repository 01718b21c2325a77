/** What a call cost, or that nobody knows. */
import * as Context from "effect/Context"
import type { Usage } from "./Completion.js"

/** Answers US dollars, or `undefined` where no price is known; never 0 for unknown. */
export class PriceBook extends Context.Service<
  PriceBook,
  { readonly usd: (ref: string, usage: Usage) => number | undefined }
>()("@consortium/core/PriceBook") {}

/** Knows only what the vendor itself stated. */
export const stated: PriceBook["Service"] = { usd: (_ref, usage) => usage.usd }
