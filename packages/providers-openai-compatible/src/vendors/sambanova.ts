/**
 * SambaNova. Read on 2026-11-24: docs.sambanova.ai/docs/en/features/openai-compatibility, LiteLLM's sambanova chat
 * configuration (the fields that it takes: no penalties) and docs.pipecat.ai services/llm/sambanova (address,
 * variable).
 */
import { define } from "../Vendor.js"

export const sambanova = define({
  id: "sambanova",
  baseUrl: "https://api.sambanova.ai/v1",
  baseUrlVariable: "SAMBANOVA_BASE_URL",
  apiKey: { variable: "SAMBANOVA_API_KEY", optional: false },
  drops: ["topK", "presencePenalty", "frequencyPenalty"]
})
