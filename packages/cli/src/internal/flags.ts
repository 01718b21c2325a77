/** Each flag of `run`, once: name, kind, help. The order is that of the help page. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import { Cosine, TargetSize } from "@consortium/core/Selection"
import type { IntakeSpec } from "../Config.js"
import { intakeFlags } from "./intakeFlags.js"

const positive = Schema.Int.check(Schema.isGreaterThan(0))
const seed = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffffffff }))

export const flags = {
  prompts: Argument.String("prompts").pipe(
    Argument.withDescription(
      "prompts: .jsonl, .json, .csv, .txt, .parquet, also as .gz; a folder or a glob; or - for standard input"
    )
  ),
  out: Flag.String("out").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("folder of the run; one that was begun goes on (default ./consortium-out)"),
    Flag.optional
  ),
  config: Flag.String("config").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("configuration (default ./consortium.config.ts where there is one)"),
    Flag.optional
  ),
  target: Flag.Finite("target").pipe(
    Flag.withSchema(TargetSize),
    Flag.withMetavar("N"),
    Flag.withDescription("how many prompts to select"),
    Flag.optional
  ),
  tripwire: Flag.Finite("tripwire").pipe(
    Flag.withSchema(Cosine),
    Flag.withMetavar("COS"),
    Flag.withDescription(
      "stop selecting when the next prompt's cosine to the average of the selected is above this, -1 to 1"
    ),
    Flag.optional
  ),
  guard: Flag.String("guard").pipe(
    Flag.withMetavar("COS|adaptive|off"),
    Flag.withDescription(
      "pass over prompts nearer than this to a chosen one (default adaptive; select --rule random: off)"
    ),
    Flag.optional
  ),
  leakCosine: Flag.Finite("leak-cosine").pipe(
    Flag.withSchema(Cosine),
    Flag.withMetavar("COS"),
    Flag.withDescription("with --held-out: prompts whose vectors are this near to a held-out one are leaks too"),
    Flag.optional
  ),
  embedder: Flag.String("embedder").pipe(
    Flag.withMetavar("REF"),
    Flag.withDescription("vendor/model that embeds the prompts (default lexical/default: no key, no download)"),
    Flag.optional
  ),
  tooLong: Flag.Literals("too-long", ["refuse", "cut", "mean"]).pipe(
    Flag.withDescription(
      "prompts longer than the embedder takes: refuse them, embed their beginning, or the mean of their parts (default refuse)"
    ),
    Flag.optional
  ),
  embeddingCache: Flag.String("embedding-cache").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription(
      "folder of vectors shared by all runs (default: CONSORTIUM_EMBEDDING_CACHE, else only the run's own)"
    ),
    Flag.optional
  ),
  member: Flag.String("member").pipe(
    Flag.withMetavar("REF"),
    Flag.withDescription("vendor/model that answers; repeat for more"),
    Flag.atLeast(0)
  ),
  judge: Flag.String("judge").pipe(
    Flag.withMetavar("REF"),
    Flag.withDescription("vendor/model that ranks the answers, source-blind; repeat for more"),
    Flag.atLeast(0)
  ),
  judgePrompt: Flag.String("judge-prompt").pipe(
    Flag.withMetavar("TEXT|@FILE"),
    Flag.withDescription(
      "what judges look for, in place of the built-in criteria; the format of their answer is added"
    ),
    Flag.optional
  ),
  samples: Flag.Finite("samples").pipe(
    Flag.withSchema(positive),
    Flag.withMetavar("N"),
    Flag.withDescription("answers of each member to each prompt (default 1)"),
    Flag.optional
  ),
  system: Flag.String("system").pipe(
    Flag.withMetavar("TEXT|@FILE"),
    Flag.withDescription("system prompt of every member"),
    Flag.optional
  ),
  check: Flag.String("check").pipe(
    Flag.withMetavar("RULE"),
    Flag.withDescription(
      "what an answer must pass before judges see it: refused, truncated, language, exact:FIELD, schema:FILE, command:PROGRAM, or none; repeat for more (default the first three)"
    ),
    Flag.atLeast(0)
  ),
  seed: Flag.Finite("seed").pipe(
    Flag.withSchema(seed),
    Flag.withMetavar("N"),
    Flag.withDescription("seed of every draw (default 0)"),
    Flag.optional
  ),
  limit: Flag.Finite("limit").pipe(
    Flag.withSchema(positive),
    Flag.withMetavar("N"),
    Flag.withDescription("read the first N rows only"),
    Flag.optional
  ),
  concurrency: Flag.Finite("concurrency").pipe(
    Flag.withSchema(positive),
    Flag.withMetavar("N"),
    Flag.withDescription("model calls in flight over all vendors (default: what each model is found to bear)"),
    Flag.optional
  ),
  budget: Flag.String("budget").pipe(
    Flag.withMetavar("AMOUNT"),
    Flag.withDescription('hard limit over all starts: "20 usd", "2000000 tokens", "500 calls", or several with commas'),
    Flag.optional
  ),
  store: Flag.String("store").pipe(
    Flag.withMetavar("FILE|URL"),
    Flag.withDescription(
      "answers shared with other runs: a file, or postgres://… for the whole run (default: its own)"
    ),
    Flag.optional
  ),
  grow: Flag.Boolean("grow").pipe(
    Flag.withDefault(false),
    Flag.withDescription("go on with a run although prompts, members, judges or the target are other ones")
  ),
  retryFailed: Flag.Boolean("retry-failed").pipe(
    Flag.withDefault(false),
    Flag.withDescription("ask again what failed, also where a prompt has its example without it")
  ),
  calibration: Flag.String("calibration").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("weights and temperatures that consortium calibrate wrote"),
    Flag.optional
  ),
  ...intakeFlags,
  skipInvalid: Flag.Boolean("skip-invalid").pipe(
    Flag.withDefault(false),
    Flag.withDescription("count rows that are no prompts and go on")
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withDefault(false),
    Flag.withDescription("print one JSON event a line on stdout")
  ),
  yes: Flag.Boolean("yes").pipe(
    Flag.withAlias("y"),
    Flag.withDefault(false),
    Flag.withDescription("on a terminal, do not ask before models are called")
  )
}

/** A look into a run. */
export const inspectFlags = {
  out: Flag.String("out").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("folder of the run (default ./consortium-out)"),
    Flag.withDefault("./consortium-out")
  ),
  store: Flag.String("store").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("postgres://… where the run is kept there (default: its own run.db)"),
    Flag.optional
  ),
  json: Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("print JSON on stdout"))
}
export const showFlags = {
  id: Argument.String("id").pipe(Argument.withDescription("the prompt's id")),
  ...inspectFlags
}

const { concurrency, config, judge, check, limit, retryFailed, skipInvalid, grow, json, yes } = flags

/** `rank`: what of a run's flags is left without members and a selection. */
export const rankFlags = {
  prompts: Argument.String("answers").pipe(
    Argument.withDescription(
      'rows with a prompt and its answers: {"prompt": "…", "candidates": ["…", {"text": "…", "model": "…"}]}, or a dataset.jsonl'
    )
  ),
  out: Flag.String("out").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("folder of the ranking; one that was begun goes on (default ./consortium-rank)"),
    Flag.optional
  ),
  config,
  judge,
  judgePrompt: flags.judgePrompt,
  check,
  seed: flags.seed,
  limit,
  concurrency,
  budget: flags.budget,
  store: flags.store,
  grow,
  retryFailed,
  calibration: flags.calibration,
  ...intakeFlags,
  skipInvalid,
  json,
  yes
}

/** `calibrate`. */
export const calibrateFlags = {
  picks: Argument.String("picks").pipe(
    Argument.withDescription('JSON Lines of {"id": PROMPT, "pick": CANDIDATE or MEMBER}, for prompts of the run')
  ),
  write: Flag.String("write").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("where what was learnt is written (default calibration.json in the run's folder)"),
    Flag.optional
  ),
  ...inspectFlags
}

/** `models`. */
export const modelsFlags = {
  of: Argument.String("of").pipe(
    Argument.withDescription("a vendor, or one model as vendor/model (default: all vendors)"),
    Argument.optional
  ),
  names: Flag.Boolean("names").pipe(Flag.withDefault(false), Flag.withDescription("print names only, one a line")),
  json
}

/** `preview` besides. */
export const previewFlags = {
  ...flags,
  only: Flag.Finite("prompts").pipe(
    Flag.withAlias("n"),
    Flag.withSchema(positive),
    Flag.withMetavar("N"),
    Flag.withDefault(5),
    Flag.withDescription("prompts that are answered and judged, evenly spread over the selected (default 5)")
  )
}

/** The flags of `run` as plain data: they cross from the parser to the run, which may stand on another copy of Effect. */
export interface RunFlags extends SharedFlags {
  readonly target?: number
  readonly tripwire?: number
  readonly guard?: string
  readonly leakCosine?: number
  readonly embedder?: string
  readonly tooLong?: "refuse" | "cut" | "mean"
  readonly embeddingCache?: string
  readonly member: ReadonlyArray<string>
  readonly samples?: number
  readonly system?: string
  /** How many prompts a preview takes down the road. */
  readonly only?: number
}

/** Those that `rank` has too. */
export interface SharedFlags extends IntakeSpec {
  readonly prompts: string
  readonly out?: string
  readonly config?: string
  readonly judge: ReadonlyArray<string>
  readonly check: ReadonlyArray<string>
  readonly seed?: number
  readonly limit?: number
  readonly concurrency?: number
  readonly budget?: string
  readonly store?: string
  readonly grow: boolean
  readonly retryFailed: boolean
  readonly skipInvalid: boolean
  readonly json: boolean
  readonly yes: boolean
  readonly calibration?: string
  readonly judgePrompt?: string
}

type Plain<A> = {
  readonly [K in keyof A as A[K] extends Option.Option<unknown> ? K : never]?: A[K] extends Option.Option<infer B>
    ? B
    : never
} & {
  readonly [K in keyof A as A[K] extends Option.Option<unknown> ? never : K]: A[K]
}

/** Drops what was not said. */
export const plain = <A extends object>(parsed: A): Plain<A> =>
  Object.fromEntries(
    Object.entries(parsed).flatMap(([name, value]) =>
      Option.isOption(value) ? (Option.isSome(value) ? [[name, value.value]] : []) : [[name, value]]
    )
  ) as Plain<A>
