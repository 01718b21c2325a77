/**
 * CPU per chat call, 64 in flight, against a server of fixed bytes in a process of its own: raw undici, fetch, the
 * vendors' SDKs, AI SDK, LangChain, and ours bare, with the default middleware, and over other clients. Each case in
 * its own process, in turn; medians. `node benchmarks/chatCall.ts [calls] [rounds] [cases]`
 */
import { compare } from "./internal/compare.ts"

const labels: Readonly<Record<string, string>> = {
  undici: "raw undici, JSON.parse",
  fetch: "fetch, JSON.parse",
  bare: "consortium, typed",
  stack: "consortium, default middleware",
  effect: "consortium over Effect's undici client",
  layerFetch: "consortium over fetch",
  openai: "openai",
  anthropic: "@anthropic-ai/sdk, its own wire",
  aiSdk: "AI SDK generateText",
  langchain: "LangChain ChatOpenAI"
}
const [calls = "8000", rounds = "3", only = Object.keys(labels).join(",")] = process.argv.slice(2)
await compare({
  labels,
  names: only.split(","),
  base: "undici",
  file: new URL("internal/chatCase.ts", import.meta.url),
  calls,
  rounds: Number(rounds),
  of: 1
})
