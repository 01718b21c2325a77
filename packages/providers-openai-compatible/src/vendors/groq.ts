/**
 * Groq. Documented at console.groq.com/docs/openai (what is refused with 400), console.groq.com/docs/api-reference
 * (`max_completion_tokens`; penalties no model supports), console.groq.com/docs/reasoning (`reasoning_effort`,
 * `message.reasoning`), console.groq.com/docs/structured-outputs (strict mode is for few models).
 */
import { define } from "../Vendor.js"

export const groq = define({
  id: "groq",
  baseUrl: "https://api.groq.com/openai/v1",
  baseUrlVariable: "GROQ_BASE_URL",
  apiKey: { variable: "GROQ_API_KEY", optional: false },
  maxTokensField: "max_completion_tokens",
  drops: ["topK", "presencePenalty", "frequencyPenalty"],
  efforts: { none: "none", minimal: "low", low: "low", medium: "medium", high: "high", max: "high" },
  reasoningReplay: "reasoning"
})
