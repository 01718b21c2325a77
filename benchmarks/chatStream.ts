/**
 * CPU per server-sent chunk of a streamed chat answer, 64 streams in flight, against a server of fixed bytes in a
 * process of its own: undici with eventsource-parser and JSON.parse, ours, openai, AI SDK. Each case in its own
 * process, in turn; medians. `node benchmarks/chatStream.ts [streams] [rounds] [cases]`
 */
import { compare } from "./internal/compare.ts"

const labels: Readonly<Record<string, string>> = {
  undici: "undici, eventsource-parser, JSON.parse",
  ours: "consortium, typed parts and completion",
  openai: "openai",
  aiSdk: "AI SDK streamText"
}
const [streams = "600", rounds = "3", only = Object.keys(labels).join(",")] = process.argv.slice(2)
await compare({
  labels,
  names: only.split(","),
  base: "undici",
  file: new URL("internal/chatStreamCase.ts", import.meta.url),
  calls: streams,
  rounds: Number(rounds),
  of: 202
})
