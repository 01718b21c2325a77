/** The vendors' official SDKs for embeddings: each is asked once, without retries, at the player, and its rows are brought to float32. */
import { BedrockRuntimeClient, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime"
import { GoogleGenAI } from "@google/genai"
import { InferenceClient } from "@huggingface/inference"
import Perplexity from "@perplexity-ai/perplexity_ai"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import { CohereClient } from "cohere-ai"
import OpenAI from "openai"
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

/** It hands base64 on as it came where it is asked for by name; the bytes are float64 there, which it would read as float32. */
export const openaiDoubles = oracle("openai, its bytes read as float64", async (url, { model, texts }) => {
  const { data, usage } = await openaiAt(url).embeddings.create({ model, input: [...texts], encoding_format: "base64" })
  const rows = data.map(({ embedding }) => {
    const bytes = Buffer.from(String(embedding), "base64")
    return Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8))
  })
  return rowsOf(rows, count(usage.prompt_tokens))
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
  const rows = (data ?? []).map(({ embedding }) => {
    const bytes = Buffer.from(text(embedding), "base64")
    return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))
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
  const answer = await client.send(new InvokeModelCommand({ modelId: model, body, contentType: "application/json" }))
  const said: unknown = JSON.parse(answer.body.transformToString())
  const embeddings = at(said, "embeddings")
  const rows =
    list(at(said, "embedding")).length > 0 ? [at(said, "embedding")] : list(at(embeddings, "float") ?? embeddings)
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
  const found = await client.featureExtraction({ model, inputs, provider: "hf-inference" })
  return rowsOf(typeof found[0] === "number" ? [found.map(Number)] : found.map((row) => list(row).map(Number)))
})
