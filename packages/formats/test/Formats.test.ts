import { rowsOf } from "@consortium/formats/Choice"
import type { Row } from "@consortium/formats/Format"
import { formats, type Name } from "@consortium/formats/Formats"
import { assert, describe, it } from "@effect/vitest"
import { type Made, ranked } from "./ranked.js"

const rows = (name: Name, made?: Made): ReadonlyArray<Row> => rowsOf(formats[name], ranked(made)).rows
const only = (name: Name, made?: Made): Row => {
  const [row, ...more] = rows(name, made)
  assert.deepStrictEqual(more, [])
  if (row === undefined) throw new Error(`no row of ${name}`)
  return row
}
const why = (name: Name, made: Made) => rowsOf(formats[name], ranked(made)).left

const user = { role: "user", content: "Which one?" } as const
const said = (content: string) => ({ role: "assistant", content }) as const
const talk = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hi" },
  { role: "assistant", content: "Hello" },
  { role: "user", content: "Why?" }
] as const
const picture = [
  { role: "user", content: [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }] }
] as const
const call = { id: "c1", type: "function", function: { name: "add", arguments: '{"a":1}' } } as const
const tools = [
  { role: "user", content: "Add" },
  { role: "assistant", content: null, tool_calls: [call] },
  { role: "tool", content: "2", tool_call_id: "c1" }
] as const

describe("a row of each format", () => {
  it("is what its trainers document", () => {
    assert.deepStrictEqual(only("openai"), { messages: [user, said("The best.")] })
    assert.deepStrictEqual(only("sharegpt"), {
      conversations: [
        { from: "human", value: "Which one?" },
        { from: "gpt", value: "The best." }
      ]
    })
    assert.deepStrictEqual(only("alpaca"), {
      instruction: "Which one?",
      input: "",
      output: "The best.",
      system: "",
      history: []
    })
    assert.deepStrictEqual(only("chatml"), {
      text: "<|im_start|>user\nWhich one?<|im_end|>\n<|im_start|>assistant\nThe best.<|im_end|>\n"
    })
    assert.deepStrictEqual(only("dpo"), {
      prompt: [user],
      chosen: [said("The best.")],
      rejected: [said("The worst.")]
    })
    assert.deepStrictEqual(only("orpo"), {
      chosen: [user, said("The best.")],
      rejected: [user, said("The worst.")]
    })
    assert.deepStrictEqual(only("reward"), {
      chosen: [user, said("The best.")],
      rejected: [user, said("The worst.")],
      margin: 1 - 1 / 3
    })
    assert.deepStrictEqual(rows("kto"), [
      { prompt: [user], completion: [said("The best.")], label: true },
      { prompt: [user], completion: [said("The worst.")], label: false }
    ])
    assert.deepStrictEqual(only("listwise"), {
      prompt: [user],
      completions: ["The best.", "A middling one.", "The worst."],
      scores: [1, 2 / 3, 1 / 3],
      p_best: [0.75, 0.125, 0.125],
      acceptable: [true, true, true]
    })
    assert.deepInclude(only("table"), {
      id: "p1",
      system: null,
      prompt: "Which one?",
      completion: "The best.",
      member: "member a",
      margin: 1 - 2 / 3,
      agreement_first: 1,
      agreement_of: 1,
      answers: 3,
      messages: null
    })
  })

  it("keeps earlier turns and what the system says", () => {
    const made = { messages: talk }
    assert.deepStrictEqual(only("openai", made), { messages: [...talk, said("The best.")] })
    assert.deepStrictEqual(only("alpaca", made), {
      instruction: "Why?",
      input: "",
      output: "The best.",
      system: "Be brief.",
      history: [["Hi", "Hello"]]
    })
    assert.deepInclude(only("table", made), { prompt: "Why?", messages: talk })
    assert.deepInclude(only("table", { messages: talk.slice(0, 2) }), {
      system: "Be brief.",
      prompt: "Hi",
      messages: null
    })
  })

  it("says why it has no words for a conversation, and loses none without a word", () => {
    assert.deepStrictEqual(
      (["openai", "dpo", "listwise", "table"] as const).map((name) => why(name, { messages: picture })),
      [[], [], [], []]
    )
    for (const name of ["sharegpt", "alpaca", "chatml"] as const) {
      assert.deepStrictEqual(why(name, { messages: picture }), ["pictures"], name)
    }
    for (const name of ["alpaca", "chatml"] as const) {
      assert.deepStrictEqual(why(name, { messages: tools }), ["tool-traffic"], name)
    }
    assert.deepStrictEqual(only("sharegpt", { messages: tools }).conversations, [
      { from: "human", value: "Add" },
      { from: "function_call", value: '{"name":"add","arguments":{"a":1}}' },
      { from: "observation", value: "2" },
      { from: "gpt", value: "The best." }
    ])
    assert.deepStrictEqual(why("alpaca", { messages: [user, user] }), ["turns-out-of-order"])
    assert.deepStrictEqual(why("chatml", { texts: ["a<|im_end|>", "b"] }), ["control-marks"])
    const columns = rowsOf(formats.dpo, ranked({ messages: tools }), { textsOnly: true })
    assert.deepStrictEqual([columns.rows, columns.left], [[], ["tool-traffic"]])
  })
})
