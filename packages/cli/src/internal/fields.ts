/** What a configuration may hold, for files that no compiler has read: names of fields, and the kind of each. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { closest } from "fastest-levenshtein"
import { Sampling } from "@consortium/core/ChatModel"
import { Seed } from "@consortium/core/Seed"
import { Cosine, TargetSize } from "@consortium/core/Selection"
import type { RunBudget, Stages } from "@consortium/pipeline/RunConfig"
import type { ConsortiumConfig, IntakeSpec, JudgeSpec, MemberSpec } from "../Config.js"

/** What is wrong with a value, each as one line with the path to it. */
type Check = (value: unknown, path: string) => ReadonlyArray<string>

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const anything: Check = () => []

const by = (schema: Schema.Decoder<unknown>): Check => {
  const decode = Schema.decodeUnknownResult(schema, { onExcessProperty: "error" })
  return (value, path) => {
    const read = decode(value)
    return Result.isSuccess(read) ? [] : [`${path}: ${read.failure.message.replaceAll(/\s+/g, " ")}`]
  }
}

const that =
  (expected: string, holds: (value: unknown) => boolean): Check =>
  (value, path) =>
    holds(value) ? [] : [`${path}: Expected ${expected}`]

/** An object with these fields and no others; one that is undefined counts as left out. */
const fields =
  (known: Readonly<Record<string, Check>>): Check =>
  (value, path) =>
    !isRecord(value)
      ? [`${path}: Expected an object`]
      : Object.entries(value).flatMap(([name, field]) => {
          const check = Object.hasOwn(known, name) ? known[name] : undefined
          const at = path === "" ? name : `${path}.${name}`
          if (check === undefined) return [`${at}: no such field; did you mean ${closest(name, Object.keys(known))}?`]
          return field === undefined ? [] : check(field, at)
        })

const list =
  (item: Check): Check =>
  (value, path) =>
    Array.isArray(value) && value.length > 0
      ? value.flatMap((one: unknown, index) => item(one, `${path}[${index}]`))
      : [`${path}: Expected a list of at least one`]

const positive = by(Schema.Int.check(Schema.isGreaterThan(0)))
const amount = by(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)))
const rate = Schema.Finite.check(Schema.isGreaterThan(0))
const text = by(Schema.String)
/** A name, or a value that is taken as it is. */
const named = that(
  "a name or a value",
  (value) => typeof value === "string" || isRecord(value) || typeof value === "function"
)
const judgePrompt = that("a text or a function", (value) => typeof value === "string" || typeof value === "function")

const member = fields({
  model: named,
  id: text,
  samples: positive,
  system: text,
  sampling: by(Sampling),
  family: text
} satisfies Record<keyof MemberSpec, Check>)

const judge = fields({
  model: named,
  id: text,
  prompt: judgePrompt,
  sampling: by(Sampling),
  family: text
} satisfies Record<keyof JudgeSpec, Check>)

/** A model, or how to make one. */
const isModel = (value: unknown): boolean =>
  Effect.isEffect(value) ||
  (isRecord(value) && typeof value.complete === "function" && typeof value.stream === "function")

/** A name, an object that names its model, a model, or, where they may be, an own value. */
const seat =
  (spec: Check, own: boolean): Check =>
  (value, path) => {
    if (typeof value === "string") return []
    if (isRecord(value) && "model" in value) return spec(value, path)
    return isModel(value) || (own && (isRecord(value) || typeof value === "function"))
      ? []
      : [`${path}: Expected a name, a model, or an object with a model`]
  }

const isDuration = (value: unknown): boolean =>
  Duration.isDuration(value) ||
  (typeof value === "number" && value > 0) ||
  (typeof value === "string" && Result.isSuccess(Schema.decodeUnknownResult(Schema.DurationFromString)(value))) ||
  isRecord(value)

const texts = by(Schema.Array(Schema.String))
const characters = by(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))

const intake = fields({
  dedupe: by(Schema.Literals(["exact", "normalised", "near"])),
  alike: by(Schema.Finite.check(Schema.isBetween({ minimum: 0.3, maximum: 1 }))),
  heldOut: texts,
  onLeak: by(Schema.Literals(["drop", "report"])),
  scrub: by(Schema.Boolean),
  country: text,
  language: texts,
  minLength: characters,
  maxLength: characters
} satisfies Record<keyof IntakeSpec, Check>)

const checks: Record<keyof ConsortiumConfig, Check> = {
  members: list(seat(member, false)),
  judges: list(seat(judge, true)),
  select: fields({ targetSize: by(TargetSize), tripwire: by(Cosine) }),
  guard: by(Schema.Union([Cosine, Schema.Literals(["adaptive", "off"])])),
  leakCosine: by(Cosine),
  embedder: named,
  samples: positive,
  system: text,
  judgePrompt,
  seed: by(Seed),
  out: by(Schema.NonEmptyString),
  limit: positive,
  concurrency: positive,
  budget: fields({ usd: amount, tokens: amount, calls: amount } satisfies Record<keyof RunBudget, Check>),
  limits: by(
    Schema.Record(
      Schema.String,
      Schema.Struct({ requestsPerMinute: Schema.optionalKey(rate), tokensPerMinute: Schema.optionalKey(rate) })
    )
  ),
  store: text,
  timeout: that('a duration, such as "2 minutes"', isDuration),
  retry: that("a Schedule", Schedule.isSchedule),
  tooLong: by(Schema.Literals(["refuse", "cut", "mean"])),
  embeddingCache: by(
    Schema.Union([
      Schema.NonEmptyString,
      Schema.Struct({ directory: Schema.NonEmptyString, revision: Schema.optionalKey(Schema.String) })
    ])
  ),
  checks: that("a list of names and rules", (value) => Array.isArray(value)),
  quorum: positive,
  weights: by(Schema.Record(Schema.String, Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)))),
  calibration: text,
  ownAnswers: by(Schema.Literals(["offset", "exclude", "exclude-family"])),
  intake,
  skipInvalid: by(Schema.Boolean),
  stages: fields({
    selector: anything,
    sampler: anything,
    panel: anything,
    aggregator: anything
  } satisfies Record<keyof Stages, Check>),
  prices: that("an object with usd", (value) => isRecord(value) && typeof value.usd === "function")
}

const whole = fields(checks)
const isConfig = (value: unknown): value is ConsortiumConfig => whole(value, "").length === 0

/** A configuration, or what is wrong with it, in one line. */
export const read = (value: unknown): Result.Result<ConsortiumConfig, string> =>
  isConfig(value) ? Result.succeed(value) : Result.fail(whole(value, "").join("; "))
