/** TRL's preference rows with an explicit prompt: `{ prompt, chosen, rejected }`, each a list of messages. */
import { assistant, define, messages } from "./Format.js"

export const dpo = define({
  name: "dpo",
  unit: "pair",
  columns: { prompt: messages, chosen: messages, rejected: messages },
  row: ({ prompt }, { chosen, rejected }) => ({
    prompt,
    chosen: [assistant(chosen.text)],
    rejected: [assistant(rejected.text)]
  })
})
