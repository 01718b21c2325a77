/** How a server of the Messages wire writes: synthetic bodies, made by hand from the documented fields. */
import { modelName, type Said, type Spelling } from "@consortium/testing/ChatModelContract"

const stops = { stop: "end_turn", length: "max_tokens", "tool-calls": "tool_use" } as const

const halves = (text: string): ReadonlyArray<string> => {
  const letters = [...text]
  const middle = letters.length >> 1
  return [letters.slice(0, middle).join(""), letters.slice(middle).join("")].filter((half) => half !== "")
}

const message = (content: ReadonlyArray<object>, more: object) => ({
  id: "msg_synthetic",
  type: "message",
  role: "assistant",
  model: modelName,
  content,
  stop_reason: null,
  stop_sequence: null,
  ...more
})

/** The lines of a stream of these events, each with its name. */
export const sse = (events: ReadonlyArray<{ readonly type: string; readonly [field: string]: unknown }>): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("")

const start = (inputTokens: number) => ({
  type: "message_start",
  message: message([], { usage: { input_tokens: inputTokens, output_tokens: 1 } })
})

type Piece = readonly [field: string, type: string, words: string]

const block = (index: number, first: object, pieces: ReadonlyArray<Piece>) => [
  { type: "content_block_start", index, content_block: first },
  ...pieces.map(([field, type, words]) => ({ type: "content_block_delta", index, delta: { type, [field]: words } })),
  { type: "content_block_stop", index }
]

const blocks = (said: Said) => {
  const { reasoning, text, toolCall } = said
  const all = [
    ...(reasoning === undefined
      ? []
      : [
          (at: number) =>
            block(
              at,
              { type: "thinking", thinking: "", signature: "" },
              halves(reasoning).map((half) => ["thinking", "thinking_delta", half])
            )
        ]),
    ...(text === ""
      ? []
      : [
          (at: number) =>
            block(
              at,
              { type: "text", text: "" },
              halves(text).map((half) => ["text", "text_delta", half])
            )
        ]),
    ...(toolCall === undefined
      ? []
      : [
          (at: number) =>
            block(
              at,
              { type: "tool_use", id: toolCall.id, name: toolCall.name, input: {} },
              halves(toolCall.arguments).map((half) => ["partial_json", "input_json_delta", half])
            )
        ])
  ]
  return all.flatMap((make, at) => make(at))
}

export const messages: Spelling = {
  whole: (said) =>
    JSON.stringify(
      message(
        [
          ...(said.reasoning === undefined ? [] : [{ type: "thinking", thinking: said.reasoning, signature: "" }]),
          ...(said.text === "" ? [] : [{ type: "text", text: said.text }]),
          ...(said.toolCall === undefined
            ? []
            : [
                {
                  type: "tool_use",
                  id: said.toolCall.id,
                  name: said.toolCall.name,
                  input: JSON.parse(said.toolCall.arguments)
                }
              ])
        ],
        {
          stop_reason: stops[said.finish],
          usage: { input_tokens: said.inputTokens, output_tokens: said.outputTokens }
        }
      )
    ),
  streamed: (said) =>
    sse([
      start(said.inputTokens),
      { type: "ping" },
      ...blocks(said),
      {
        type: "message_delta",
        delta: { stop_reason: stops[said.finish], stop_sequence: null },
        usage: { output_tokens: said.outputTokens }
      },
      { type: "message_stop" }
    ]),
  error: (said, code) => JSON.stringify({ type: "error", error: { type: code ?? "api_error", message: said } }),
  brokenStream: (text, said) =>
    sse([
      start(1),
      ...block(0, { type: "text", text: "" }, [["text", "text_delta", text]]),
      { type: "error", error: { type: "api_error", message: said } }
    ]),
  cutStream: (text) => sse([start(1), ...block(0, { type: "text", text: "" }, [["text", "text_delta", text]])]),
  read: ({ body, headers }) => {
    const { messages: said, model } = JSON.parse(body)
    return { model, text: said[0].content[0].text, key: headers["x-api-key"] }
  }
}
