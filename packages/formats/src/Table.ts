/** A flat row for each prompt, for spreadsheets and databases: the best answer, who wrote it, and how sure that is. */
import { contentOf, define } from "./Format.js"
import { marginOf } from "./Ranked.js"

export const table = define({
  name: "table",
  unit: "best",
  columns: {
    id: "text",
    system: "text",
    prompt: "text",
    completion: "text",
    member: "text",
    model: "text",
    score: "number",
    p_best: "number",
    margin: "number",
    agreement_first: "integer",
    agreement_of: "integer",
    answers: "integer",
    messages: "json"
  },
  row: ({ answers, prompt, ranked }, best) => {
    const [first] = prompt
    const system = first?.role === "system" && prompt.length === 2 ? contentOf(first) : null
    return {
      id: ranked.id,
      system,
      prompt: ranked.prompt,
      completion: best.text,
      member: best.member,
      model: best.model,
      score: best.score,
      p_best: best.pBest,
      margin: marginOf(answers),
      agreement_first: ranked.agreement.first,
      agreement_of: ranked.agreement.of,
      answers: answers.length,
      // Where system and prompt say less than the whole conversation.
      messages: system === null && ranked.messages !== undefined ? prompt : null
    }
  }
})
