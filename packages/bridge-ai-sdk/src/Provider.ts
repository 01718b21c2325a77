/** Models and embedders of ours under names of your choice, as one AI SDK provider. */
import { type EmbeddingModelV4, type LanguageModelV4, NoSuchModelError, type ProviderV4 } from "@ai-sdk/provider"
import type { ChatModel } from "@consortium/core/ChatModel"
import type { Embedder } from "@consortium/core/Embedder"
import { embeddingModel } from "./EmbeddingModel.js"
import { languageModel, type Options as ModelOptions } from "./LanguageModel.js"

export interface Options extends Omit<ModelOptions, "modelId"> {
  /** Chat models, also whole consortia, by the names that programs ask for. */
  readonly languageModels: Readonly<Record<string, ChatModel>>
  /** @default none */
  readonly embeddingModels?: Readonly<Record<string, Embedder>>
}

/** A provider that is called as the AI SDK's own are: `provider("name")`. */
export interface ConsortiumProvider extends ProviderV4 {
  (modelId: string): LanguageModelV4
}

/** What programs know already: `generateText({ model: consortium("best") })`, or one provider of a registry. */
export const createConsortium = ({ embeddingModels = {}, languageModels, ...options }: Options): ConsortiumProvider => {
  const missing = (modelId: string, modelType: "languageModel" | "embeddingModel" | "imageModel"): NoSuchModelError =>
    new NoSuchModelError({
      modelId,
      modelType,
      message: `No such ${modelType}: ${modelId}; there are: ${Object.keys(modelType === "languageModel" ? languageModels : modelType === "embeddingModel" ? embeddingModels : {}).join(", ") || "none"}`
    })
  const language = (modelId: string): LanguageModelV4 => {
    const model = Object.hasOwn(languageModels, modelId) ? languageModels[modelId] : undefined
    if (model === undefined) throw missing(modelId, "languageModel")
    return languageModel(model, { ...options, modelId })
  }
  const embedding = (modelId: string): EmbeddingModelV4 => {
    const embedder = Object.hasOwn(embeddingModels, modelId) ? embeddingModels[modelId] : undefined
    if (embedder === undefined) throw missing(modelId, "embeddingModel")
    return embeddingModel(embedder, { ...options, modelId })
  }
  return Object.assign((modelId: string) => language(modelId), {
    specificationVersion: "v4" as const,
    languageModel: language,
    embeddingModel: embedding,
    imageModel: (modelId: string) => {
      throw missing(modelId, "imageModel")
    }
  })
}
