/**
 * Azure OpenAI and the models of Azure's Foundry. Documented at learn.microsoft.com/azure/foundry/openai/api-version-lifecycle
 * (`/openai/v1` without a version) and …/azure/ai-services/openai/reference (deployments in the path, `api-version`).
 * Read on 2026-11-29: the source of openai 7.57's `AzureOpenAI` (paths, `api-key`, the variables) and of @ai-sdk/azure
 * 4.0 (both hosts, a project's path). Its answers carry `apim-request-id`; the first chunk may hold only what the filter
 * found in the prompt.
 */
import { define, type Vendor } from "@consortium/providers-openai-compatible/Vendor"

export const azure: Vendor = define({
  id: "azure",
  // Every resource has an address of its own; this one leads nowhere.
  baseUrl: "https://resource.invalid/openai/v1",
  baseUrlVariable: "AZURE_OPENAI_ENDPOINT",
  apiKey: { variable: "AZURE_OPENAI_API_KEY", optional: false },
  keyHeader: "api-key",
  maxTokensField: "max_completion_tokens",
  requestIdHeaders: ["apim-request-id", "x-request-id"]
})

/** The addresses with a version in their query; the deployment stands in the path. */
export const classic: Vendor = {
  ...azure,
  maxTokensField: "max_tokens",
  chatPath: "/deployments/{model}/chat/completions"
}

/** The address of a resource's models of all vendors, which has a version too. */
export const inference: Vendor = { ...classic, chatPath: "/chat/completions" }

/** Names the version of the classic addresses; where it is set, `AzureChat` calls those. */
export const versionVariable = "OPENAI_API_VERSION"

/** What Entra's tokens for these addresses are asked for. */
export const scope = "https://cognitiveservices.azure.com/.default"
