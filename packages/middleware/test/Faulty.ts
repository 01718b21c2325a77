/** A loopback vendor that goes wrong on demand: each request says in its text what is to happen to it. */
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { define } from "@consortium/providers-openai-compatible/Vendor"
import * as Effect from "effect/Effect"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"

const vendor = define({
  id: "synthetic",
  baseUrl: "http://127.0.0.1:9",
  baseUrlVariable: "SYNTHETIC_BASE_URL",
  apiKey: { variable: "SYNTHETIC_API_KEY", optional: true }
})

export const model = (baseUrl: string) => ChatCompletions.make({ vendor, model: "m", baseUrl })

const body = (text: string) =>
  JSON.stringify({
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: 10, completion_tokens: 5 }
  })
const chunk = (content: string) =>
  `data: ${JSON.stringify({ model: "m", choices: [{ index: 0, delta: { content } }] })}\n\n`
const json = { "content-type": "application/json" }
const refusal = JSON.stringify({ error: { message: "slow down" } })

/** What happens to a request, by the last word of its text. */
const faults: Readonly<Record<string, (response: ServerResponse, text: string) => void>> = {
  ok: (response, text) => void response.writeHead(200, json).end(body(text)),
  stream: (response, text) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    for (const word of text.split(" ")) response.write(chunk(`${word} `))
    response.end(
      `data: ${JSON.stringify({ model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: { prompt_tokens: 10, completion_tokens: 5 } })}\n\ndata: [DONE]\n\n`
    )
  },
  reset: (response) => void response.socket?.resetAndDestroy(),
  silent: () => {},
  drip: (response, text) => {
    response.writeHead(200, json)
    const whole = body(text)
    let sent = 0
    const timer = setInterval(() => {
      if (response.destroyed) clearInterval(timer)
      else response.write(whole[sent++] ?? " ")
    }, 20)
  },
  truncated: (response, text) => void response.writeHead(200, json).end(body(text).slice(0, 40)),
  short: (response, text) => {
    const whole = body(text)
    response.writeHead(200, { ...json, "content-length": whole.length + 50 })
    response.write(whole.slice(0, 30), () => response.socket?.destroy())
  },
  cut: (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write(`${chunk("one ")}${chunk("two ")}`, () => setTimeout(() => response.socket?.resetAndDestroy(), 20))
  },
  stuck: (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write(chunk("one "))
  },
  html: (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>welcome</html>"),
  empty: (response) => void response.writeHead(200, json).end(),
  busy: (response) => void response.writeHead(429, json).end(refusal),
  wait: (response) => void response.writeHead(429, { ...json, "retry-after-ms": "150" }).end(refusal),
  broken: (response) => void response.writeHead(503, json).end(refusal)
}

const read = async (request: IncomingMessage): Promise<string> => {
  let whole = ""
  for await (const piece of request) whole += String(piece)
  const asked: { readonly messages: ReadonlyArray<{ readonly content: string }> } = JSON.parse(whole)
  return asked.messages[0]?.content ?? ""
}

/**
 * The server while its scope is open. `plan` says what happens to the nth attempt of a text; by default its last words
 * after `|`, one for each attempt, the last one for ever.
 */
export const faulty = (
  plan: (text: string, attempt: number) => string = (text, attempt) => {
    const words = (text.split("|")[1] ?? "ok").trim().split(" ")
    return words[Math.min(attempt, words.length - 1)] ?? "ok"
  }
) =>
  Effect.gen(function* () {
    const arrivals = new Map<string, number>()
    const seen = { arrived: 0, answered: 0, open: 0 }
    const server = createServer(async (request, response) => {
      seen.open++
      response.on("close", () => {
        seen.open--
        if (response.statusCode === 200 && response.writableFinished) seen.answered++
      })
      response.on("error", () => {})
      const text = await read(request).catch(() => undefined)
      if (text === undefined) return
      const attempt = arrivals.get(text) ?? 0
      arrivals.set(text, attempt + 1)
      seen.arrived++
      faults[plan(text, attempt)]?.(response, text)
    })
    server.on("connection", (socket) => socket.on("error", () => {}))
    yield* Effect.acquireRelease(
      Effect.promise(() => once(server.listen(0, "127.0.0.1"), "listening")),
      () =>
        Effect.callback<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const address = server.address()
    if (address === null || typeof address === "string") return yield* Effect.die(new Error("no port"))
    const connections = Effect.callback<number>((resume) => {
      server.getConnections((_, count) => resume(Effect.succeed(count)))
    })
    return { url: `http://127.0.0.1:${address.port}`, seen, arrivals, connections }
  })
