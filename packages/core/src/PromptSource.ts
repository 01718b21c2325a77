/** Where prompts come from. */
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Prompt } from "./Prompt.js"

/** An input that can't be read, or a row of it that is no prompt. */
export class SourceError extends Schema.TaggedError<SourceError>()("SourceError", {
  /** The file, or `stdin`. */
  file: Schema.String,
  /** From 1; absent where the whole file is at fault. */
  line: Schema.optionalKey(Schema.Int),
  field: Schema.optionalKey(Schema.String),
  reason: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    const place = this.line === undefined ? this.file : `${this.file}:${this.line}`
    return `${place}: ${this.field === undefined ? "" : `${this.field}: `}${this.reason}`
  }
}

/** A prompt that was left out on purpose. */
export interface Dropped {
  readonly _tag: "Dropped"
  readonly number: number
  readonly prompt: Prompt
  readonly why: "duplicate" | "leak" | "length" | "language"
  /** What it repeats: the id of an earlier prompt, or where a held-out text stands. */
  readonly of?: string
  /** How alike, how long, which language. */
  readonly detail: string
}

/** A row of the input, numbered: a prompt, or why it is none. Numbers are positions for messages; joins are by id. */
export type SourceRow =
  | {
      readonly _tag: "Prompt"
      readonly number: number
      readonly prompt: Prompt
      /** What was done to it or is known of it, for the ledger; never a value that was taken out. */
      readonly note?: string
    }
  | { readonly _tag: "Invalid"; readonly number: number; readonly error: SourceError }
  | Dropped

/** Stage 0: a stream, so that an input larger than memory works. It fails only when the input itself can't be read. */
export class PromptSource extends Context.Service<
  PromptSource,
  {
    /** The file's path or another name for messages. */
    readonly name: string
    readonly stream: Stream.Stream<SourceRow, SourceError>
    /**
     * What is known of the input without reading it, such as its size and time: where that is the same, the input is
     * taken to be. `undefined` where it has to be read. @default it has to be
     */
    readonly stamp?: Effect.Effect<string | undefined>
  }
>()("@consortium/core/PromptSource") {}
