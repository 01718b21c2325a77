/** Each flag of `export`, once: name, kind, help. The order is that of the help page. */
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import {
  type ContainerName,
  containerNames,
  type FormatName,
  formatNames,
  type PairName,
  pairNames
} from "@consortium/formats/Names"
import { flags } from "./flags.js"

const share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const below1 = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 0.9 }))
const alike = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 2 }))

export const exportFlags = {
  run: Argument.String("run").pipe(Argument.withDescription("folder of a run")),
  format: Flag.Literals("format", formatNames).pipe(
    Flag.withDescription("what a trainer loads; repeat for more. With others, hf keeps them as Parquet"),
    Flag.atLeast(1)
  ),
  out: Flag.String("out").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("folder for the files and their card (default export in the run's folder)"),
    Flag.optional
  ),
  as: Flag.Literals("as", containerNames).pipe(
    Flag.withDescription("what rows are kept in (default jsonl, or as the format has it)"),
    Flag.optional
  ),
  pairs: Flag.Literals("pairs", pairNames).pipe(
    Flag.withDescription("which preference pairs of a ranking (default best-worst)"),
    Flag.optional
  ),
  minMargin: Flag.Finite("min-margin").pipe(
    Flag.withSchema(share),
    Flag.withMetavar("0..1"),
    Flag.withDescription("least difference of scores: of the best two, or of a pair"),
    Flag.optional
  ),
  minPBest: Flag.Finite("min-p-best").pipe(
    Flag.withSchema(share),
    Flag.withMetavar("0..1"),
    Flag.withDescription("least chance of the best answer to be the best"),
    Flag.optional
  ),
  minAgreement: Flag.Finite("min-agreement").pipe(
    Flag.withSchema(share),
    Flag.withMetavar("0..1"),
    Flag.withDescription("least share of judges' orders that agree: on the best, or on a pair"),
    Flag.optional
  ),
  nearEqual: Flag.Finite("near-equal").pipe(
    Flag.withSchema(alike),
    Flag.withMetavar("0..1"),
    Flag.withDescription("answers at least this alike count as one (default 0.9; 2 keeps all)"),
    Flag.optional
  ),
  validation: Flag.Finite("validation").pipe(
    Flag.withSchema(below1),
    Flag.withMetavar("0..0.9"),
    Flag.withDescription("share of prompts held back, by a hash of the prompt (default 0)"),
    Flag.optional
  ),
  seed: Flag.Finite("seed").pipe(
    Flag.withSchema(Schema.Int),
    Flag.withMetavar("N"),
    Flag.withDescription("another one holds back other prompts (default 0)"),
    Flag.optional
  ),
  provenance: Flag.Boolean("provenance").pipe(
    Flag.withDefault(false),
    Flag.withDescription("add a column with authors, scores, votes and seed")
  ),
  json: flags.json
}

/** The flags of `export` as plain data. */
export interface ExportFlags {
  readonly run: string
  readonly format: ReadonlyArray<FormatName>
  readonly out?: string
  readonly as?: ContainerName
  readonly pairs?: PairName
  readonly minMargin?: number
  readonly minPBest?: number
  readonly minAgreement?: number
  readonly nearEqual?: number
  readonly validation?: number
  readonly seed?: number
  readonly provenance: boolean
  readonly json: boolean
}
