/** How the verbs of Gemini and Vertex AI answer: synthetic bodies, made by hand from the documented fields. */
import type { Spelling } from "@consortium/testing/EmbedderContract"
import * as Predicate from "effect/Predicate"

const error: Spelling["error"] = (message, code) =>
  JSON.stringify({
    error: {
      code: 0,
      message,
      status: "SYNTHETIC",
      ...(code !== undefined && { details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: code }] })
    }
  })

const modelIn = (path: string) => /models\/([^:]+):/.exec(path)?.[1]
const keyIn = (headers: Readonly<Record<string, string>>) =>
  headers["x-goog-api-key"] ?? headers.authorization?.replace("Bearer ", "")
const textOf = (content: { readonly parts: ReadonlyArray<{ readonly text: string }> }) => content.parts[0]?.text

export const gemini: Spelling = {
  whole: (rows, promptTokenCount) =>
    JSON.stringify({ embeddings: rows.map(({ vector }) => ({ values: vector })), usageMetadata: { promptTokenCount } }),
  error,
  read: ({ body, headers, path }) => {
    const { requests } = JSON.parse(body)
    const inBody = new Set(requests.map((one: { model: string }) => one.model))
    return {
      model: inBody.size === 1 && inBody.has(`models/${modelIn(path)}`) ? modelIn(path) : [...inBody],
      texts: requests.map((one: { content: Parameters<typeof textOf>[0] }) => textOf(one.content)),
      key: keyIn(headers)
    }
  },
  ordersByIndex: false
}

export const predict: Spelling = {
  whole: (rows, tokens) =>
    JSON.stringify({
      predictions: rows.map(({ vector }, place) => ({
        embeddings: {
          values: vector,
          statistics: { truncated: false, token_count: place === 0 ? tokens - (rows.length - 1) : 1 }
        }
      }))
    }),
  error,
  read: ({ body, headers, path }) => ({
    model: modelIn(path),
    texts: JSON.parse(body).instances.map((one: { content: string }) => one.content),
    key: keyIn(headers)
  }),
  ordersByIndex: false
}

export const embedContent: Spelling = {
  whole: (rows, promptTokenCount) =>
    JSON.stringify({ embedding: { values: rows[0]?.vector }, usageMetadata: { promptTokenCount } }),
  error,
  read: ({ body, headers, path }) => {
    const { content } = JSON.parse(body)
    const model = modelIn(path)
    return {
      ...(Predicate.isString(model) && { model: model.replace("gemini-", "") }),
      texts: [textOf(content)],
      key: keyIn(headers)
    }
  },
  oneByOne: true
}
