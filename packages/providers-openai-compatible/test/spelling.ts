/** How a server of the OpenAI chat wire writes: synthetic bodies, made by hand from the documented fields. */
import { modelName, type Said, type Spelling } from "@consortium/testing/ChatModelContract"

const finishes = { stop: "stop", length: "length", "tool-calls": "tool_calls" } as const

const usage = (said: Said) => ({
  prompt_tokens: said.inputTokens,
  completion_tokens: said.outputTokens,
  total_tokens: said.inputTokens + said.outputTokens
})

const chunk = (delta: object, finish: string | null = null) => ({
  id: "chatcmpl-synthetic",
  object: "chat.completion.chunk",
  created: 1,
  model: modelName,
  choices: [{ index: 0, delta, finish_reason: finish }]
})

const halves = (text: string): ReadonlyArray<string> => {
  const letters = [...text]
  const middle = letters.length >> 1
  return [letters.slice(0, middle).join(""), letters.slice(middle).join("")].filter((half) => half !== "")
}

/** The lines of a stream of these chunks. */
export const sse = (chunks: ReadonlyArray<object>, mark = true): string =>
  [...chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`), ...(mark ? ["data: [DONE]\n\n"] : [])].join("")

const toolDeltas = (call: NonNullable<Said["toolCall"]>) => [
  chunk({ tool_calls: [{ index: 0, id: call.id, type: "function", function: { name: call.name, arguments: "" } }] }),
  ...halves(call.arguments).map((half) => chunk({ tool_calls: [{ index: 0, function: { arguments: half } }] }))
]

export const spelling = (reasoningField: "reasoning" | "reasoning_content"): Spelling => ({
  whole: (said) =>
    JSON.stringify({
      id: "chatcmpl-synthetic",
      object: "chat.completion",
      model: modelName,
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: said.toolCall === undefined ? said.text : null,
            ...(said.reasoning !== undefined && { [reasoningField]: said.reasoning }),
            ...(said.toolCall !== undefined && {
              tool_calls: [
                {
                  id: said.toolCall.id,
                  type: "function",
                  function: { name: said.toolCall.name, arguments: said.toolCall.arguments }
                }
              ]
            })
          },
          finish_reason: finishes[said.finish]
        }
      ],
      usage: usage(said)
    }),
  streamed: (said) =>
    sse([
      chunk({ role: "assistant", content: "" }),
      ...halves(said.reasoning ?? "").map((half) => chunk({ [reasoningField]: half })),
      ...halves(said.text).map((half) => chunk({ content: half })),
      ...(said.toolCall === undefined ? [] : toolDeltas(said.toolCall)),
      chunk({}, finishes[said.finish]),
      { ...chunk({}), choices: [], usage: usage(said) }
    ]),
  error: (message, code) =>
    JSON.stringify({ error: { message, type: "synthetic_error", ...(code !== undefined && { code }) } }),
  brokenStream: (text, error) =>
    sse([chunk({ content: text }), { error: { message: error, type: "server_error" } }], false),
  cutStream: (text) => sse([chunk({ content: text })], false),
  read: ({ body, headers }) => {
    const sent = JSON.parse(body)
    return { model: sent.model, text: sent.messages[0].content, key: headers.authorization?.replace("Bearer ", "") }
  }
})
