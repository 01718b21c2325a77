/** OpenAI's chat fine-tuning rows, which TRL, Axolotl, LLaMA-Factory and Unsloth load too: `{ messages }`. */
import { assistant, define, messages } from "./Format.js"

export const openai = define({
  name: "openai",
  unit: "best",
  columns: { messages },
  row: ({ prompt }, best) => ({ messages: [...prompt, assistant(best.text)] })
})
