/** A vendor on loopback for other runtimes: simulated models, a page for browsers, an address that is busy, one that is closed. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { serve as simulated } from "../internal/simulated.js"

export interface Vendor {
  readonly url: string
  /** What a page posted, once it has. */
  readonly posted: Promise<string>
  readonly stop: () => Promise<void>
}

const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {}
) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const piece of request) text += String(piece)
  return text
}

/** @param files by path, as a page asks for them */
export const start = async (files: Readonly<Record<string, string>> = {}): Promise<Vendor> => {
  const models = await simulated({ seed: 1, latencyScale: 0 })
  const busyFor = new Set<string>()
  let hear: (text: string) => void = () => {}
  const posted = new Promise<string>((resolve) => {
    hear = resolve
  })
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { url = "/" } = request
    const file = files[url]
    if (file !== undefined) {
      const type = url.endsWith(".js") ? "text/javascript" : "text/html"
      return response.writeHead(200, { "content-type": `${type}; charset=utf-8` }).end(file)
    }
    const body = await textOf(request)
    if (url === "/report") {
      hear(body)
      return response.writeHead(204).end()
    }
    if (url.startsWith("/closed/"))
      return json(response, 401, { error: { message: `no such key: ${request.headers.authorization}` } })
    if (url.startsWith("/busy/") && !busyFor.has(body)) {
      busyFor.add(body)
      return json(response, 429, { error: { message: "too many requests" } }, { "retry-after": "0" })
    }
    if (!url.endsWith("/v1/chat/completions")) return response.writeHead(404).end()
    const said = await fetch(`${models.url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body
    })
    response.writeHead(said.status, { "content-type": said.headers.get("content-type") ?? "text/plain" })
    if (said.body === null) return response.end()
    return Readable.fromWeb(said.body).pipe(response)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the server has no port")
  return {
    url: `http://127.0.0.1:${address.port}`,
    posted,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await models.stop()
    }
  }
}
