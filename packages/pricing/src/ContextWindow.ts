/** How many tokens a model reads and writes in one call: as `ModelFacts` says, else as the catalogue of prices does. */
import * as Effect from "effect/Effect"
import { catalogueDate, priced } from "./internal/catalogue.js"
import * as ModelFacts from "./ModelFacts.js"

/** Tokens of the prompt and its answer together; `undefined` where nobody says. */
export const tokens = (ref: string): Effect.Effect<number | undefined> =>
  Effect.map(
    ModelFacts.of(ref),
    (facts) => facts?.context ?? priced(ref, { input_tokens: 0, output_tokens: 0 }, catalogueDate)?.model.context_window
  )
