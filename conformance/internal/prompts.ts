/** Made-up prompts: always the same for a number and a seed. */
import { draws, Seed } from "@consortium/core/Seed"

const verbs = ["Explain", "Compare", "Plan", "Summarise", "Criticise", "Translate", "Invent", "Prove", "Debug", "Teach"]
const nouns =
  "tides bridges poems taxes bees engines grammar volcanoes chess soup satellites novels glaciers budgets violins maps proteins gardens elections kites".split(
    " "
  )

/** One line of JSON a prompt. @param count rows; every twentieth repeats the one before */
export const promptLines = (count: number): string => {
  const draw = draws(Seed.make(1), "prompts")
  const one = (words: ReadonlyArray<string>) => words[Math.floor(draw() * words.length)] ?? ""
  const lines: Array<string> = []
  for (let at = 0; at < count; at++) {
    const text = `${one(verbs)} ${one(nouns)} with ${one(nouns)} and ${one(nouns)}, in ${2 + Math.floor(draw() * 90)} words for case ${at}`
    const repeated = at % 20 === 19 ? lines[at - 1] : undefined
    lines.push(repeated?.replace(/"id":"[^"]*"/, `"id":"p${at}"`) ?? JSON.stringify({ id: `p${at}`, prompt: text }))
  }
  return `${lines.join("\n")}\n`
}
