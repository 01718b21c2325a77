/** Who reads what: for each file and endpoint our client, the SDK that is its oracle, and the wire of its requests. */
import * as Access from "@consortium/aws/Access"
import * as Bedrock from "@consortium/providers-anthropic/Bedrock"
import * as Messages from "@consortium/providers-anthropic/Messages"
import * as Converse from "@consortium/providers-bedrock/Converse"
import * as GenerateContent from "@consortium/providers-google/GenerateContent"
import * as Vertex from "@consortium/providers-google/Vertex"
import * as AzureChat from "@consortium/providers-openai/AzureChat"
import * as AzureResponses from "@consortium/providers-openai/AzureResponses"
import * as BedrockResponses from "@consortium/providers-openai/BedrockResponses"
import * as Chat from "@consortium/providers-openai/Chat"
import * as Responses from "@consortium/providers-openai/Responses"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { define, type Vendor } from "@consortium/providers-openai-compatible/Vendor"
import { vendors } from "@consortium/providers-openai-compatible/Vendors"
import * as Redacted from "effect/Redacted"
import type { Wire } from "./ignored.js"
import { isFields } from "./json.js"
import type { Arithmetic } from "./oracles/chat.js"
import * as sdks from "./oracles/sdks.js"
import type { Make } from "./ours.js"
import type { Recording } from "./recordings.js"

export interface Lane {
  readonly wire: Wire
  /** Our client, at an address without a slash at the end. */
  readonly make: (url: string, model: string) => Make
  /** The first that can read an answer says what it is; the others are for what it refuses to read. */
  readonly oracles: readonly [sdks.Oracle, ...ReadonlyArray<sdks.Oracle>]
  /** Whether the address says something too, such as the model, so that it is compared where it was a good one. */
  readonly address?: true
}

const apiKey = Redacted.make("sk-synthetic")

/** A server of the chat wire that no vendor's file speaks of, as a user would define it. */
const own = (id: string, more: Partial<Vendor> = {}): Vendor =>
  define({
    ...more,
    id,
    baseUrl: "http://127.0.0.1",
    baseUrlVariable: "SYNTHETIC_BASE_URL",
    apiKey: { variable: "SYNTHETIC_API_KEY", optional: true }
  })

const compatible = (
  vendor: Vendor,
  first: (arithmetic: Arithmetic) => sdks.Oracle = sdks.openai,
  arithmetic: Arithmetic = {}
): Lane => ({
  wire: "chat",
  make: (url, model) => ChatCompletions.make({ vendor, model, apiKey, baseUrl: `${url}/v1` }),
  oracles: first === sdks.openai ? [sdks.openai(arithmetic)] : [first(arithmetic), sdks.openai(arithmetic)]
})

const chat: Readonly<Record<string, Lane>> = {
  cerebras: compatible(vendors.cerebras, sdks.cerebras),
  copilot: compatible(own("copilot")),
  crusoe: compatible(vendors.crusoe),
  deepseek: compatible(vendors.deepseek),
  doubleword: compatible(vendors.doubleword),
  gemini: compatible(own("gemini-compatible")),
  groq: compatible(vendors.groq, sdks.groq),
  heroku: compatible(own("heroku")),
  huggingface: compatible(vendors.huggingface),
  llamacpp: compatible(vendors.llamacpp),
  mistral: compatible(vendors.mistral, sdks.mistral),
  mistralrs: compatible(vendors.mistralrs),
  moonshot: compatible(vendors.moonshot),
  ollama: compatible(vendors.ollama),
  openai: {
    wire: "chat",
    make: (url, model) => Chat.make({ model, apiKey, baseUrl: `${url}/v1` }),
    oracles: [sdks.openaiHelper, sdks.openai({})]
  },
  openrouter: compatible(vendors.openrouter, sdks.openai, { price: { path: ["cost"], perDollar: 1 } }),
  perplexity: compatible(vendors.perplexity, sdks.openai, {
    reasoningBeside: true,
    price: { path: ["cost", "total_cost"], perDollar: 1 }
  }),
  qwen: compatible(vendors.qwen),
  snowflake: compatible(vendors.snowflake),
  together: compatible(vendors.together, sdks.together),
  venice: compatible(vendors.venice),
  vllm: compatible(vendors.vllm),
  xai: compatible(vendors.xai, sdks.openai, {
    reasoningBeside: true,
    price: { path: ["cost_in_usd_ticks"], perDollar: 1e10 }
  }),
  zai: compatible(vendors.zai)
}

const responses: Lane = {
  wire: "responses",
  make: (url, model) => Responses.make({ model, apiKey, baseUrl: `${url}/v1` }),
  oracles: [sdks.openaiResponses, sdks.openaiEvents]
}

const messages: Lane = {
  wire: "messages",
  make: (url, model) => Messages.make({ model, apiKey, baseUrl: url }),
  oracles: [sdks.anthropic]
}

const google: Readonly<Record<string, Lane>> = {
  gemini: {
    wire: "generateContent",
    make: (url, model) => GenerateContent.make({ model, apiKey, baseUrl: url }),
    oracles: [sdks.gemini]
  },
  vertex: {
    wire: "generateContent",
    make: (url, model) => Vertex.make({ model, apiKey, baseUrl: url }),
    oracles: [sdks.vertex]
  }
}

/** Each of Azure's addresses that was recorded, by our client for it. */
const azureChat = (url: string): Lane => {
  const apiVersion = /[?&]api-version=([^&]+)/.exec(url)?.[1]
  const models = url.includes("/models/") ? "/models" : ""
  return {
    wire: "chat",
    make: (at, model) =>
      AzureChat.make({ model, apiKey, endpoint: at + models, ...(apiVersion !== undefined && { apiVersion }) }),
    oracles: [sdks.openai({})],
    address: true
  }
}

const azureResponses: Lane = {
  ...responses,
  address: true,
  make: (url, model) => AzureResponses.make({ model, apiKey, endpoint: url })
}

const bedrock = (url: string) => ({ region: "us-east-1", access: Access.token(apiKey), baseUrl: url })

const mantle = (url: string): Lane => ({
  ...responses,
  make: (at, model) =>
    BedrockResponses.make({ model, ...bedrock(at + (url.includes("/openai/v1/") ? "/openai/v1" : "/v1")) }),
  address: true
})

const converse: Lane = {
  wire: "converse",
  make: (url, model) => Converse.make({ model, ...bedrock(url) }),
  oracles: [sdks.converse],
  address: true
}

const bedrockMessages: Lane = {
  wire: "messages",
  make: (url, model) => Bedrock.make({ model, ...bedrock(url) }),
  oracles: [sdks.anthropicBedrock],
  address: true
}

/** Bodies of InvokeModel are the models' own; Claude's say which version they are of. */
const isClaude = (body: unknown): boolean => isFields(body) && "anthropic_version" in body && "messages" in body

/** Wires that these clients don't speak, by file. */
const otherWires: Readonly<Record<string, string>> = {
  cohere: "Cohere's own wire",
  voyage: "Voyage's own wire"
}

/** The lane of an exchange, or why it has none. */
export const laneOf = (file: string, { endpoint, request }: Recording): Lane | string => {
  const other = otherWires[file]
  if (other !== undefined) return `another wire: ${other}`
  switch (endpoint) {
    case "converse":
      return converse
    case "invoke":
      return isClaude(request?.body) ? bedrockMessages : "another wire: models' own bodies of InvokeModel"
    case "chat":
      if (file === "azure") return azureChat(request?.url ?? "")
      if (request?.url.includes("/api/chat") === true) return "another wire: Ollama's own"
      return chat[file] ?? "no client"
    case "responses":
      if (request?.method === "GET") return "no chat endpoint: responses by GET"
      if (file === "bedrock-mantle") return mantle(request?.url ?? "")
      return file === "azure" ? azureResponses : responses
    case "messages":
      return messages
    case "generateContent":
      return google[file] ?? "no client"
    default:
      return `no chat endpoint: ${endpoint}`
  }
}

/** Wrong on both sides, to show that it is noticed: its oracle reads something else, and its client drops a field. */
export const lossy: Lane = {
  ...compatible(own("lossy", { drops: ["temperature"] })),
  oracles: [
    {
      name: "none",
      ask: async () => ({
        _tag: "Answered",
        text: "No.",
        reasoning: "It is dry.",
        calls: [{ id: "call_1", name: "weather", arguments: {} }],
        finish: { kind: "tool-calls", raw: "tool_calls" },
        usage: { inputTokens: 4 },
        model: "m-2",
        id: undefined
      })
    }
  ]
}
