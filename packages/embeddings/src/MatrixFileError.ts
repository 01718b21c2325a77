/** Why a file gives no matrix. */
import * as Schema from "effect/Schema"

/** A file holds no vectors, or other ones than were asked for. */
export class MatrixFileError extends Schema.TaggedError<MatrixFileError>()("MatrixFileError", {
  file: Schema.String,
  /** From 1; lines for JSONL and ids, rows of numbers otherwise. */
  row: Schema.optionalKey(Schema.Int),
  /** What is wrong and what to do next. */
  reason: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `${this.file}${this.row === undefined ? "" : `, row ${this.row}`}: ${this.reason}`
  }
}
