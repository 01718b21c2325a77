/**
 * llama.cpp's server, started with `--embeddings` and a pooling other than none. All texts of a call have to fit into its
 * batch (`-b`), else it answers 500, so few are sent; rows have the model's length.
 */
import { define } from "../Vendor.js"

export const llamacpp = define({
  id: "llamacpp",
  baseUrl: "http://127.0.0.1:8080/v1",
  baseUrlVariable: "LLAMACPP_BASE_URL",
  apiKey: { variable: "LLAMACPP_API_KEY", optional: true },
  maxBatch: 16,
  dimensionsField: "none"
})
