/** How Ollama writes on its own wire: synthetic bodies, made by hand from the documented fields. */
import { modelName, type Said, type Spelling } from "@consortium/testing/ChatModelContract"

const reasons = { stop: "stop", length: "length", "tool-calls": "stop" } as const

const line = (message: object, more: object = { done: false }) => ({
  model: modelName,
  created_at: "2026-01-01T00:00:00Z",
  message: { role: "assistant", content: "", ...message },
  ...more
})

const end = (said: Said) => ({
  done: true,
  done_reason: reasons[said.finish],
  total_duration: 5_000_000_000,
  load_duration: 1_000_000,
  prompt_eval_count: said.inputTokens,
  prompt_eval_duration: 1_000_000,
  eval_count: said.outputTokens,
  eval_duration: 2_000_000
})

const callOf = ({ arguments: given, id, name }: NonNullable<Said["toolCall"]>) => ({
  tool_calls: [{ id, function: { index: 0, name, arguments: JSON.parse(given) } }]
})

const halves = (text: string): ReadonlyArray<string> => {
  const letters = [...text]
  const middle = letters.length >> 1
  return [letters.slice(0, middle).join(""), letters.slice(middle).join("")].filter((half) => half !== "")
}

/** The lines of a stream of these values. */
export const lines = (values: ReadonlyArray<object>): string => values.map((one) => `${JSON.stringify(one)}\n`).join("")

export const spelling: Spelling = {
  streamType: "application/x-ndjson",
  whole: (said) =>
    JSON.stringify(
      line(
        {
          content: said.text,
          ...(said.reasoning !== undefined && { thinking: said.reasoning }),
          ...(said.toolCall !== undefined && callOf(said.toolCall))
        },
        end(said)
      )
    ),
  streamed: (said) =>
    lines([
      ...halves(said.reasoning ?? "").map((thinking) => line({ thinking })),
      ...halves(said.text).map((content) => line({ content })),
      ...(said.toolCall === undefined ? [] : [line(callOf(said.toolCall))]),
      line({}, end(said))
    ]),
  error: (message) => JSON.stringify({ error: message }),
  brokenStream: (text, message) => lines([line({ content: text }), { error: message }]),
  cutStream: (text) => lines([line({ content: text })]),
  read: ({ body, headers }) => ({
    model: JSON.parse(body).model,
    text: JSON.parse(body).messages[0].content,
    key: headers.authorization?.replace("Bearer ", "")
  })
}
