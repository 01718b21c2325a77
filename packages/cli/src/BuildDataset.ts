/** The whole of `consortium run` for programs: the same configuration, without a command line. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import type { RunEvent } from "@consortium/core/RunEvent"
import * as Pipeline from "@consortium/pipeline/BuildDataset"
import type { ConsortiumConfig } from "./Config.js"
import { read } from "./internal/fields.js"
import * as Registry from "./Registry.js"
import { resolve, resolveRank } from "./Resolve.js"
import { decide, decideRank, UsageError } from "./Settings.js"

export interface Options extends ConsortiumConfig {
  /** A file of prompts, or `-` for standard input. */
  readonly prompts: string
  /** Goes on with a run although prompts, members, judges or the stop rule are other ones. @default false */
  readonly grow?: boolean
  /** Asks again what failed, in examples too. @default false */
  readonly retryFailed?: boolean
  readonly onEvent?: (event: RunEvent) => Effect.Effect<void>
}

/** From prompts to files; what fails is typed, what is stopped says so in the summary. */
export const buildDataset = Effect.fnUntraced(function* ({ prompts, onEvent, grow, retryFailed, ...file }: Options) {
  const checked = yield* Effect.mapError(Effect.fromResult(read(file)), (detail) => new UsageError({ detail }))
  const settings = yield* decide(
    {
      prompts,
      member: [],
      judge: [],
      check: [],
      skipInvalid: false,
      json: false,
      yes: true,
      grow: grow ?? false,
      retryFailed: retryFailed ?? false
    },
    checked
  )
  return yield* Effect.gen(function* () {
    const config = yield* resolve(settings)
    return yield* Pipeline.buildDataset({ ...config, ...(onEvent !== undefined && { onEvent }) })
  }).pipe(Effect.provide(Registry.layer(settings.seed)), Effect.scoped)
})

/** The same as a promise, which rejects with the very error. */
export const buildDatasetPromise = (
  options: Options,
  run?: { readonly signal?: AbortSignal }
): Promise<Pipeline.Summary> => Effect.runPromise(buildDataset(options).pipe(Effect.provide(NodeServices.layer)), run)

/** What a ranking has no use for. */
type Unranked = "members" | "select" | "guard" | "leakCosine" | "embedder" | "samples" | "system" | "tooLong"

export interface RankOptions
  extends Omit<ConsortiumConfig, Unranked>,
    Pick<Options, "grow" | "onEvent" | "retryFailed"> {
  /** A file of rows with a prompt and its answers in `candidates`, or `-` for standard input. */
  readonly answers: string
}

/** The whole of `consortium rank` for programs: judges rank answers that are there already. */
export const rankAnswers = Effect.fnUntraced(function* ({ answers, grow, onEvent, retryFailed, ...file }: RankOptions) {
  const checked = yield* Effect.mapError(Effect.fromResult(read(file)), (detail) => new UsageError({ detail }))
  const said = { prompts: answers, judge: [], check: [], skipInvalid: false, json: false, yes: true }
  const flags = { ...said, grow: grow ?? false, retryFailed: retryFailed ?? false }
  const settings = yield* decideRank({ ...flags, ...(file.out !== undefined && { out: file.out }) }, checked)
  return yield* Effect.gen(function* () {
    const config = yield* resolveRank(settings)
    return yield* Pipeline.buildDataset({ ...config, ...(onEvent !== undefined && { onEvent }) })
  }).pipe(Effect.provide(Registry.layer(settings.seed)), Effect.scoped)
})

/** The same as a promise, which rejects with the very error. */
export const rankAnswersPromise = (
  options: RankOptions,
  run?: { readonly signal?: AbortSignal }
): Promise<Pipeline.Summary> => Effect.runPromise(rankAnswers(options).pipe(Effect.provide(NodeServices.layer)), run)
