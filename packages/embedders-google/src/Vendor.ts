/**
 * How much one call takes, beside what Google's chat models say of the same addresses. By ai.google.dev/api/embeddings and
 * the source of @ai-sdk/google 4 (100 texts), and by
 * cloud.google.com/vertex-ai/generative-ai/docs/embeddings/get-text-embeddings (250 texts and 20 000 tokens over all of
 * them; one text for `gemini-embedding-001`).
 */
import { vendors } from "@consortium/providers-google/Vendors"

export const google = { ...vendors.google, maxBatch: 100 }

export const vertex = { ...vendors.vertex, maxBatch: 250, maxTokens: 20_000, oneByOne: ["gemini-embedding-001"] }
