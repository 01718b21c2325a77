/** A server that answers every call with the same synthetic bytes, by its path: whole answers, and streams of 200 pieces. Prints its URL. */
import { createServer } from "node:http"

const text = "The sky is blue because air scatters short waves of light far more than long ones. ".repeat(12)
const usage = { prompt_tokens: 24, completion_tokens: 260, total_tokens: 284 }
const facts = { id: "chatcmpl-synthetic", created: 1_780_000_000, model: "synthetic", system_fingerprint: "fp_1" }

const chat = JSON.stringify({
  ...facts,
  object: "chat.completion",
  choices: [
    { index: 0, message: { role: "assistant", content: text, refusal: null }, logprobs: null, finish_reason: "stop" }
  ],
  usage: {
    ...usage,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 }
  }
})
const messages = JSON.stringify({
  id: "msg_synthetic",
  type: "message",
  role: "assistant",
  model: "synthetic",
  content: [{ type: "text", text }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 24, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 260 }
})

const chunk = (delta: object, finish: string | null) =>
  `data: ${JSON.stringify({
    ...facts,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }]
  })}\n\n`
const words = Array.from({ length: 200 }, (_, index) => chunk({ content: ` word${index}` }, null))
const last = `data: ${JSON.stringify({ ...facts, object: "chat.completion.chunk", choices: [], usage })}\n\ndata: [DONE]\n\n`
/** Ten events in a packet, as a fast server sends them. */
const pieces = Array.from({ length: 20 }, (_, index) => words.slice(index * 10, index * 10 + 10).join(""))

const headers = {
  "content-type": "application/json",
  "x-request-id": "req_synthetic",
  "x-ratelimit-limit-requests": "10000",
  "x-ratelimit-remaining-requests": "9999",
  "x-ratelimit-limit-tokens": "2000000",
  "x-ratelimit-remaining-tokens": "1999900"
}

const server = createServer((request, response) => {
  const read: Array<Buffer> = []
  request.on("data", (piece: Buffer) => read.push(piece))
  request.on("end", () => {
    if (Buffer.concat(read).includes('"stream":true')) {
      response.writeHead(200, { ...headers, "content-type": "text/event-stream" })
      for (const piece of pieces) response.write(piece)
      response.end(chunk({}, "stop") + last)
      return
    }
    const body = request.url?.includes("messages") ? messages : chat
    response.writeHead(200, { ...headers, "content-length": Buffer.byteLength(body) })
    response.end(body)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (address !== null && typeof address !== "string")
    console.log(JSON.stringify({ url: `http://127.0.0.1:${address.port}` }))
})
