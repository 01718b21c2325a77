/** What a run is made of: values and layers, no names of vendors; and the settings by which a run is recognised again. */
import { isDeepStrictEqual } from "node:util"
import * as Schema from "effect/Schema"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { CallFailure } from "@consortium/core/Call"
import type { Member, Sampler } from "@consortium/core/Candidates"
import type { ChatModel } from "@consortium/core/ChatModel"
import type { Embedder, TooLong } from "@consortium/core/Embedder"
import type { Judge, Panel } from "@consortium/core/Judge"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import type { PriceBook } from "@consortium/core/PriceBook"
import type { Prompt } from "@consortium/core/Prompt"
import type { PromptSource } from "@consortium/core/PromptSource"
import type { Aggregator } from "@consortium/core/Ranking"
import type { RunEvent } from "@consortium/core/RunEvent"
import type { Seed } from "@consortium/core/Seed"
import type { Selector, StopRule } from "@consortium/core/Selection"
import type { Options as EmbeddingCache } from "@consortium/embeddings/EmbeddingCache"
import type { Guard } from "@consortium/selector/Guard"
import type { HeldOut } from "./Meaning.js"
import type { KeyLimits } from "./KeyLimits.js"
import type { Declined, Plan } from "./Plan.js"
import type { Limits } from "@consortium/middleware/Budget"
import type { Policy } from "@consortium/middleware/Retry"
import type { CheckRule } from "@consortium/sampling/CheckRule"
import type { RunStore } from "@consortium/store/RunStore"
import type { StoreError } from "@consortium/store/StoreError"
import type * as Duration from "effect/Duration"

/**
 * A judge by what it is made of, so that every call of its model is kept, limited and retried like a member's; or a
 * judge as it is, whose orders are kept instead.
 */
export type JudgeSeat =
  | { readonly model: ChatModel; readonly strategy: (model: ChatModel) => Judge }
  | { readonly judge: Judge }

/** Own implementations of whole stages. */
export interface Stages {
  readonly selector?: Layer.Layer<Selector>
  readonly sampler?: Layer.Layer<Sampler>
  readonly panel?: Layer.Layer<Panel>
  readonly aggregator?: Layer.Layer<Aggregator>
}

/** At least one of them counts. Tokens are input and output together. */
export type RunBudget = Pick<Limits, "usd" | "tokens" | "calls">

export interface RunConfig<E extends CallFailure = CallFailure> {
  readonly source: PromptSource["Service"]
  /** The folder that the run is written to and goes on from. */
  readonly out: string
  readonly stop: StopRule
  readonly seed: Seed
  readonly embedder: Embedder<E>
  readonly members: NonEmpty<Member>
  readonly judges: NonEmpty<JudgeSeat>
  /** Passes over prompts that are too near to a chosen one. The ledger says what repeats which: always for a cosine, for "adaptive" where that takes some seconds at most. @default "adaptive" */
  readonly guard?: Guard
  /** Prompts that must not be learnt from, found by their vectors. @default none */
  readonly heldOut?: HeldOut
  /** A prompt that is too long for the embedder is counted as failed, embedded by its beginning, or as the mean of its parts. @default "refuse" */
  readonly tooLong?: TooLong
  /** A folder of vectors that runs share, so that none pays for what another has. @default none: the run's own store keeps them */
  readonly embeddingCache?: EmbeddingCache
  /** Rules that an answer must pass before judges see it, in this order. @default none but that there is text */
  readonly checks?: ReadonlyArray<CheckRule>
  /** Eligible answers without which a prompt is rejected. @default 1 */
  readonly quorum?: number
  /** Model calls in flight over all vendors. @default no limit but what each model is found to bear */
  readonly concurrency?: number
  /** What keys that models share may do in a minute. @default as the vendors' answers say, model by model */
  readonly limits?: KeyLimits
  /** A hard limit over all starts of the run: the worst case of a call is reserved before it is made. @default none */
  readonly budget?: RunBudget
  /** A file of answers that runs share, so that none pays for what another has. @default the run's own store */
  readonly calls?: string
  /** Where the run is kept. @default `run.db` in `out` */
  readonly store?: Layer.Layer<RunStore, StoreError>
  /** Longest wait for one attempt of one call. @default "10 minutes" */
  readonly timeout?: Duration.Input
  /** When and how often a failed call is made again. @default Retry.policy */
  readonly retry?: Policy
  /** Counts rows that are no prompts and goes on, instead of failing on the first. @default false */
  readonly skipInvalid?: boolean
  readonly stages?: Stages
  /** For an own sampler that asks nobody: the texts that it will give of a prompt, for the plan. @default members are asked */
  readonly given?: (prompt: Prompt) => ReadonlyArray<string>
  /** Judges' weights by id, learnt from labels; they also decide when the panel is sure. @default learnt from the run's own ballots at its end */
  readonly weights?: ReadonlyMap<string, number>
  /** From labels: what `pBest` is divided by as log odds, so that it is a probability. @default it is none, and says so */
  readonly temperature?: number
  /** From labels: the same for the certainty that ends the asking, at .85 then. @default asked until .75, uncalibrated */
  readonly stopTemperature?: number
  /**
   * What becomes of a judge's votes on its own answers: lowered by its measured preference for them, or left out, for the
   * very model or for its family too. @default "offset"
   */
  readonly ownAnswers?: "offset" | "exclude" | "exclude-family"
  /** @default what the vendors state */
  readonly prices?: PriceBook["Service"]
  /** Says in every output that nothing here was said by a real model. @default false */
  readonly simulated?: boolean
  /** What a reader of the run has to know besides: texts that change what is asked, by name. */
  readonly settings?: Readonly<Record<string, Schema.Json>>
  /** How many of the selected prompts, evenly spread over them, go down the road in this start. @default all */
  readonly only?: number
  /**
   * Goes on with an earlier run although its prompts, members, judges, quorum or stop rule are other ones: prompts are
   * added to its collection, and only what is missing is asked. An own selector counts what is chosen now. @default false
   */
  readonly grow?: boolean
  /**
   * Asks again what failed, in examples too, which then are judged anew with what was missing. Prompts that gave no
   * example since calls failed are tried again without it. @default false
   */
  readonly retryFailed?: boolean
  /** Shown what will be asked before anything is paid for; a failure stops the run there. @default nobody is asked */
  readonly onPlan?: (plan: Plan) => Effect.Effect<void, Declined>
  readonly onEvent?: (event: RunEvent) => Effect.Effect<void>
}

/** The folder holds a run with other settings. */
export class RunConflict extends Schema.TaggedError<RunConflict>()("RunConflict", {
  out: Schema.String,
  /** `what: there …, here …`, one for each. */
  differences: Schema.Array(Schema.String)
}) {
  readonly isRetryable = false
  override get message(): string {
    return `${this.out} holds a run with other settings (${this.differences.join("; ")}); use the same settings to go on with it, grow it (--grow) where prompts, members, judges or the target are meant to change, or another folder`
  }
}

/** The embedder failed as a whole. */
export class EmbedderFailed extends Schema.TaggedError<EmbedderFailed>()("EmbedderFailed", {
  embedder: Schema.String,
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `embedding with ${this.embedder} failed: ${this.detail}; what is embedded is kept, and the same command goes on`
  }
}

/** The judge in a seat, without middleware around its model. */
export const judgeIn = (seat: JudgeSeat): Judge => ("judge" in seat ? seat.judge : seat.strategy(seat.model))

const seatOf = (seat: JudgeSeat): Schema.Json => ({
  id: judgeIn(seat).id,
  ...("model" in seat && { model: seat.model.ref })
})

/** Everything that a result depends on, as plain data. */
export const settingsOf = <E extends CallFailure>(config: RunConfig<E>): Readonly<Record<string, Schema.Json>> => ({
  ...config.settings,
  seed: config.seed,
  target: config.stop.targetSize ?? null,
  tripwire: config.stop.tripwire ?? null,
  embedder:
    config.embedder.wire === undefined ? config.embedder.ref : `${config.embedder.ref} (${config.embedder.wire})`,
  members: config.members.map(({ id, model, samples, system, sampling }) => ({
    id,
    model: model.ref,
    samples,
    ...(system !== undefined && { system }),
    ...(sampling !== undefined && { sampling })
  })),
  judges: config.judges.map(seatOf),
  ...(config.guard !== undefined && { guard: config.guard }),
  ...(config.heldOut !== undefined && {
    heldOut: [...config.heldOut.sources.map(({ name }) => name), config.heldOut.cosine, config.heldOut.onLeak ?? "drop"]
  }),
  tooLong: config.tooLong ?? "refuse",
  checks: (config.checks ?? []).map(({ by }) => by),
  quorum: config.quorum ?? 1,
  stages: Object.keys(config.stages ?? {}).sort()
})

/** What an earlier run can't be grown out of: its vectors and its draws. */
export const lasting = ["seed", "embedder", "tooLong"] as const

/** What a prompt's outcome depends on besides the prompt. */
export const decisive = ["members", "judges", "quorum", "judging", "stages", "checks"] as const

/** One line for each setting that differs; empty when two runs are the same. */
export const differences = (
  there: Readonly<Record<string, Schema.Json>>,
  here: Readonly<Record<string, Schema.Json>>
): ReadonlyArray<string> =>
  [...new Set([...Object.keys(there), ...Object.keys(here)])].flatMap((name) => {
    const [a, b] = [there[name] ?? null, here[name] ?? null]
    // The order of fields is no difference.
    return isDeepStrictEqual(a, b) ? [] : [`${name}: there ${JSON.stringify(a)}, here ${JSON.stringify(b)}`]
  })
