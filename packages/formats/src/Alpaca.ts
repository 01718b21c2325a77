/** Alpaca's rows: `{ instruction, input, output }`, with LLaMA-Factory's `system` and `history` where there is more than one turn. */
import { define, turnsOf, type Unsayable, type Turn } from "./Format.js"

/** Earlier turns as pairs of question and answer, which have to alternate. */
const historyOf = (turns: ReadonlyArray<Turn>): ReadonlyArray<readonly [string, string]> | Unsayable => {
  const history: Array<readonly [string, string]> = []
  for (let i = 0; i < turns.length; i += 2) {
    const [asked, said] = [turns[i], turns[i + 1]]
    if (asked?.role !== "user" || said?.role !== "assistant") return "turns-out-of-order"
    history.push([asked.text, said.text])
  }
  return history
}

export const alpaca = define({
  name: "alpaca",
  unit: "best",
  columns: { instruction: "text", input: "text", output: "text", system: "text", history: { list: { list: "text" } } },
  row: ({ prompt }, best) => {
    const turns = turnsOf(prompt)
    if (typeof turns === "string") return turns
    const [first] = turns
    const said = first?.role === "system" ? turns.slice(1) : turns
    const last = said.at(-1)
    if (last?.role !== "user") return "turns-out-of-order"
    const history = historyOf(said.slice(0, -1))
    if (typeof history === "string") return history
    return {
      instruction: last.text,
      input: "",
      output: best.text,
      system: first?.role === "system" ? first.text : "",
      history
    }
  }
})
