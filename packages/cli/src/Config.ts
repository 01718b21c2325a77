/** What a `consortium.config.ts` says: names or values for every stage, fully typed. */
import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type * as Duration from "effect/Duration"
import type { CallFailure } from "@consortium/core/Call"
import type { ChatModel, Sampling } from "@consortium/core/ChatModel"
import type { Embedder, TooLong } from "@consortium/core/Embedder"
import type { Judge } from "@consortium/core/Judge"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import type { PriceBook } from "@consortium/core/PriceBook"
import type { StopRule } from "@consortium/core/Selection"
import type { vendors as embedding } from "@consortium/embedders-openai-compatible/Vendors"
import type { JudgePrompt } from "@consortium/judge-strategies/JudgePrompt"
import type { Options as EmbeddingCache } from "@consortium/embeddings/EmbeddingCache"
import type { Guard } from "@consortium/selector/Guard"
import type { KeyLimits } from "@consortium/pipeline/KeyLimits"
import type { RunBudget, Stages } from "@consortium/pipeline/RunConfig"
import type { CheckRule } from "@consortium/sampling/CheckRule"
import type { localModels } from "./internal/localModels.js"
import type { ownEmbedders } from "./internal/ownEmbedders.js"
import type { ownWires } from "./internal/ownWires.js"
import type { vendors as chat } from "@consortium/providers-openai-compatible/Vendors"

/** `vendor[.wire]/model` for a model that answers or judges, or `gguf/path` for a file. */
export type ChatRef =
  `${keyof typeof chat | keyof typeof ownWires | keyof typeof localModels | "simulated"}${"" | `.${string}`}/${string}`
/** `vendor[.wire]/model` for a model that embeds. */
export type EmbedderRef =
  `${keyof typeof embedding | keyof typeof ownEmbedders | "lexical" | "transformers"}${"" | `.${string}`}/${string}`

/** A rule before judges, by its name. */
export type CheckName = "refused" | "truncated" | "language" | `${"exact" | "schema" | "command"}:${string}`

/** A value, or how to make it for the length of the run. */
export type Of<A> = A | Effect.Effect<A, CallFailure, Scope.Scope>

/** A seat among the members; a name alone is one with the run's samples and system prompt. */
export interface MemberSpec {
  readonly model: ChatRef | Of<ChatModel>
  /** @default the model's name, numbered where it sits twice */
  readonly id?: string
  /** @default the run's samples */
  readonly samples?: number
  /** @default the run's system prompt */
  readonly system?: string
  readonly sampling?: Sampling
  readonly family?: string
}

/** A judge made of a model. */
export interface JudgeSpec {
  readonly model: ChatRef | Of<ChatModel>
  readonly id?: string
  /** @default the run's judge prompt */
  readonly prompt?: JudgePrompt
  readonly sampling?: Sampling
  readonly family?: string
}

/** What of the prompts is kept. */
export interface IntakeSpec {
  /** Prompts that repeat another: same words, same but for case and signs, or nearly alike. @default "exact" */
  readonly dedupe?: "exact" | "normalised" | "near"
  /** With "near": the least Jaccard index of the sets of five-character pieces. @default 0.8 */
  readonly alike?: number
  /** Files of prompts that must not be learnt from. @default none */
  readonly heldOut?: ReadonlyArray<string>
  /** Whether prompts that hold one are dropped, or noted in the ledger. @default "drop" */
  readonly onLeak?: "drop" | "report"
  /** Replaces secrets and personal data before anything is sent. @default false */
  readonly scrub?: boolean
  /** With `scrub`: whose phone numbers stand without a country's code (ISO 3166). @default none */
  readonly country?: string
  /** Languages that are kept (ISO 639-1), with what is too short to tell. @default all */
  readonly language?: ReadonlyArray<string>
  /** In characters. @default none */
  readonly minLength?: number
  readonly maxLength?: number
}

export interface ConsortiumConfig {
  /** Names, models, or seats with either. */
  readonly members?: NonEmpty<ChatRef | MemberSpec | Of<ChatModel>>
  /** Names, models, judges made of either, or own judges. */
  readonly judges?: NonEmpty<ChatRef | JudgeSpec | Of<ChatModel | Judge>>
  readonly select?: StopRule
  /** Passes over prompts too near to a chosen one: a cosine (the ledger then says what repeats which), `adaptive` or `off`. @default "adaptive" */
  readonly guard?: Guard
  /** With `intake.heldOut`: from this cosine of their vectors on, a prompt is a leak too. @default vectors are not compared */
  readonly leakCosine?: number
  /** @default "lexical/default" */
  readonly embedder?: EmbedderRef | Of<Embedder>
  /** Answers of each member to each prompt. @default 1 */
  readonly samples?: number
  /** System prompt of every member. */
  readonly system?: string
  /** What judges look for: a text, `@FILE`, or a function that writes the whole conversation. @default JudgePrompt.instructions */
  readonly judgePrompt?: JudgePrompt
  /** Seed of every draw, 0 to 2³² − 1. @default 0 */
  readonly seed?: number
  /** Folder of the run. @default "./consortium-out" */
  readonly out?: string
  /** Reads the first rows only. @default all */
  readonly limit?: number
  /** Model calls in flight over all vendors. @default no limit but what each model is found to bear */
  readonly concurrency?: number
  /**
   * What a key may do in a minute over all of its models, by `vendor` or by `vendor/model`.
   * @default what the vendors' answers say, model by model
   */
  readonly limits?: KeyLimits
  /** A hard limit over all starts of the run, in US dollars, tokens (in and out) or calls. @default none */
  readonly budget?: RunBudget
  /** A file of answers that runs share, or a `postgres://` URL that holds the whole run. @default run.db in `out` */
  readonly store?: string
  /** Longest wait for one attempt of one call. @default "10 minutes" */
  readonly timeout?: Duration.Input
  /** When and how often a failed call is made again. @default five attempts with growing, jittered waits */
  readonly retry?: Schedule.Schedule<unknown, CallFailure>
  /** A prompt that is too long for the embedder is counted as failed, embedded by its beginning, or as the mean of its parts. @default "refuse" */
  readonly tooLong?: TooLong
  /**
   * A folder of vectors that runs share; a revision tells apart what the embedder's name does not.
   * @default the variable CONSORTIUM_EMBEDDING_CACHE, else none: the run's own store keeps them
   */
  readonly embeddingCache?: string | EmbeddingCache
  /**
   * Rules that an answer must pass before judges see it: `refused`, `truncated`, `language`, `exact:FIELD` (the prompt's
   * field with the right answer), `schema:FILE` (JSON Schema), `command:PROGRAM WORDS` (exit code 0 passes), or own ones.
   * @default ["refused", "truncated", "language"]; simulated members are not asked for a language
   */
  readonly checks?: ReadonlyArray<CheckName | CheckRule>
  /** Eligible answers without which a prompt is rejected. @default 1 */
  readonly quorum?: number
  /** Judges' weights by id, from labels. @default learnt at the end, from how seldom each reverses itself */
  readonly weights?: Readonly<Record<string, number>>
  /** A file of `consortium calibrate`: weights and probabilities from picks. @default none */
  readonly calibration?: string
  /**
   * What becomes of a judge's votes on its own answers: lowered by its measured preference for them, or left out, for the
   * very model or for its family too. @default "offset"
   */
  readonly ownAnswers?: "offset" | "exclude" | "exclude-family"
  /** What of the prompts is kept. @default all but exact repetitions */
  readonly intake?: IntakeSpec
  /** Counts rows that are no prompts and goes on. @default false */
  readonly skipInvalid?: boolean
  /** Own implementations of whole stages. */
  readonly stages?: Stages
  /** What calls cost. @default what vendors state, else the catalogue of `@consortium/pricing`, and the prices of simulated models */
  readonly prices?: PriceBook["Service"]
}

/** Gives a configuration file its types; returns what it is given. */
export const defineConsortium = (config: ConsortiumConfig): ConsortiumConfig => config
