/** What an exchange came to, in words that both sides are brought to: ours from a completion, the oracles' from an SDK. */
import type { Finish, Usage } from "@consortium/core/Completion"
import type { ModelError } from "@consortium/core/ModelError"

export interface ToolCall {
  /** Undefined where the vendor gave none: then ours made one up. */
  readonly id: string | undefined
  readonly name: string
  /** Parsed; a text where it is no JSON. */
  readonly arguments: unknown
}

export interface Answered {
  readonly _tag: "Answered"
  readonly text: string
  /** Undefined where the SDK has no place for it, so that nothing can be compared. */
  readonly reasoning: string | undefined
  readonly calls: ReadonlyArray<ToolCall>
  /** Undefined where the SDK has no word for it. */
  readonly finish: Finish | undefined
  readonly usage: Usage
  readonly model: string | undefined
  readonly id: string | undefined
}

export interface Refused {
  readonly _tag: "Refused"
  readonly kind: ModelError["reason"]["_tag"]
}

export type Result = Answered | Refused

export const parsed = (written: string): unknown => {
  try {
    return JSON.parse(written)
  } catch {
    return written
  }
}
