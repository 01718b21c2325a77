/** Why a file gives no matrix. */
import * as Schema from "effect/Schema"

/** A file holds no vectors, or other ones than were asked for. */
export class MatrixFileError extends Schema.TaggedError<MatrixFileError>()("MatrixFileError", {
  file: Schema.String,
  /** From 1; lines for JSONL and ids, rows of numbers otherwise. */
  row: Schema.optionalKey(Schema.Int),
  column: Schema.optionalKey(Schema.String),
  /** What is wrong and what to do next. */
  reason: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    const row = this.row === undefined ? "" : `, row ${this.row}`
    const column = this.column === undefined ? "" : `, column ${this.column}`
    return `${this.file}${row}${column}: ${this.reason}`
  }
}
