/**
 * StepFun, international; China is api.stepfun.com by the base URL. Read on 2026-11-29: NeuroLink's provider guide and the
 * README of StepFun's n8n nodes (the address), models.dev stepfun of 2026-07-02 (the variable; `reasoning_effort` low, medium
 * and high; `reasoning` comes back). No source says that all models take schemas, so they go in words.
 */
import { define } from "../Vendor.js"

export const stepfun = define({
  id: "stepfun",
  baseUrl: "https://api.stepfun.ai/v1",
  baseUrlVariable: "STEPFUN_BASE_URL",
  apiKey: { variable: "STEPFUN_API_KEY", optional: false },
  efforts: { minimal: "low", low: "low", medium: "medium", high: "high", max: "high" },
  responseFormat: "json_object"
})
