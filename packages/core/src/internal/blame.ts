/** Whose fault a failed call is: its text's, or the server's. */
import { type CallFailure, Halted } from "../Call.js"
import { EmbeddingError } from "../EmbeddingMatrix.js"

type Failing = CallFailure & { readonly reason?: { readonly _tag: string } | undefined }

const wordOf = (error: Failing): string => error.reason?._tag ?? error._tag

const refusals = new Set(["InvalidRequest", "ContextOverflow", "ContentPolicy"])

/** No text can provoke these: who calls, how often, or what the server is busy with. */
const ofTheCall = new Set([
  "Authentication",
  "Permission",
  "NotFound",
  "QuotaExhausted",
  "RateLimited",
  "Overloaded",
  "LimitExceeded",
  "CircuitOpen"
])

/** Failures in a row, without any answer between them, that are still searched for the text that provokes them. */
const patience = 8
/** The same over the whole list, and for each row that was taken so far. */
const allowance = { failures: 200, perRow: 0.01 } as const
/** Requests that may be found invalid before the first answer; then it is not for the texts. */
const invalid = 64

/** Whether an error names the text as its reason. */
export const isRefusal = (error: Failing): boolean => refusals.has(wordOf(error)) || error instanceof EmbeddingError

export const isTooLong = (error: Failing): boolean =>
  wordOf(error) === "ContextOverflow" || (error instanceof EmbeddingError && error.why === "too-long")

/**
 * Counts, so that a text that makes a server fail is found, and a server that fails for all of them is left alone.
 * Answers say that it lives.
 */
export class Blame {
  #inARow = 0
  #all = 0
  #invalid = 0
  #answered = false

  answered(): void {
    this.#inARow = 0
    this.#answered = true
  }

  get hasAnswered(): boolean {
    return this.#answered
  }

  /** Whether the texts of a failed call are to be asked apart. @param rows that were taken so far */
  isOfTexts(error: Failing, rows: number): boolean {
    if (error instanceof Halted || ofTheCall.has(wordOf(error))) return false
    if (isRefusal(error)) {
      if (wordOf(error) === "InvalidRequest" && !this.#answered) return ++this.#invalid <= invalid
      return true
    }
    this.#all++
    return ++this.#inARow < patience && this.#all <= allowance.failures + rows * allowance.perRow
  }
}
