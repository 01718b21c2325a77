/** Rows of TRL's reward trainer: two whole conversations and the `margin` that the loss may ask for. */
import { define, messages } from "./Format.js"
import { orpo } from "./Orpo.js"

export const reward = define({
  name: "reward",
  unit: "pair",
  columns: { chosen: messages, rejected: messages, margin: "number" },
  row: (source, pair) => ({ ...orpo.row(source, pair), margin: pair.margin })
})
