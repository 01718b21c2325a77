/**
 * Qwen on Alibaba's Model Studio, Singapore; other regions and workspaces by the base URL. Read on 2026-11-24:
 * alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope (the addresses),
 * …/model-studio/deep-thinking (`enable_thinking`), the source of @ai-sdk/alibaba 2 (`reasoning_content` goes back;
 * no frequency penalty; schemas for some models only), promptfoo.dev/docs/providers/alibaba (the variable).
 */
import { define } from "../Vendor.js"

export const qwen = define({
  id: "qwen",
  baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
  baseUrlVariable: "DASHSCOPE_BASE_URL",
  apiKey: { variable: "DASHSCOPE_API_KEY", optional: false },
  drops: ["frequencyPenalty"],
  thinkingSwitch: "enable_thinking",
  effortStyle: "none",
  reasoningReplay: "reasoning_content",
  responseFormat: "json_object"
})
