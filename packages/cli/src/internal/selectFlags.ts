/** Each flag of `select`, once: name, kind, help. The order is that of the help page. */
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import type { IntakeSpec } from "../Config.js"
import { flags } from "./flags.js"
import { intakeFlags } from "./intakeFlags.js"

/** The rules, by the names that the flag takes. */
export const rules = ["fence", "farthest-first", "facility-location", "mmr", "k-means++", "random"] as const

const share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const positive = Schema.Int.check(Schema.isGreaterThan(0))

export const selectFlags = {
  prompts: Argument.String("prompts").pipe(
    Argument.withDescription(
      "prompts (.jsonl, .json, .csv, .txt, .parquet, a folder, a glob, or - for standard input) or vectors (.npy, .f32, .bin, .jsonl or .parquet with embeddings)"
    )
  ),
  out: Flag.String("out").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("folder for the files (default ./consortium-selection)"),
    Flag.optional
  ),
  target: flags.target,
  tripwire: flags.tripwire,
  rule: Flag.Literals("rule", rules).pipe(
    Flag.withDescription("how prompts are chosen (default fence)"),
    Flag.optional
  ),
  guard: flags.guard,
  lambda: Flag.Finite("lambda").pipe(
    Flag.withSchema(share),
    Flag.withMetavar("0..1"),
    Flag.withDescription("mmr: 1 minds the mean of the chosen, 0 the nearest of them (default 0.5)"),
    Flag.optional
  ),
  start: Flag.String("start").pipe(
    Flag.withMetavar("typical|first|random|ID"),
    Flag.withDescription("first prompt of fence, farthest-first and mmr (default typical)"),
    Flag.optional
  ),
  by: Flag.String("by").pipe(
    Flag.withMetavar("FIELD"),
    Flag.withDescription("give each value of this field of the rows its share"),
    Flag.optional
  ),
  weight: Flag.String("weight").pipe(
    Flag.withMetavar("FIELD"),
    Flag.withDescription("prefer rows by this number of theirs (not for fence: use mmr with --lambda 1)"),
    Flag.optional
  ),
  earlier: Flag.String("earlier").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("selection.jsonl of an earlier collection, which counts as chosen"),
    Flag.optional
  ),
  centre: Flag.Boolean("centre").pipe(
    Flag.withDefault(false),
    Flag.withDescription("take the mean out of the vectors first; a tripwire then means little")
  ),
  embedder: flags.embedder,
  tooLong: flags.tooLong,
  embeddingCache: flags.embeddingCache,
  ids: Flag.String("ids").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("ids of ready vectors, one a line"),
    Flag.optional
  ),
  dimension: Flag.Finite("dimension").pipe(
    Flag.withSchema(positive),
    Flag.withMetavar("N"),
    Flag.withDescription("numbers a row of .f32 and .bin"),
    Flag.optional
  ),
  vectorColumn: Flag.String("vector-column").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("column of ready vectors in a .parquet (default embedding or vector)"),
    Flag.optional
  ),
  idColumn: Flag.String("id-column").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("column of their ids (default id where there is one)"),
    Flag.optional
  ),
  curve: Flag.Boolean("curve").pipe(
    Flag.withDefault(false),
    Flag.withDescription("print where each tripwire would have fired")
  ),
  seed: flags.seed,
  limit: flags.limit,
  concurrency: flags.concurrency,
  ...intakeFlags,
  leakCosine: flags.leakCosine,
  skipInvalid: flags.skipInvalid,
  json: flags.json
}

/** The flags of `select` as plain data. */
export interface SelectFlags extends IntakeSpec {
  readonly prompts: string
  readonly out?: string
  readonly target?: number
  readonly tripwire?: number
  readonly rule?: (typeof rules)[number]
  readonly guard?: string
  readonly leakCosine?: number
  readonly lambda?: number
  readonly start?: string
  readonly by?: string
  readonly weight?: string
  readonly earlier?: string
  readonly centre: boolean
  readonly embedder?: string
  readonly ids?: string
  readonly dimension?: number
  readonly vectorColumn?: string
  readonly idColumn?: string
  readonly tooLong?: "refuse" | "cut" | "mean"
  readonly embeddingCache?: string
  readonly curve: boolean
  readonly seed?: number
  readonly limit?: number
  readonly concurrency?: number
  readonly skipInvalid: boolean
  readonly json: boolean
}
