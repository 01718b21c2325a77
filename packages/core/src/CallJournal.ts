/** Where answers are kept, by what was asked: a run that starts again pays for nothing that is here. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Halted } from "./Call.js"

/** What was asked, as one canonical text; a journal may keep a digest of it. */
export type CallKey = string & { readonly CallKey: unique symbol }

/** What a call took when it was made; unknown is absent, never 0. */
export const Took = Schema.Struct({
  /** The model that was asked. */
  ref: Schema.String,
  /** What it was asked for, such as `judge`. */
  purpose: Schema.optionalKey(Schema.String),
  /** Milliseconds since the epoch. */
  startedAt: Schema.Finite,
  /** Milliseconds of its attempts, without waits between and before them. */
  millis: Schema.Finite,
  /** How often it was really made. */
  attempts: Schema.Int,
  /** US dollars of all attempts. */
  usd: Schema.optionalKey(Schema.Finite),
  inputTokens: Schema.optionalKey(Schema.Finite),
  outputTokens: Schema.optionalKey(Schema.Finite)
})
export type Took = typeof Took.Type

/** What was answered: JSON, and bytes for what must never become JSON, such as vectors. */
export interface Entry {
  readonly json: string
  readonly bytes?: Uint8Array
  /** A stored answer has a price and a time too. */
  readonly took?: Took
}

/** A journal that fails stops the run (`Halted` with `store`): an answer that can't be kept would be paid for twice. */
export class CallJournal extends Context.Service<
  CallJournal,
  {
    readonly get: (key: CallKey) => Effect.Effect<Option.Option<Entry>, Halted>
    readonly put: (key: CallKey, entry: Entry) => Effect.Effect<void, Halted>
    /** Counts a call that was made and gave no answer: it may be paid for all the same. @default nobody counts */
    readonly lost?: (took: Took) => Effect.Effect<void, Halted>
  }
>()("@consortium/core/CallJournal") {}

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, canonical(field)])
  )
}

/** The key of a request to a model: JSON with sorted fields. `request` is plain data; its `sample` tells equal requests apart. */
export const callKey = (kind: "chat" | "embed", wire: string, ref: string, request: unknown): CallKey =>
  JSON.stringify([kind, wire, ref, canonical(request)]) as CallKey
