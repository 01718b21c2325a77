/**
 * Weights & Biases' inference. Read on 2026-11-29: docs.wandb.ai/inference/api-reference (the address), docs.litellm.ai
 * providers/wandb_inference (the variable; `json_object`), models.dev wandb of 2026-07-02 (both; the template's switch;
 * `reasoning` comes back). A team's project is a header, `OpenAI-Project`, of the model's own.
 */
import { define } from "../Vendor.js"

export const wandb = define({
  id: "wandb",
  baseUrl: "https://api.inference.wandb.ai/v1",
  baseUrlVariable: "WANDB_INFERENCE_BASE_URL",
  apiKey: { variable: "WANDB_API_KEY", optional: false },
  thinkingSwitch: "chat_template_kwargs",
  effortStyle: "none",
  responseFormat: "json_object"
})
