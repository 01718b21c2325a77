/**
 * Azure OpenAI by its `v1` address, where the model is the deployment's name. By learn.microsoft.com/azure/ai-foundry/openai
 * (`https://RESOURCE.openai.azure.com` or `….services.ai.azure.com`, no version, the `api-key` header), recorded exchanges
 * of public repositories (the same path; models of Cohere at it, which answer with numbers) and npm `openai` 7.57.0 (the
 * variables). MicrosoftDocs/azure-docs#124129 states 2048 texts; the tokens over all of them are OpenAI's.
 */
import { define } from "../Vendor.js"

export const azure = define({
  id: "azure",
  baseUrl: "{AZURE_OPENAI_ENDPOINT}/openai/v1",
  baseUrlVariable: "AZURE_OPENAI_BASE_URL",
  apiKey: { variable: "AZURE_OPENAI_API_KEY", optional: false },
  keyHeader: "api-key",
  // The least of the models there: Cohere's take 96 texts.
  maxBatch: 96,
  maxTokens: 300_000,
  requestIdHeaders: ["apim-request-id", "x-request-id"]
})
