/** Why a file could not become a model. */
import * as Schema from "effect/Schema"

const remedies = {
  "missing-package": "npm install node-llama-cpp@3",
  "other-package": "install node-llama-cpp 3",
  "no-binary": "install the package of this platform beside it, such as @node-llama-cpp/linux-x64",
  "no-model": "check the path, and that the file is a whole GGUF that fits into memory",
  "no-context": "lower contextTokens or parallel"
} as const

/** The engine is not there, or can't load the file. */
export class LlamaCppError extends Schema.TaggedError<LlamaCppError>()("LlamaCppError", {
  why: Schema.Literals(["missing-package", "other-package", "no-binary", "no-model", "no-context"]),
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `node-llama-cpp ${this.why}: ${this.detail}; ${remedies[this.why]}`
  }
}
