/** How a model is named: `vendor[.wire]/model`, split at the first slash. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { closest } from "fastest-levenshtein"

export interface Ref {
  readonly vendor: string
  /** One of the vendor's wires, where it has several. */
  readonly wire: string | undefined
  readonly model: string
}

/** A name that names no model. */
export class UnknownRef extends Schema.TaggedError<UnknownRef>()("UnknownRef", {
  ref: Schema.String,
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `${this.ref}: ${this.detail}`
  }
}

/** Parts a name; `known` are the vendors that it may begin with. */
export const parse = (text: string, known: ReadonlyArray<string>): Result.Result<Ref, UnknownRef> => {
  const slash = text.indexOf("/")
  if (slash <= 0 || slash === text.length - 1) {
    return Result.fail(
      new UnknownRef({ ref: text, detail: "not of the form vendor/model, such as openrouter/openai/gpt-5" })
    )
  }
  const [vendor = "", wire] = text.slice(0, slash).split(/\.(.*)/s)
  if (known.includes(vendor)) return Result.succeed({ vendor, wire, model: text.slice(slash + 1) })
  const near = closest(vendor, [...known])
  return Result.fail(
    new UnknownRef({
      ref: text,
      detail: `no vendor ${vendor}; did you mean ${near}? known: ${[...known].sort().join(", ")}`
    })
  )
}

/** Refuses a wire that the vendor does not speak. */
export const onlyWire = (text: string, ref: Ref, wires: ReadonlyArray<string>): Result.Result<Ref, UnknownRef> =>
  ref.wire === undefined || wires.includes(ref.wire)
    ? Result.succeed(ref)
    : Result.fail(
        new UnknownRef({ ref: text, detail: `${ref.vendor} has no wire ${ref.wire}; it has: ${wires.join(", ")}` })
      )
