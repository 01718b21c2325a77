/**
 * What texts are embedded for, by ai.google.dev/gemini-api/docs/embeddings and the source of @ai-sdk/google 4. The models of
 * `gemini-embedding-2` read no such field: there the task belongs into the text.
 */
export type TaskType =
  | "SEMANTIC_SIMILARITY"
  | "CLUSTERING"
  | "CLASSIFICATION"
  | "RETRIEVAL_DOCUMENT"
  | "RETRIEVAL_QUERY"
  | "QUESTION_ANSWERING"
  | "FACT_VERIFICATION"
  | "CODE_RETRIEVAL_QUERY"
