/** Why no embedder could be made. */
import * as Schema from "effect/Schema"

const remedies = {
  "missing-package":
    "npm install @huggingface/transformers (where its script cannot download: ONNXRUNTIME_NODE_INSTALL=skip npm install @huggingface/transformers)",
  "other-package": "install @huggingface/transformers 4",
  "no-model": "check the model's name or folder, its onnx/ files for this dtype, and the network"
} as const

/** The library is not there, or the model can't be loaded by it. */
export class TransformersError extends Schema.TaggedError<TransformersError>()("TransformersError", {
  why: Schema.Literals(["missing-package", "other-package", "no-model"]),
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `transformers ${this.why}: ${this.detail}; ${remedies[this.why]}`
  }
}
