/**
 * Claude on Vertex AI. Documented at docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude.
 * Read on 2026-11-29: the sources of @anthropic-ai/vertex-sdk 0.22 and 1.1 (paths, what stands in the body, betas in the
 * header, the newer version by its own name) and of @ai-sdk/google-vertex 5.0 (the same; no pictures by address, formats
 * only where they are asked for).
 */
import { vertex as google } from "@consortium/providers-google/vendors/vertex"
import { define } from "../Vendor.js"

export const vertex = define({
  id: "vertex.messages",
  baseUrl: `${google.baseUrl}/v1`,
  baseUrlVariable: "ANTHROPIC_VERTEX_BASE_URL",
  apiKey: { variable: "GOOGLE_APPLICATION_CREDENTIALS", optional: true },
  keyHeader: "authorization",
  paths: {
    whole: "/publishers/anthropic/models/{model}:rawPredict",
    stream: "/publishers/anthropic/models/{model}:streamRawPredict"
  },
  inBody: ["version", "stream"],
  version: "vertex-2023-10-16",
  schema: "tool",
  imageUrls: false
})
