/** All answers of a prompt in one row, best first, with what each scored: for listwise losses and for re-ranking. */
import { define, messages } from "./Format.js"

export const listwise = define({
  name: "listwise",
  unit: "list",
  columns: {
    prompt: messages,
    completions: { list: "text" },
    scores: { list: "number" },
    p_best: { list: "number" },
    acceptable: { list: "boolean" }
  },
  row: ({ answers, prompt }) => ({
    prompt,
    completions: answers.map(({ text }) => text),
    scores: answers.map(({ score }) => score),
    p_best: answers.map(({ pBest }) => pBest),
    acceptable: answers.map(({ acceptable }) => acceptable)
  })
})
