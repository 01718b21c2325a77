/** A run's dataset in the shapes that trainers load: one pass over `dataset.jsonl`, in memory that does not grow. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import { similarity } from "@consortium/curation/Shingles"
import { type Choice, columnsOf, type Left, rowsOf } from "@consortium/formats/Choice"
import { type Container, containers, type Encoder } from "@consortium/formats/Container"
import * as DatasetCard from "@consortium/formats/DatasetCard"
import type { Format } from "@consortium/formats/Format"
import { formats } from "@consortium/formats/Formats"
import type { ContainerName, FormatName } from "@consortium/formats/Names"
import type { Ranked } from "@consortium/formats/Ranked"
import * as RankedFile from "@consortium/formats/RankedFile"
import { type Split, splitOf } from "@consortium/formats/Split"
import { runFacts } from "./internal/runFacts.js"
import { explain, open } from "./internal/wholeFile.js"

export interface ExportOptions extends Omit<Choice, "near" | "textsOnly"> {
  /** The folder of a run. */
  readonly run: string
  /** The folder for the files. @default `export` in that of the run */
  readonly out?: string
  readonly formats: NonEmpty<FormatName>
  /** What rows are kept in. @default as the format has it, else "jsonl" */
  readonly container?: ContainerName
  /** Answers of one prompt at least this alike, by Jaccard's index, count as one; above 1 none do. @default 0.9 */
  readonly nearEqual?: number
  /** The share of prompts held back for validation. @default 0 */
  readonly validation?: number
  /** Of the split. @default 0 */
  readonly seed?: number
}

export interface Exported {
  readonly out: string
  /** Ranked prompts read. */
  readonly prompts: number
  readonly near: number
  readonly configs: ReadonlyArray<DatasetCard.Config>
  readonly files: ReadonlyArray<string>
}

/** What was asked can't be exported. */
export class ExportConflict extends Schema.TaggedError<ExportConflict>()("ExportConflict", { detail: Schema.String }) {
  readonly isRetryable = false
  override get message(): string {
    return this.detail
  }
}

const defaults = { nearEqual: 0.9, validation: 0, seed: 0, pairs: "best-worst" } as const

interface Plan {
  readonly name: string
  readonly format: Format
  readonly container: Container
}

const shapeOf = (name: FormatName): Format =>
  name === "csv" || name === "parquet" || name === "hf" ? formats.table : formats[name]

/** Which files come of the names: `hf` alone is the table, with others it says that those are kept as Parquet. */
const plansOf = ({ container, formats: names }: ExportOptions): ReadonlyArray<Plan> => {
  const said = [...new Set(names)]
  const shapes = said.length > 1 ? said.filter((name) => name !== "hf") : said
  const common = container ?? (said.includes("hf") ? "parquet" : undefined)
  return shapes.map((name) => {
    const own = name === "csv" || name === "parquet" ? name : undefined
    return {
      name: name === "hf" ? "ranked" : name,
      format: shapeOf(name),
      container: containers[own ?? common ?? "jsonl"]
    }
  })
}

/** One file that grows. */
const sink = Effect.fnUntraced(function* (path: string, encoder: Encoder) {
  const file = yield* open(path)
  let rows = 0
  return {
    push: Effect.fnUntraced(function* (row: Readonly<Record<string, unknown>>) {
      rows++
      const bytes = encoder.push(row)
      if (bytes !== undefined) yield* file.write(bytes)
    }),
    commit: Effect.suspend(() => Effect.andThen(file.write(encoder.end()), file.commit)),
    rows: () => rows
  }
})

/** The files of one format, one for each split. */
const config = Effect.fnUntraced(function* (plan: Plan, out: string, choice: Choice, splits: ReadonlyArray<Split>) {
  const path = yield* Path.Path
  const files = yield* FileSystem.FileSystem
  const folder = path.join(out, plan.name)
  yield* Effect.mapError(files.makeDirectory(folder, { recursive: true }), explain(folder))
  const columns = columnsOf(plan.format, choice)
  const fitting: Choice = { ...choice, textsOnly: plan.container.textsOnly ?? false }
  const nameOf = (split: Split) => `${split}${plan.container.extension}`
  const sinks = yield* Effect.forEach(splits, (split) =>
    Effect.map(
      sink(path.join(folder, nameOf(split)), plan.container.encoder(columns)),
      (made) => [split, made] as const
    )
  )
  const bySplit = new Map(sinks)
  const written = () => sinks.filter(([, made]) => made.rows() > 0)
  const left: Partial<Record<Left, number>> = {}
  return {
    add: Effect.fnUntraced(function* (ranked: Ranked, split: Split) {
      const chosen = rowsOf(plan.format, ranked, fitting)
      for (const why of chosen.left) left[why] = (left[why] ?? 0) + 1
      for (const row of chosen.rows) yield* bySplit.get(split)?.push(row) ?? Effect.void
      return chosen.near
    }),
    finish: Effect.gen(function* () {
      // A file without a row has no schema that a loader could read.
      for (const [, made] of written()) yield* made.commit
      // Of an earlier export with other wishes; a loader that goes by names would take it for part of this one.
      const stale = (yield* files.readDirectory(folder)).filter(
        (name) => /^(?:train|validation)\.[a-z.]+$/.test(name) && !written().some(([split]) => nameOf(split) === name)
      )
      yield* Effect.forEach(stale, (name) => files.remove(path.join(folder, name)))
    }).pipe(Effect.catchTag("PlatformError", (error) => Effect.fail(explain(folder)(error)))),
    facts: (): DatasetCard.Config => ({
      name: plan.name,
      left,
      parts: written().map(([split, made]) => ({ split, path: `${plan.name}/${nameOf(split)}`, rows: made.rows() }))
    })
  }
})

const choiceOf = (options: ExportOptions): Choice => {
  const { minAgreement, minMargin, minPBest, nearEqual = defaults.nearEqual, pairs, provenance } = options
  return {
    ...(pairs !== undefined && { pairs }),
    ...(minMargin !== undefined && { minMargin }),
    ...(minPBest !== undefined && { minPBest }),
    ...(minAgreement !== undefined && { minAgreement }),
    ...(provenance !== undefined && { provenance }),
    ...(nearEqual <= 1 && { near: (a: string, b: string) => similarity(a, b) >= nearEqual })
  }
}

/** What was asked for, with what stands where nothing was said. */
const saidOf = ({ formats: names, run: _, out: __, ...options }: ExportOptions) => ({
  ...defaults,
  ...options,
  formats: names.join(" ")
})

/** Who wrote the answers of the rows; memory grows with the number of models. */
const authors = () => {
  const counts = new Map<string, { answers: number; chosen: number }>()
  return {
    add: ({ candidates, chosen }: Ranked) => {
      for (const { id, model, text } of candidates) {
        if (model === undefined || text === undefined) continue
        const count = counts.get(model) ?? { answers: 0, chosen: 0 }
        count.answers++
        if (id === chosen.candidate) count.chosen++
        counts.set(model, count)
      }
    },
    all: () => [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([model, count]) => ({ model, ...count }))
  }
}

const program = Effect.fnUntraced(function* (options: ExportOptions, out: string) {
  const path = yield* Path.Path
  const { validation = defaults.validation, seed = defaults.seed } = options
  const choice = choiceOf(options)
  const splits: ReadonlyArray<Split> = validation > 0 ? ["train", "validation"] : ["train"]
  const configs = yield* Effect.forEach(plansOf(options), (plan) => config(plan, out, choice, splits))
  let prompts = 0
  let near = 0
  const wrote = authors()
  yield* Stream.runForEach(
    RankedFile.read(path.join(options.run, "dataset.jsonl")),
    Effect.fnUntraced(function* (ranked) {
      prompts++
      wrote.add(ranked)
      const split = splitOf(ranked, { validation, seed })
      let said = 0
      for (const one of configs) said = Math.max(said, yield* one.add(ranked, split))
      near += said
    })
  )
  if (prompts === 0) {
    return yield* new ExportConflict({ detail: `${options.run} has no example yet: let the run come to its end first` })
  }
  for (const one of configs) yield* one.finish
  const facts = configs.map((one) => one.facts())
  const card = DatasetCard.render({
    prompts,
    near,
    configs: facts,
    choice: saidOf(options),
    models: wrote.all(),
    run: yield* runFacts(path.join(options.run, "run.json"))
  })
  const readme = yield* open(path.join(out, "README.md"))
  yield* readme.write(new TextEncoder().encode(card))
  yield* readme.commit
  const files = [
    ...facts.flatMap(({ parts }) => parts.map((part) => path.join(out, part.path))),
    path.join(out, "README.md")
  ]
  return { out, prompts, near, configs: facts, files } satisfies Exported
})

/** Writes every file whole or not at all. Fails on a folder without a dataset, a broken row, or a disk that is full. */
export const exportDataset = Effect.fnUntraced(function* (options: ExportOptions) {
  const path = yield* Path.Path
  const out = options.out ?? path.join(options.run, "export")
  if (!isNonEmpty(options.formats)) return yield* new ExportConflict({ detail: "name at least one format" })
  return yield* Effect.scoped(program(options, out))
})

/** The same for programs that do not write Effect. */
export const exportDatasetPromise = (options: ExportOptions): Promise<Exported> =>
  Effect.runPromise(exportDataset(options).pipe(Effect.provide([NodeFileSystem.layer, NodePath.layer])))
