import { createServer } from "node:http"
import { once } from "node:events"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Undici from "@effect/platform-node/Undici"
import * as Endpoint from "./dist/Endpoint.js"
import * as HttpClients from "./dist/HttpClients.js"
import { Worker, isMainThread, parentPort } from "node:worker_threads"
const answer = JSON.stringify({ id: "x", model: "m", choices: [{ index: 0, message: { role: "assistant", content: "hello ".repeat(200) }, finish_reason: "stop" }], usage: { prompt_tokens: 1, completion_tokens: 2 } })
const sse = Array.from({length: 200}, (_, i) => `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", model: "m", choices: [{ index: 0, delta: { content: "hello " + i }, finish_reason: null }] })}\n\n`)
if (!isMainThread) {
  const s = createServer((req, res) => { req.resume(); req.on("end", () => {
    if (req.url === "/sse") { res.writeHead(200, { "content-type": "text/event-stream" }); for (let i = 0; i < 200; i += 20) res.write(sse.slice(i, i+20).join("")); res.end("data: [DONE]\n\n"); return }
    res.writeHead(200, { "content-type": "application/json", ...(req.url === "/len" && { "content-length": String(Buffer.byteLength(answer)) }) }); res.write(answer); res.end() }) })
  s.listen(0, "127.0.0.1"); await once(s, "listening"); parentPort!.postMessage((s.address() as any).port)
} else {
  const w = new Worker(new URL(import.meta.url)); const port = await new Promise<number>((r) => w.once("message", r))
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "why ".repeat(200) }] })
  const agent = new Undici.Agent({ keepAliveTimeout: 30000 })
  const raw = (path: string) => async () => { const r = await Undici.request(`http://127.0.0.1:${port}${path}`, { method: "POST", body, headers: { "content-type": "application/json" }, dispatcher: agent }); return path === "/sse" ? r.body.text() : r.body.json() }
  const width = 32
  const pool = async (n: number, f: () => Promise<unknown>) => { let left = n; await Promise.all(Array.from({ length: width }, async () => { while (left-- > 0) await f() })) }
  const measure = async (n: number, name: string, f: () => Promise<unknown>) => { await f(); const best: number[] = []; for (let i = 0; i < 4; i++) { const c = process.threadCpuUsage(); await f(); const d = process.threadCpuUsage(c); best.push((d.user + d.system) / n) } console.log(name, Math.min(...best).toFixed(0), "us CPU/call") }
  for (const path of ["/len", "/chunked", "/sse"]) {
    const n = path === "/sse" ? 800 : 6000
    await measure(n, "raw undici " + path, () => pool(n, raw(path)))
    await Effect.runPromise(Effect.gen(function* () {
      const e = yield* Endpoint.make({ vendor: "v", model: "m", url: `http://127.0.0.1:${port}${path}`, headers: {} })
      const one = path === "/sse" ? Effect.flatMap(e.events(body), (a) => Stream.runDrain(a.events)) : e.json(body)
      yield* Effect.promise(() => measure(n, "Endpoint " + path, () => Effect.runPromise(Effect.forEach(Array.from({ length: n }), () => one as any, { concurrency: width, discard: true }))))
    }).pipe(Effect.provide(HttpClients.layer)))
  }
  process.exit(0)
}
