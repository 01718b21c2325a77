/** Simulated members as a vendor of the chat-completions wire; their server stands in this process unless the variable names another. */
import { define } from "@consortium/providers-openai-compatible/Vendor"

export const simulatedVendor = define({
  id: "simulated",
  baseUrl: "http://127.0.0.1",
  baseUrlVariable: "SIMULATED_BASE_URL",
  apiKey: { variable: "SIMULATED_API_KEY", optional: true }
})
