/**
 * Qwen on Model Studio. By the vendor's reference of its compatible mode and the source of @ai-sdk/alibaba: 10 texts a
 * call, `dimensions` from 64 to 2048. A workspace has its own host, which the variable names.
 */
import { define } from "../Vendor.js"

export const qwen = define({
  id: "qwen",
  baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
  baseUrlVariable: "DASHSCOPE_BASE_URL",
  apiKey: { variable: "DASHSCOPE_API_KEY", optional: false },
  maxBatch: 10
})
