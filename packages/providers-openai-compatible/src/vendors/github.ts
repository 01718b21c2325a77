/**
 * GitHub Models, with a token that may read models. Read on 2026-11-29: docs.github.com/en/github-models/quickstart (the
 * address), github.com/github/models-ai-sdk (the variable), models.dev github-models of 2026-07-02 (both; no efforts). No
 * source says that all models take schemas, so they go in words.
 */
import { define } from "../Vendor.js"

export const github = define({
  id: "github",
  baseUrl: "https://models.github.ai/inference",
  baseUrlVariable: "GITHUB_MODELS_BASE_URL",
  apiKey: { variable: "GITHUB_TOKEN", optional: false },
  effortStyle: "none",
  responseFormat: "json_object"
})
