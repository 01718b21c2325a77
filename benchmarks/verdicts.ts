/**
 * What a verdict takes: calls, tokens and CPU of each strategy, and how much of a judge's prompt its next pass shares, so
 * that a vendor's prompt cache can answer for it. `node benchmarks/verdicts.ts`
 */
import { arrange, type Sheet } from "@consortium/core/Blind"
import * as ChatModel from "@consortium/core/ChatModel"
import { Label, PromptId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { isNonEmpty, map, type NonEmpty } from "@consortium/core/NonEmpty"
import { message, textOf } from "@consortium/core/Prompt"
import { draws, Seed } from "@consortium/core/Seed"
import * as JudgePrompt from "@consortium/judge-strategies/JudgePrompt"
import { listwise } from "@consortium/judge-strategies/Listwise"
import { pairwise } from "@consortium/judge-strategies/Pairwise"
import { pointwise } from "@consortium/judge-strategies/Pointwise"
import * as TokenCount from "@consortium/pricing/TokenCount"
import * as Effect from "effect/Effect"

const seed = Seed.make(1)
const words = "the rain that falls on open water makes a sound which nobody who heard it would call silence".split(" ")
/** About so many tokens of made-up prose. */
const prose = (name: string, tokens: number): string => {
  const draw = draws(seed, name)
  return Array.from({ length: Math.round(tokens * 0.92) }, () => words[Math.floor(draw() * words.length)]).join(" ")
}

const list = <A>(items: ReadonlyArray<A>): NonEmpty<A> => {
  if (!isNonEmpty(items)) throw new Error("an empty list")
  return items
}

const sheetOf = (n: number, task: number, answer: number, name = ""): Sheet => ({
  promptId: PromptId.make(`p${name}`),
  task: [message("user", prose(`task${name}`, task))],
  options: map(list(["A", "B", "C", "D", "E", "F"].slice(0, n)), (label) => ({
    label: Label.make(label),
    text: prose(`${name}${label}`, answer)
  }))
})

const idsIn = (text: string): ReadonlyArray<string> => [
  ...new Set([...text.matchAll(/candidate id="([^"]+)"/g)].flatMap((m) => m[1] ?? []))
]

/** Answers with what was asked for, whichever strategy asks. */
const judging = () => {
  const asked = { calls: 0, texts: [] as Array<string> }
  const model = ChatModel.make({
    ref: "fake/judge",
    complete: ({ messages }) =>
      Effect.sync(() => {
        asked.calls++
        const last = textOf(messages[messages.length - 1] ?? messages[0])
        const ids = idsIn(last)
        asked.texts.push(messages.map(textOf).join("\n"))
        const critiques = ids.map((id) => ({ id, text: "It says what is asked for, and little besides." }))
        const text = JSON.stringify(
          ids.length === 1
            ? {
                criteria: ["correct"],
                reference: "",
                critique: "It says what is asked for.",
                score: 7,
                acceptable: true
              }
            : {
                criteria: ["correct"],
                reference: "",
                critiques,
                ranking: ids.map((id) => [id]),
                unacceptable: [],
                confidence: 0.8
              }
        )
        return { parts: [{ _tag: "Text", text }], finish: { kind: "stop", raw: null }, usage: {}, model: "fake" }
      })
  })
  return { asked, model }
}

const tokens = async (text: string): Promise<number> =>
  (await Effect.runPromise(TokenCount.count("openai/gpt-4o", text))).tokens
const rows: Array<ReadonlyArray<string>> = []
const strategies: Readonly<Record<string, (model: ChatModel.ChatModel) => Judge>> = { listwise, pairwise, pointwise }

for (const [name, strategy] of Object.entries(strategies)) {
  for (const n of [2, 4, 6]) {
    const sheet = sheetOf(n, 60, 300)
    const once = judging()
    await Effect.runPromise(strategy(once.model).judge(sheet))
    let input = 0
    for (const text of once.asked.texts) input += await tokens(text)
    const runs: Array<number> = []
    for (let run = 0; run < 5; run++) {
      const { model } = judging()
      const judge = strategy(model)
      const count = Math.ceil(600 / once.asked.calls)
      const program = Effect.forEach(Array.from({ length: count }), () => judge.judge(sheet), { discard: true })
      const before = process.cpuUsage()
      await Effect.runPromise(program)
      const { system, user } = process.cpuUsage(before)
      runs.push((system + user) / count)
    }
    const median = runs.sort((a, b) => a - b)[2] ?? Number.NaN
    rows.push([name, String(n), String(once.asked.calls), String(input), `${median.toFixed(0)} µs`])
  }
}

const table = (head: ReadonlyArray<string>, body: ReadonlyArray<ReadonlyArray<string>>): void => {
  const widths = head.map((title, at) => Math.max(title.length, ...body.map((row) => row[at]?.length ?? 0)))
  for (const row of [head, ...body]) console.log(row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join("  "))
}

console.log(
  "a verdict on answers of 300 tokens to a task of 60; CPU with the prompt and the parsing, without the model\n"
)
table(["strategy", "answers", "calls", "tokens in", "CPU"], rows)

/** OpenAI and Google cache prefixes from 1,024 tokens on, by their documents. */
const least = 1024
const shared = (a: string, b: string): Promise<number> => {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  return tokens(a.slice(0, at))
}
const prefixes: Array<ReadonlyArray<string>> = []
for (const task of [60, 600, 2000, 8000]) {
  const promptOf = (sheet: Sheet) => JudgePrompt.messages(JudgePrompt.render(sheet)).map(textOf).join("\n")
  const [one, other] = [sheetOf(4, task, 300), sheetOf(4, task, 300, "other")]
  const seen = (sheet: Sheet, pass: number) => promptOf(arrange(sheet, seed, { judge: 0, judges: 3, pass }).sheet)
  const [first, second] = [seen(one, 0), seen(one, 1)]
  const all = await tokens(second)
  const [between, within] = [await shared(seen(other, 0), first), await shared(first, second)]
  const percent = (of: number) => `${((100 * of) / all).toFixed(0)} %`
  prefixes.push([String(task), String(all), percent(between), percent(within), percent(within >= least ? within : 0)])
}
console.log("\nwhat a judge's prompt shares with the one before it, from its first sign on; 4 answers of 300 tokens\n")
table(["task", "tokens", "other prompt", "second pass", `cached from ${least}`], prefixes)
