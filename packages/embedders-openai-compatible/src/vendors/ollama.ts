/**
 * Ollama. Documented at docs.ollama.com/api/openai-compatibility (/v1/embeddings: `model`, `input`,
 * `dimensions`, `encoding_format`). There is no fixed limit; batches are kept small for the memory of one machine.
 */
import { define } from "../Vendor.js"

export const ollama = define({
  id: "ollama",
  baseUrl: "http://127.0.0.1:11434/v1",
  baseUrlVariable: "OLLAMA_BASE_URL",
  apiKey: { variable: "OLLAMA_API_KEY", optional: true },
  maxBatch: 64
})
