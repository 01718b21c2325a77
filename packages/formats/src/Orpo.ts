/** Preference rows whose two sides are whole conversations: what TRL's ORPO trainer and Axolotl's `chat_template.argilla` load. */
import { assistant, define, messages } from "./Format.js"

export const orpo = define({
  name: "orpo",
  unit: "pair",
  columns: { chosen: messages, rejected: messages },
  row: ({ prompt }, { chosen, rejected }) => ({
    chosen: [...prompt, assistant(chosen.text)],
    rejected: [...prompt, assistant(rejected.text)]
  })
})
