/** How many tokens a model reads and writes in one call, as the catalogue says. */
import { catalogueDate, priced } from "./internal/catalogue.js"

/** Tokens of the prompt and its answer together; `undefined` where nobody says. */
export const tokens = (ref: string): number | undefined =>
  priced(ref, { input_tokens: 0, output_tokens: 0 }, catalogueDate)?.model.context_window
