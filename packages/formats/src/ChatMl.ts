/** ChatML as one text a row, for trainers that take `text` as it is. */
import { assistant, define, turnsOf } from "./Format.js"

/** Marks that part the turns; there is no way to quote them. */
const marks = /<\|im_(?:start|end)\|>/

export const chatml = define({
  name: "chatml",
  unit: "best",
  columns: { text: "text" },
  row: ({ prompt }, best) => {
    const turns = turnsOf([...prompt, assistant(best.text)])
    if (typeof turns === "string") return turns
    if (turns.some(({ text }) => marks.test(text))) return "control-marks"
    return { text: turns.map(({ role, text }) => `<|im_start|>${role}\n${text}<|im_end|>\n`).join("") }
  }
})
