/** How Cohere's v2 chat writes: synthetic bodies, made by hand from the documented fields. */
import type { Said, Spelling } from "@consortium/testing/ChatModelContract"

const reasons = { stop: "COMPLETE", length: "MAX_TOKENS", "tool-calls": "TOOL_CALL" } as const

const usage = (said: Said) => ({
  billed_units: { input_tokens: said.inputTokens, output_tokens: said.outputTokens },
  tokens: { input_tokens: said.inputTokens + 500, output_tokens: said.outputTokens + 30 },
  cached_tokens: 448
})

const halves = (text: string): ReadonlyArray<string> => {
  const letters = [...text]
  const middle = letters.length >> 1
  return [letters.slice(0, middle).join(""), letters.slice(middle).join("")].filter((half) => half !== "")
}

const call = ({ id, name }: NonNullable<Said["toolCall"]>, given: string) => ({
  id,
  type: "function",
  function: { name, arguments: given }
})

type Event = { readonly type: string }
const of = (type: string, message: object, index = 0): Event => ({ type, index, delta: { message } }) as Event

/** The events of a stream. */
export const sse = (events: ReadonlyArray<Event>): string =>
  events.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join("")

const block = (index: number, type: "text" | "thinking", text: string): ReadonlyArray<Event> =>
  text === ""
    ? []
    : [
        of("content-start", { content: { type, [type]: "" } }, index),
        ...halves(text).map((half) => of("content-delta", { content: { [type]: half } }, index)),
        of("content-end", {}, index)
      ]

const calls = (asked: NonNullable<Said["toolCall"]>): ReadonlyArray<Event> => [
  of("tool-call-start", { tool_calls: call(asked, "") }),
  ...halves(asked.arguments).map((half) => of("tool-call-delta", { tool_calls: { function: { arguments: half } } })),
  of("tool-call-end", {})
]

const start: Event & { readonly id: string } = { type: "message-start", id: "synthetic-answer" }

export const spelling: Spelling = {
  whole: (said) =>
    JSON.stringify({
      id: "synthetic-answer",
      message: {
        role: "assistant",
        content: [
          ...(said.reasoning === undefined ? [] : [{ type: "thinking", thinking: said.reasoning }]),
          ...(said.text === "" ? [] : [{ type: "text", text: said.text }])
        ],
        ...(said.toolCall !== undefined && { tool_calls: [call(said.toolCall, said.toolCall.arguments)] })
      },
      finish_reason: reasons[said.finish],
      usage: usage(said)
    }),
  streamed: (said) => {
    const thoughts = block(0, "thinking", said.reasoning ?? "")
    const end = { type: "message-end", delta: { finish_reason: reasons[said.finish], usage: usage(said) } }
    const events = [
      start,
      ...thoughts,
      ...block(thoughts.length === 0 ? 0 : 1, "text", said.text),
      ...(said.toolCall === undefined ? [] : calls(said.toolCall)),
      end
    ]
    return `${sse(events)}data: [DONE]\n\n`
  },
  error: (message) => JSON.stringify({ id: "synthetic-error", message }),
  brokenStream: (text, error) =>
    sse([start, ...block(0, "text", text), { type: "message-end", delta: { finish_reason: "ERROR", error } } as Event]),
  cutStream: (text) => `${sse([start, ...block(0, "text", text).slice(0, -1)])}data: [DONE]\n\n`,
  read: ({ body, headers }) => ({
    model: JSON.parse(body).model,
    text: JSON.parse(body).messages[0].content,
    key: headers.authorization?.replace("Bearer ", "")
  })
}
