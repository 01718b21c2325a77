/**
 * OpenRouter. Documented at openrouter.ai/docs/api-reference/overview (parameters, `usage.cost`),
 * openrouter.ai/docs/guides/best-practices/reasoning-tokens (`reasoning.effort`, `reasoning_details` kept in tool
 * loops), openrouter.ai/docs/client-sdks/typescript/models/reasoningeffort (the seven words), openrouter.ai/docs/prompt-caching
 * (`cache_control`, read on 2026-11-24).
 */
import { define } from "../Vendor.js"

export const openrouter = define({
  id: "openrouter",
  baseUrl: "https://openrouter.ai/api/v1",
  baseUrlVariable: "OPENROUTER_BASE_URL",
  apiKey: { variable: "OPENROUTER_API_KEY", optional: false },
  drops: [],
  effortStyle: "object",
  efforts: { none: "none", minimal: "minimal", low: "low", medium: "medium", high: "high", max: "max" },
  reasoningReplay: "reasoning_details",
  cacheMarks: true,
  strictSchema: true,
  cost: { path: ["cost"], perDollar: 1 },
  requestIdHeaders: ["x-generation-id", "x-request-id"]
})
