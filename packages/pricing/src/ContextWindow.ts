/** How many tokens a model reads and writes in one call: as `ModelFacts` says, else as the catalogue of prices does. */
import * as Effect from "effect/Effect"
import * as ModelFacts from "./ModelFacts.js"

/** The catalogue is large: it is loaded only where the facts don't know a model. */
const byCatalogue = (ref: string): Effect.Effect<number | undefined> =>
  Effect.map(
    Effect.promise(() => import("./internal/catalogue.js")),
    ({ catalogueDate, priced }) =>
      priced(ref, { input_tokens: 0, output_tokens: 0 }, catalogueDate)?.model.context_window
  )

/** Tokens of the prompt and its answer together; `undefined` where nobody says. */
export const tokens = (ref: string): Effect.Effect<number | undefined> =>
  Effect.flatMap(ModelFacts.of(ref), (facts) =>
    facts?.context === undefined ? byCatalogue(ref) : Effect.succeed(facts.context)
  )
