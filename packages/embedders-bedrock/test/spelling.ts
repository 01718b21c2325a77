/** How the families answer: synthetic bodies, made by hand from the documented fields. */
import type { Spelling } from "@consortium/testing/EmbedderContract"

const error: Spelling["error"] = (message) => JSON.stringify({ message })

/** What is read of the three requests. */
interface Sent {
  readonly inputText?: string
  readonly texts?: ReadonlyArray<string>
  readonly singleEmbeddingParams?: { readonly text: { readonly value: string } }
}

const read =
  (textsOf: (body: Sent) => unknown): Spelling["read"] =>
  ({ body, headers, path }) => ({
    model: decodeURIComponent(/model\/([^/]+)\/invoke/.exec(path)?.[1] ?? "").replace(/^.*:/, ""),
    texts: textsOf(JSON.parse(body)),
    key: headers.authorization?.replace("Bearer ", "")
  })

export const titan: Spelling = {
  whole: ([row], inputTextTokenCount) =>
    JSON.stringify({ embedding: row?.vector, embeddingsByType: { float: row?.vector }, inputTextTokenCount }),
  error,
  read: read(({ inputText }) => [inputText]),
  oneByOne: true
}

export const cohere: Spelling = {
  whole: (rows) =>
    JSON.stringify({
      id: "synthetic",
      embeddings: { float: rows.map(({ vector }) => vector) },
      response_type: "embeddings_by_type"
    }),
  error,
  read: read(({ texts }) => texts),
  ordersByIndex: false,
  // In a header, of which the player sends none.
  countsTokens: false
}

export const nova: Spelling = {
  whole: (rows, inputTokenCount) =>
    JSON.stringify({
      embeddings: rows.map(({ vector }) => ({ embeddingType: "TEXT", embedding: vector })),
      inputTokenCount
    }),
  error,
  read: read(({ singleEmbeddingParams }) => [singleEmbeddingParams?.text.value]),
  oneByOne: true
}
