/** The vendors' official SDKs for embeddings: each is asked once, without retries, at the player, and its rows are brought to float32. */
import { BedrockRuntimeClient, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime"
import { GoogleGenAI } from "@google/genai"
import { InferenceClient } from "@huggingface/inference"
import Perplexity from "@perplexity-ai/perplexity_ai"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import { CohereClient } from "cohere-ai"
import { Ollama } from "ollama"
import OpenAI from "openai"
import Together from "together-ai"
import { VoyageAIClient } from "voyageai"
// By its file: its exports name TypeScript for the condition by which our own packages are found as sources.
import { Mistral } from "../../node_modules/@mistralai/mistralai/esm/index.js"
import { at, count, list, text } from "../json.js"
import * as failure from "../oracles/failure.js"
import type { Asked } from "./asked.js"
import { type Result, rowsOf } from "./rows.js"

export interface Oracle {
  /** The package that answers. */
  readonly name: string
  readonly ask: (url: string, asked: Asked) => Promise<Result>
}

const key = "sk-synthetic"

/** An error of the vendor is a result too. */
const oracle = (name: string, ask: Oracle["ask"]): Oracle => ({
  name,
  ask: (url, asked) => ask(url, asked).catch((thrown) => failure.ofThrown(thrown))
})

const numbers = (row: unknown): ReadonlyArray<number> => {
  if (!Array.isArray(row)) throw new failure.Unreadable("a row that is no list")
  return row
}

const openaiAt = (url: string) => new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 })
const inOrder = <A extends { readonly index?: number | undefined }>(data: ReadonlyArray<A>) =>
  data.map((one, place) => ({ one, place: one.index ?? place })).sort((a, b) => a.place - b.place)

/** It asks for base64 by itself, and decodes it. */
export const openai = oracle("openai", async (url, { model, texts }) => {
  const { data, usage } = await openaiAt(url).embeddings.create({ model, input: [...texts] })
  return rowsOf(
    inOrder(data).map(({ one }) => one.embedding),
    count(at(usage, "prompt_tokens"))
  )
})

const doubles = (bytes: Buffer) => Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8))
const floats = (bytes: Buffer) => Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))

/**
 * It hands rows on as they came where an encoding is asked for by name. Bytes of which every second float32 is 0 are
 * float64, which it would read as float32.
 */
export const openaiBytes = oracle("openai, its bytes read as float64", async (url, { model, texts }) => {
  const { data, usage } = await openaiAt(url).embeddings.create({ model, input: [...texts], encoding_format: "base64" })
  const rows = inOrder(data).map(({ one }) => {
    const said: unknown = one.embedding
    if (typeof said !== "string") return numbers(said)
    const bytes = Buffer.from(said, "base64")
    return floats(bytes).every((x, i) => i % 2 === 1 || x === 0) ? doubles(bytes) : floats(bytes)
  })
  return rowsOf(rows, count(at(usage, "prompt_tokens")))
})

/** An error of which the status stands in a place of its own. */
const refusal = (thrown: unknown, ...place: ReadonlyArray<string>) => {
  const status = thrown instanceof Error ? count(at({ ...thrown }, ...place)) : undefined
  if (!(thrown instanceof Error) || status === undefined || status < 400) throw thrown
  return failure.ofBody(status, { message: thrown.message })
}

export const together = oracle("together-ai", async (url, { model, texts }) => {
  const client = new Together({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 })
  const { data } = await client.embeddings.create({ model, input: [...texts] })
  return rowsOf(inOrder(data).map(({ one }) => numbers(one.embedding)))
})

export const ollama = oracle("ollama", async (url, { model, texts }) => {
  const found = await new Ollama({ host: url })
    .embed({ model, input: [...texts] })
    .catch((thrown: unknown) => refusal(thrown, "status_code"))
  return "_tag" in found ? found : rowsOf(found.embeddings.map(numbers), found.prompt_eval_count)
})

export const mistral = oracle("@mistralai/mistralai", async (url, { model, texts }) => {
  const client = new Mistral({ apiKey: key, serverURL: url, retryConfig: { strategy: "none" } })
  const { data, usage } = await client.embeddings.create({ model, inputs: [...texts] })
  return rowsOf(
    inOrder(data).map(({ one }) => numbers(at(one, "embedding"))),
    usage.promptTokens
  )
})

export const cohere = oracle("cohere-ai", async (url, { model, texts }) => {
  const client = new CohereClient({ token: key, environment: url })
  const asked = { model, texts: [...texts], inputType: "clustering" as const, embeddingTypes: ["float" as const] }
  const { embeddings, meta } = await client.v2.embed(asked, { maxRetries: 0 })
  return rowsOf(embeddings.float ?? [], meta?.billedUnits?.inputTokens)
})

/** It hands base64 on as it came; the suite decodes it as the vendor's Python client does. */
export const voyage = oracle("voyageai, its base64 decoded", async (url, { model, texts }) => {
  const client = new VoyageAIClient({ apiKey: key, environment: `${url}/v1` })
  const { data, usage } = await client.embed({ model, input: [...texts], encodingFormat: "base64" }, { maxRetries: 0 })
  const rows = (data ?? []).map((one) => {
    const embedding: unknown = one.embedding
    if (typeof embedding !== "string") return numbers(embedding)
    return floats(Buffer.from(embedding, "base64"))
  })
  return rowsOf(rows, usage?.totalTokens)
})

const google = (vertexai: boolean): Oracle =>
  oracle("@google/genai", async (url, { model, texts }) => {
    const { models } = new GoogleGenAI({ apiKey: key, vertexai, httpOptions: { baseUrl: url } })
    const { embeddings } = await models.embedContent({ model, contents: [...texts] })
    if (embeddings === undefined) throw new failure.Unreadable("no embeddings")
    const counts = embeddings.map(({ statistics }) => statistics?.tokenCount)
    const known = counts.filter((it) => it !== undefined)
    return rowsOf(
      embeddings.map(({ values }) => numbers(values)),
      known.length === counts.length ? known.reduce((a, b) => a + b, 0) : undefined
    )
  })
export const gemini = google(false)
export const vertex = google(true)

/** It hands the body on as it came; the suite takes the rows out of it, by family. */
export const bedrock = oracle("@aws-sdk/client-bedrock-runtime, its body parsed", async (url, { model, texts }) => {
  const client = new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: url,
    maxAttempts: 1,
    // The player speaks HTTP/1.1; over the address of a plain server the client would ask for HTTP/2.
    requestHandler: new NodeHttpHandler(),
    credentials: { accessKeyId: "AKIASYNTHETIC", secretAccessKey: key }
  })
  const body = JSON.stringify({ texts })
  const command = new InvokeModelCommand({ modelId: model, body, contentType: "application/json" })
  const answer = await client.send(command).catch((thrown: unknown) => refusal(thrown, "$metadata", "httpStatusCode"))
  if ("_tag" in answer) return answer
  const said: unknown = JSON.parse(answer.body.transformToString())
  const embeddings = at(said, "embeddings")
  const one = at(said, "embedding")
  const found = Array.isArray(one) ? [one] : list(at(embeddings, "float") ?? embeddings)
  const rows = found.map((row) => at(row, "embedding") ?? row)
  return rowsOf(rows.map(numbers), count(at(said, "inputTextTokenCount")))
})

/** It hands base64 on as it came; the suite decodes it as the vendor's documentation does. */
export const perplexity = oracle("@perplexity-ai/perplexity_ai, its base64 decoded", async (url, { texts }) => {
  const client = new Perplexity({ apiKey: key, baseURL: url, maxRetries: 0 })
  const { data, usage } = await client.embeddings.create({ model: "pplx-embed-v1-0.6b", input: [...texts] })
  const rows = inOrder(data ?? []).map(({ one }) => new Int8Array(Buffer.from(text(at(one, "embedding")), "base64")))
  return rowsOf(rows, count(usage?.prompt_tokens))
})

/** What the hub would say of a model, which the client asks before it calls. */
const live = (model: string) =>
  Response.json({
    pipeline_tag: "feature-extraction",
    inferenceProviderMapping: { "hf-inference": { status: "live", providerId: model, task: "feature-extraction" } }
  })

export const huggingface = oracle("@huggingface/inference", async (url, { model, texts }) => {
  const client = new InferenceClient("hf_synthetic", {
    // The hosts of its providers are its own; only the way to them changes.
    fetch: (input, init) => {
      const { host, pathname } = new URL(String(input instanceof Request ? input.url : input))
      return host === "huggingface.co" ? Promise.resolve(live(model)) : fetch(`${url}${pathname}`, init)
    }
  })
  const inputs = texts.length === 1 ? texts[0] : [...texts]
  const found = await client
    .featureExtraction({ model, inputs, provider: "hf-inference" })
    .catch((thrown: unknown) => refusal(thrown, "httpResponse", "status"))
  if ("_tag" in found) return found
  const rows: ReadonlyArray<unknown> = typeof found[0] === "number" ? [found] : found
  if (rows.some((row) => typeof list(row)[0] !== "number")) throw new failure.Unreadable("a vector of each token")
  return rowsOf(rows.map(numbers))
})
