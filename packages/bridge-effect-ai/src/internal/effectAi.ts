/** The one door to `effect/ai`, which is unstable as a whole: what changes there is mended behind it. */
export * as AiError from "effect/ai/AiError"
export * as Embeddings from "effect/ai/EmbeddingModel"
export * as Languages from "effect/ai/LanguageModel"
export * as Models from "effect/ai/Model"
export * as Prompts from "effect/ai/Prompt"
export type * as Responses from "effect/ai/Response"
export * as Tools from "effect/ai/Tool"
export type * as Toolkits from "effect/ai/Toolkit"
