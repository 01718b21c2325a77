/** A vendor that misbehaves in the way that its model's name says. Synthetic: no real vendor's words. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

interface Asked {
  readonly model: string
  readonly text: string
  /** Messages of the conversation. */
  readonly messages: number
}

export interface Faulty {
  readonly url: string
  /** In the order of arrival. */
  readonly asked: Array<Asked>
  /** Moody judges fail on prompts with this word; empty when they are well. */
  trouble: string
  readonly stop: () => void
}

const page = "<!doctype html><html><head><title>Sorry</title></head><body><h1>Something went wrong</h1></body></html>"

/** What a judge may say that is no order of three. */
export const rubbish: Readonly<Record<string, string>> = {
  prose: "They are all wonderful, each in its own way.",
  refusal: "I can't compare these.",
  silence: "",
  strangers: '{"ranking":[["X"],["Y"],["Z"]],"confidence":0.9}',
  nobody: '{"ranking":[],"confidence":1}',
  fragment: '{"ranking":[["A"]],"confidence":0.8}',
  scores: '{"A":9,"B":7,"C":3}',
  cut: '{"criteria":["accuracy"],"ranking":[["A"],["',
  contradiction: '{"ranking":[["A"],["B"],["C"]],"unacceptable":["A"]}'
}

const completion = (model: string, content: string) =>
  JSON.stringify({
    id: "synthetic",
    object: "chat.completion",
    created: 0,
    model,
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
  })

const json = (response: ServerResponse, text: string, status = 200) =>
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
    .end(text)

type Way = (request: IncomingMessage, response: ServerResponse) => void

const ways: Readonly<Record<string, Way>> = {
  hang: () => {},
  reset: (request) => request.socket.resetAndDestroy(),
  trickle: (_, response) => {
    response.writeHead(200, { "content-type": "application/json" })
    const timer = setInterval(() => response.write(" "), 50)
    response.once("close", () => clearInterval(timer))
  },
  truncate: (_, response) => {
    const text = completion("truncate", "An answer that never comes to its end.")
    response.writeHead(200, { "content-type": "application/json", "content-length": text.length })
    response.write(text.slice(0, text.length >> 1), () => response.destroy())
  },
  html: (_, response) => response.writeHead(200, { "content-type": "text/html" }).end(page),
  "bad-gateway": (_, response) => response.writeHead(502, { "content-type": "text/html" }).end(page),
  "other-json": (_, response) => json(response, '{"status":"ok"}'),
  unauthorised: (_, response) => json(response, '{"error":{"message":"No auth credentials found","code":401}}', 401)
}

/** @param simulated where models go that answer well */
export const faulty = (simulated: string): Promise<Faulty> =>
  new Promise((resolve) => {
    const wellAs = async (text: string, model: string, response: ServerResponse) => {
      const body = JSON.stringify({ ...JSON.parse(text), model })
      json(response, await (await fetch(`${simulated}/chat/completions`, { method: "POST", body })).text())
    }
    const answer = (
      model: string,
      messages: number,
      text: string,
      request: IncomingMessage,
      response: ServerResponse
    ) => {
      const way = ways[model]
      if (way !== undefined) return way(request, response)
      const said = rubbish[model.replace("rubbish-", "")]
      if (said !== undefined) return json(response, completion(model, said))
      const moody = server.trouble !== "" && text.includes(server.trouble)
      if (model === "moody-refusing" && moody) return json(response, '{"error":{"message":"out of order"}}', 400)
      if (model === "moody-breaking" && moody) return request.socket.resetAndDestroy()
      if (model === "mends" && messages < 3) return json(response, completion(model, rubbish.prose ?? ""))
      return wellAs(text, "careful", response)
    }
    const http = createServer(async (request, response) => {
      const chunks: Array<Buffer> = []
      for await (const chunk of request) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString("utf8")
      const { messages, model }: { readonly model: string; readonly messages: ReadonlyArray<unknown> } =
        JSON.parse(text)
      server.asked.push({ model, text, messages: messages.length })
      await answer(model, messages.length, text, request, response)
    })
    const server = {
      url: "",
      asked: new Array<Asked>(),
      trouble: "",
      stop: () => {
        http.close()
        http.closeAllConnections()
      }
    }
    http.listen(0, "127.0.0.1", () => {
      const address: AddressInfo | string | null = http.address()
      if (address === null || typeof address === "string") throw new Error("no port")
      resolve(Object.assign(server, { url: `http://127.0.0.1:${address.port}/v1` }))
    })
  })
