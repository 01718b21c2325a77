/** How a server of the chat wire writes: synthetic bodies, made by hand from the documented fields. */
import { modelName, type Said, type Spelling } from "@consortium/testing/ChatModelContract"

const finishes = { stop: "stop", length: "length", "tool-calls": "tool_calls" } as const

const body = (object: string, place: object, finish: string | null, usage: object | null = null) => ({
  id: "chatcmpl-synthetic",
  object,
  created: 1,
  model: modelName,
  choices: [{ index: 0, ...place, finish_reason: finish, logprobs: null }],
  usage
})
const chunk = (delta: object, finish: string | null = null) => body("chat.completion.chunk", { delta }, finish)

const usage = (said: Said) => ({
  prompt_tokens: said.inputTokens,
  completion_tokens: said.outputTokens,
  total_tokens: said.inputTokens + said.outputTokens
})

const calls = (said: Said) =>
  said.toolCall === undefined
    ? {}
    : {
        tool_calls: [
          {
            index: 0,
            id: said.toolCall.id,
            type: "function",
            function: { name: said.toolCall.name, arguments: said.toolCall.arguments }
          }
        ]
      }

/** OpenAI itself tells no reasoning here; the field is what other servers of the wire use. */
const reasoning = (said: Said) => (said.reasoning === undefined ? {} : { reasoning_content: said.reasoning })

const sse = (chunks: ReadonlyArray<object>): string => chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`).join("")

export const spelling: Spelling = {
  whole: (said) => {
    const message = { role: "assistant", content: said.text || null, refusal: null, ...reasoning(said), ...calls(said) }
    return JSON.stringify(body("chat.completion", { message }, finishes[said.finish], usage(said)))
  },
  streamed: (said) =>
    `${sse([
      chunk({ role: "assistant", content: "", refusal: null }),
      chunk(reasoning(said)),
      ...[...said.text].map((content) => chunk({ content })),
      chunk(calls(said)),
      chunk({}, finishes[said.finish]),
      { ...chunk({}), choices: [], usage: usage(said) }
    ])}data: [DONE]\n\n`,
  error: (message, code) =>
    JSON.stringify({ error: { message, type: "synthetic_error", param: null, code: code ?? null } }),
  brokenStream: (text, error) =>
    sse([chunk({ content: text }), { error: { message: error, type: "server_error", code: null } }]),
  cutStream: (text) => sse([chunk({ content: text })]),
  read: ({ body, headers }) => {
    const sent = JSON.parse(body)
    return { model: sent.model, text: sent.messages[0].content, key: headers.authorization?.replace("Bearer ", "") }
  }
}
