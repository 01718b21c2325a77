/** Members and judges through the AI SDK's own client, which here speaks to simulated models. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { fromLanguageModel } from "@consortium/bridge-ai-sdk/LanguageModel"
import { defineConsortium } from "@consortium/cli/Config"

const ai = createOpenAICompatible({ name: "ai", baseURL: process.env.OLLAMA_BASE_URL ?? "", includeUsage: true })

export default defineConsortium({
  members: [fromLanguageModel(ai("scholar")), fromLanguageModel(ai("sloppy"))],
  judges: [fromLanguageModel(ai("careful"))],
  select: { targetSize: 2 },
  checks: []
})
