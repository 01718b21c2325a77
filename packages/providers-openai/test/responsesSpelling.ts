/** How a server of the Responses wire writes: synthetic bodies, made by hand from the documented fields. */
import { modelName, type Said, type Spelling } from "@consortium/testing/ChatModelContract"

const usage = (said: Said) => ({
  input_tokens: said.inputTokens,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: said.outputTokens,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: said.inputTokens + said.outputTokens
})

export const message = (text: string) => ({
  id: "msg_synthetic",
  type: "message",
  status: "completed",
  role: "assistant",
  content: [{ type: "output_text", text, annotations: [], logprobs: [] }]
})

const reasoning = (text: string) => ({
  id: "rs_synthetic",
  type: "reasoning",
  summary: [{ type: "summary_text", text }]
})

const functionCall = (call: NonNullable<Said["toolCall"]>) => ({
  id: "fc_synthetic",
  type: "function_call",
  status: "completed",
  call_id: call.id,
  name: call.name,
  arguments: call.arguments
})

const output = (said: Said): ReadonlyArray<object> => [
  ...(said.reasoning === undefined ? [] : [reasoning(said.reasoning)]),
  ...(said.text === "" ? [] : [message(said.text)]),
  ...(said.toolCall === undefined ? [] : [functionCall(said.toolCall)])
]

/** A response with these fields beside the usual ones. */
export const response = (fields: object): object => ({
  id: "resp_synthetic",
  object: "response",
  created_at: 1,
  status: "completed",
  error: null,
  incomplete_details: null,
  model: modelName,
  output: [],
  ...fields
})

const whole = (said: Said): object =>
  response({
    output: output(said),
    usage: usage(said),
    ...(said.finish === "length" && { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } })
  })

const halves = (text: string): ReadonlyArray<string> => {
  const letters = [...text]
  const middle = letters.length >> 1
  return [letters.slice(0, middle).join(""), letters.slice(middle).join("")].filter((half) => half !== "")
}

export interface Event {
  readonly type: string
  readonly [field: string]: unknown
}

/** The lines of a stream of these events, numbered as the vendor numbers them. */
export const sse = (events: ReadonlyArray<Event>): string =>
  events
    .map((event, index) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`)
    .join("")

const started = response({ status: "in_progress", usage: null })
const begun: ReadonlyArray<Event> = [
  { type: "response.created", response: started },
  { type: "response.in_progress", response: started }
]

const item = (
  output_index: number,
  begin: object,
  end: object,
  between: ReadonlyArray<Event>
): ReadonlyArray<Event> => [
  { type: "response.output_item.added", output_index, item: begin },
  ...between,
  { type: "response.output_item.done", output_index, item: end }
]

export const messageEvents = (output_index: number, text: string): ReadonlyArray<Event> => {
  const at = { item_id: "msg_synthetic", output_index, content_index: 0 }
  return item(output_index, { ...message(""), content: [] }, message(text), [
    { type: "response.content_part.added", ...at, part: { type: "output_text", text: "" } },
    ...halves(text).map((delta) => ({ type: "response.output_text.delta", ...at, delta, obfuscation: "x7Tq" })),
    { type: "response.output_text.done", ...at, text },
    { type: "response.content_part.done", ...at, part: { type: "output_text", text } }
  ])
}

const reasoningEvents = (output_index: number, text: string): ReadonlyArray<Event> => {
  const at = { item_id: "rs_synthetic", output_index, summary_index: 0 }
  return item(output_index, { ...reasoning(""), summary: [] }, reasoning(text), [
    { type: "response.reasoning_summary_part.added", ...at, part: { type: "summary_text", text: "" } },
    ...halves(text).map((delta) => ({ type: "response.reasoning_summary_text.delta", ...at, delta })),
    { type: "response.reasoning_summary_text.done", ...at, text }
  ])
}

const callEvents = (output_index: number, call: NonNullable<Said["toolCall"]>): ReadonlyArray<Event> => {
  const at = { item_id: "fc_synthetic", output_index }
  const begin = { ...functionCall({ ...call, arguments: "" }), status: "in_progress" }
  return item(output_index, begin, functionCall(call), [
    ...halves(call.arguments).map((delta) => ({ type: "response.function_call_arguments.delta", ...at, delta })),
    { type: "response.function_call_arguments.done", ...at, arguments: call.arguments }
  ])
}

const events = (said: Said): ReadonlyArray<Event> => [
  ...begun,
  ...output(said).flatMap((one, index) => {
    if ("summary" in one) return reasoningEvents(index, said.reasoning ?? "")
    return "content" in one || said.toolCall === undefined
      ? messageEvents(index, said.text)
      : callEvents(index, said.toolCall)
  }),
  { type: said.finish === "length" ? "response.incomplete" : "response.completed", response: whole(said) }
]

export const spelling: Spelling = {
  whole: (said) => JSON.stringify(whole(said)),
  streamed: (said) => sse(events(said)),
  error: (text, code) =>
    JSON.stringify({ error: { message: text, type: "synthetic_error", param: null, code: code ?? null } }),
  brokenStream: (text, error) =>
    sse([...begun, ...messageEvents(0, text), { type: "error", code: null, message: error, param: null }]),
  cutStream: (text) => sse([...begun, ...messageEvents(0, text)]),
  read: ({ body, headers }) => {
    const sent = JSON.parse(body)
    return { model: sent.model, text: sent.input[0].content, key: headers.authorization?.replace("Bearer ", "") }
  }
}
