/** What a run is told, from flags, file and defaults: flags win over the file, the file over the defaults. */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import { Seed } from "@consortium/core/Seed"
import { StopRule } from "@consortium/core/Selection"
import { parseBudget } from "./internal/budget.js"
import type { CheckRule } from "@consortium/sampling/CheckRule"
import type { ConsortiumConfig, IntakeSpec } from "./Config.js"
import type { RunFlags, SharedFlags } from "./internal/flags.js"
import { guardOf } from "./internal/guard.js"
import { intakeOf } from "./internal/intakeSpec.js"

/** What was said can't be run; the message says what to say instead. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", { detail: Schema.String }) {
  readonly isRetryable = false
  override get message(): string {
    return this.detail
  }
}

type Member = string | NonNullable<ConsortiumConfig["members"]>[number]
type Judge = string | NonNullable<ConsortiumConfig["judges"]>[number]

/** Everything decided, names not yet resolved. */
export interface Settings
  extends Omit<
    ConsortiumConfig,
    "checks" | "members" | "judges" | "select" | "seed" | "embedder" | "limit" | "intake"
  > {
  readonly prompts: string
  readonly out: string
  readonly stop: StopRule
  readonly seed: Seed
  readonly members: NonEmpty<Member>
  readonly judges: NonEmpty<Judge>
  readonly embedder: string | Exclude<ConsortiumConfig["embedder"], undefined>
  readonly checks?: ReadonlyArray<string | CheckRule>
  readonly samples: number
  readonly skipInvalid: boolean
  readonly intake: IntakeSpec
  readonly limit?: number
  readonly only?: number
  readonly grow: boolean
  readonly retryFailed: boolean
}

/** A ranking has neither members nor a selection. */
export type RankSettings = Omit<Settings, "members" | "stop" | "embedder" | "samples" | "only">

const defaults = {
  out: "./consortium-out",
  rankOut: "./consortium-rank",
  embedder: "lexical/default",
  samples: 1,
  seed: 0,
  skipInvalid: false
} as const

const decodeStop = Schema.decodeUnknownEffect(StopRule)
const decodeSeed = Schema.decodeUnknownEffect(Seed)

const stopRule = (flags: RunFlags, file: ConsortiumConfig) => {
  const targetSize = flags.target ?? file.select?.targetSize
  const tripwire = flags.tripwire ?? file.select?.tripwire
  if (targetSize === undefined && tripwire === undefined) {
    return Effect.fail(
      new UsageError({
        detail:
          "say when to stop selecting: --target N (how many prompts), --tripwire COS (how similar is too similar), or both"
      })
    )
  }
  return Effect.mapError(
    decodeStop({ ...(targetSize !== undefined && { targetSize }), ...(tripwire !== undefined && { tripwire }) }),
    (error) => new UsageError({ detail: `select: ${error.message}` })
  )
}

/** `@FILE` stands for the file's text. */
export const textOf = (what: string, said: string | undefined) =>
  said === undefined || !said.startsWith("@")
    ? Effect.succeed(said)
    : Effect.try({
        try: () => readFileSync(said.slice(1), "utf8"),
        catch: (cause) =>
          new UsageError({ detail: `${what} ${said}: ${cause instanceof Error ? cause.message : "cannot be read"}` })
      })

/** A list of at least one, or how to say it. */
export const named = <A>(what: string, said: ReadonlyArray<A>): Effect.Effect<NonEmpty<A>, UsageError> =>
  isNonEmpty(said)
    ? Effect.succeed(said)
    : Effect.fail(
        new UsageError({
          detail: `name at least one ${what}: --${what} vendor/model, for instance --${what} openrouter/openai/gpt-5, or --${what} simulated/careful for a rehearsal without keys`
        })
      )

/** A budget as it is said on the command line. */
export const budgetOf = (said: string) =>
  Effect.mapError(Effect.fromResult(parseBudget(said)), (detail) => new UsageError({ detail }))

/** What a ranking of given answers is told too. */
const shared = Effect.fnUntraced(function* (flags: SharedFlags, file: ConsortiumConfig) {
  const seed = yield* Effect.mapError(
    decodeSeed(flags.seed ?? file.seed ?? defaults.seed),
    (error) => new UsageError({ detail: `seed: ${error.message}` })
  )
  const judges = yield* named<Judge>("judge", flags.judge.length > 0 ? flags.judge : (file.judges ?? []))
  const checks = flags.check.length > 0 ? flags.check : file.checks
  const limit = flags.limit ?? file.limit
  const concurrency = flags.concurrency ?? file.concurrency
  const budget = flags.budget === undefined ? file.budget : yield* budgetOf(flags.budget)
  const store = flags.store ?? file.store
  const ownPrompt = flags.judgePrompt ?? file.judgePrompt
  const judgePrompt = typeof ownPrompt === "function" ? ownPrompt : yield* textOf("judge prompt", ownPrompt)
  const calibration = flags.calibration ?? file.calibration
  const { members: _m, judges: _j, select: _s, ...rest } = file
  return {
    ...rest,
    prompts: flags.prompts,
    seed,
    judges,
    ...(checks !== undefined && { checks }),
    intake: intakeOf(flags, file.intake),
    skipInvalid: flags.skipInvalid || (file.skipInvalid ?? defaults.skipInvalid),
    ...(limit !== undefined && { limit }),
    ...(concurrency !== undefined && { concurrency }),
    ...(budget !== undefined && { budget }),
    ...(store !== undefined && { store }),
    ...(calibration !== undefined && { calibration }),
    ...(judgePrompt !== undefined && { judgePrompt }),
    grow: flags.grow,
    retryFailed: flags.retryFailed
  }
})

/** Decides everything that needs no network. */
export const decide = Effect.fnUntraced(function* (flags: RunFlags, file: ConsortiumConfig) {
  const stop = yield* stopRule(flags, file)
  const said = yield* shared(flags, file)
  const members = yield* named<Member>("member", flags.member.length > 0 ? flags.member : (file.members ?? []))
  const guard =
    flags.guard === undefined
      ? file.guard
      : yield* Effect.mapError(Effect.fromResult(guardOf(flags.guard)), (detail) => new UsageError({ detail }))
  const leakCosine = flags.leakCosine ?? file.leakCosine
  if (leakCosine !== undefined && (said.intake.heldOut ?? []).length === 0)
    return yield* new UsageError({ detail: "--leak-cosine is for --held-out FILE" })
  const tooLong = flags.tooLong ?? file.tooLong
  const embeddingCache = flags.embeddingCache ?? file.embeddingCache
  const system = (yield* textOf("--system", flags.system)) ?? file.system
  return {
    ...said,
    out: flags.out ?? file.out ?? defaults.out,
    stop,
    members,
    embedder: flags.embedder ?? file.embedder ?? defaults.embedder,
    samples: flags.samples ?? file.samples ?? defaults.samples,
    ...(guard !== undefined && { guard }),
    ...(leakCosine !== undefined && { leakCosine }),
    ...(tooLong !== undefined && { tooLong }),
    ...(embeddingCache !== undefined && { embeddingCache }),
    ...(system !== undefined && { system }),
    ...(flags.only !== undefined && { only: flags.only })
  } satisfies Settings
})

/** The same for answers that are there already; the folder is another than a run's. */
export const decideRank = Effect.fnUntraced(function* (flags: SharedFlags, file: ConsortiumConfig) {
  return { ...(yield* shared(flags, file)), out: flags.out ?? defaults.rankOut } satisfies RankSettings
})
