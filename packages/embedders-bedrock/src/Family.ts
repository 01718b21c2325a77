/**
 * The families of embedding models on Bedrock: each has fields of its own in the same call. By
 * docs.aws.amazon.com/bedrock/latest/userguide (Titan Embeddings G1, V2 and Multimodal, Cohere Embed v3 and v4),
 * docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html and the source of @ai-sdk/amazon-bedrock 5 (the families
 * by name; 96 texts for Cohere, one for the others).
 */
import type { NonEmpty } from "@consortium/core/NonEmpty"
import type { Answer } from "@consortium/wire/EmbeddingWire"
import type { JsonAnswer } from "@consortium/wire/Endpoint"
import * as response from "./internal/response.js"

export type Name = "titan" | "cohere" | "nova"

/** What texts are embedded for, in Cohere's words. */
export type InputType = "clustering" | "classification" | "search_document" | "search_query"

/** What texts are embedded for, in Nova's words. */
export type Purpose =
  | "CLUSTERING"
  | "CLASSIFICATION"
  | "GENERIC_INDEX"
  | "GENERIC_RETRIEVAL"
  | "TEXT_RETRIEVAL"
  | "IMAGE_RETRIEVAL"
  | "VIDEO_RETRIEVAL"
  | "DOCUMENT_RETRIEVAL"
  | "AUDIO_RETRIEVAL"

/** What may be asked of a family. */
export interface Asked {
  readonly model: string
  readonly dimensions?: number | undefined
  /** What the texts are for, in the family's own word; nothing where it has none. */
  readonly use: string | undefined
}

export interface Family {
  readonly maxBatch: number
  readonly oneByOne: boolean
  /** Sent where nothing else is asked for; prompts that are compared with each other are clustered. */
  readonly use: string | undefined
  readonly body: (texts: NonEmpty<string>, asked: Asked) => object
  readonly read: (json: unknown, answer: JsonAnswer) => Answer | undefined
}

/** A text that is too long is refused rather than cut, so that `embedAll` decides. */
const refuse = "NONE"

/** Titan's model of texts and pictures names the length in a place of its own. */
const ofPictures = (outputEmbeddingLength: number) => ({ embeddingConfig: { outputEmbeddingLength } })

export const families: Readonly<Record<Name, Family>> = {
  titan: {
    maxBatch: 1,
    oneByOne: true,
    use: undefined,
    body: ([inputText], { dimensions, model }) => ({
      inputText,
      ...(dimensions !== undefined && (model.includes("titan-embed-image") ? ofPictures(dimensions) : { dimensions }))
    }),
    read: response.titan
  },
  cohere: {
    maxBatch: 96,
    oneByOne: false,
    use: "clustering",
    body: (texts, { dimensions, model, use }) => ({
      texts,
      input_type: use,
      // The third version's default, with which it was seen to refuse short texts where it is named (llama_index#13376).
      ...(!/embed-\w+-v3/.test(model) && { truncate: refuse }),
      ...(dimensions !== undefined && { output_dimension: dimensions })
    }),
    read: response.cohere
  },
  nova: {
    maxBatch: 1,
    oneByOne: true,
    use: "CLUSTERING",
    body: ([value], { dimensions, use }) => ({
      schemaVersion: "nova-multimodal-embed-v1",
      taskType: "SINGLE_EMBEDDING",
      singleEmbeddingParams: {
        embeddingPurpose: use,
        ...(dimensions !== undefined && { embeddingDimension: dimensions }),
        text: { truncationMode: refuse, value }
      }
    }),
    read: response.nova
  }
}

/** The family of a model by its name, also where an inference profile's region stands before it. */
export const of = (model: string): Name =>
  model.includes("cohere.embed-") ? "cohere" : /amazon\.nova-.*embed/.test(model) ? "nova" : "titan"
