/** TRL's unpaired preference rows: `{ prompt, completion, label }`. */
import { assistant, define, messages } from "./Format.js"

export const kto = define({
  name: "kto",
  unit: "label",
  columns: { prompt: messages, completion: messages, label: "boolean" },
  row: ({ prompt }, { answer, label }) => ({ prompt, completion: [assistant(answer.text)], label })
})
