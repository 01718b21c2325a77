/**
 * Jina. By the vendor's OpenAPI document (api.jina.ai/openapi.json) and the sources of @chroma-core/jina and of
 * llama-index-embeddings-jinaai: `task`, `dimensions`. The last sends up to 2048 texts; fewer are sent here, since a task's
 * answer comes as JSON numbers. Which bytes its base64 holds is not documented, so it is not asked for.
 */
import { define } from "../Vendor.js"

export const jina = define({
  id: "jina",
  baseUrl: "https://api.jina.ai/v1",
  baseUrlVariable: "JINA_BASE_URL",
  apiKey: { variable: "JINA_API_KEY", optional: false },
  maxBatch: 512,
  inputTypes: {
    field: "task",
    types: [
      "text-matching",
      "retrieval.query",
      "retrieval.passage",
      "classification",
      "separation",
      "code.query",
      "code.passage"
    ]
  }
})
