/** The files of a run, written from its store: the same store gives the same bytes. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Halted } from "@consortium/core/Call"
import type { Ledger } from "@consortium/core/RunEvent"
import type { Outcome } from "@consortium/store/Outcomes"
import type { Pick } from "@consortium/store/Rows"
import type { RunStore } from "@consortium/store/RunStore"
import type { Mark } from "./Choose.js"
import * as DatasetFile from "./DatasetFile.js"
import * as JsonLines from "./JsonLines.js"

/** What a run writes besides its store. */
export const names = ["dataset.jsonl", "rejected.jsonl", "selection.jsonl", "run.json"]

const page = 256

/** How a member did, over all examples and rejected prompts so far. */
export interface Standing {
  readonly id: string
  readonly answered: number
  readonly failed: number
  readonly chosen: number
}

/** What a judge gave, over all passes. */
export interface JudgeStanding {
  readonly id: string
  /** Orders. */
  readonly given: number
  /** Passes without one. */
  readonly absent: number
}

/** Only what is counted. */
const Counted = Schema.fromJsonString(
  Schema.Struct({
    chosen: Schema.optionalKey(Schema.Struct({ member: Schema.String })),
    candidates: Schema.Array(Schema.Struct({ member: Schema.String, failure: Schema.optionalKey(Schema.Json) })),
    judges: Schema.Array(Schema.Struct({ judge: Schema.String, absent: Schema.optionalKey(Schema.Json) }))
  })
)
const decodeCounted = Schema.decodeUnknownSync(Counted)

/** The rows of one kind in the order of the picks, as they are written. */
export const lines = (store: RunStore["Service"], kind: Outcome["kind"]): Stream.Stream<string, Halted> =>
  Stream.paginate(0, (after) =>
    Effect.map(store.outcomes.lines(kind, after, page), (rows) => {
      const last = rows.at(-1)
      const next = last === undefined || rows.length < page ? Option.none() : Option.some(last.rank)
      return [rows.map((row) => row.json), next] as const
    })
  )

const tally = (members: ReadonlyArray<string>, judges: ReadonlyArray<string>) => {
  const counts = new Map(members.map((id) => [id, { id, answered: 0, failed: 0, chosen: 0 }]))
  const orders = new Map(judges.map((id) => [id, { id, given: 0, absent: 0 }]))
  return {
    add: (line: string): void => {
      const row = decodeCounted(line)
      for (const candidate of row.candidates) {
        const count = counts.get(candidate.member)
        if (count === undefined) continue
        if (candidate.failure === undefined) count.answered++
        else count.failed++
      }
      const chosen = row.chosen === undefined ? undefined : counts.get(row.chosen.member)
      if (chosen !== undefined) chosen.chosen++
      for (const { judge, absent } of row.judges) {
        const count = orders.get(judge)
        if (count !== undefined) count[absent === undefined ? "given" : "absent"]++
      }
    },
    members: (): ReadonlyArray<Standing> => [...counts.values()],
    judges: (): ReadonlyArray<JudgeStanding> => [...orders.values()]
  }
}

export interface Options {
  readonly store: RunStore["Service"]
  readonly out: string
  readonly picks: ReadonlyArray<Pick>
  readonly mark: Mark | undefined
  readonly ledger: Ledger
  readonly members: ReadonlyArray<string>
  readonly judges: ReadonlyArray<string>
  /** The rest of `run.json`. */
  readonly facts: Readonly<Record<string, Schema.Json>>
}

/** The paths of a run's files. */
export const files = (out: string) =>
  Effect.map(Path.Path, (path) => [...names, "run.db"].map((name) => path.join(out, name)))

/** Writes every file of the run, each whole or not at all; answers their paths, and how members and judges did. */
export const write = Effect.fnUntraced(function* (options: Options) {
  const { store, out, picks, mark, ledger } = options
  const path = yield* Path.Path
  const file = (name: string) => path.join(out, name)
  const counted = tally(options.members, options.judges)
  const outcomes = (kind: Outcome["kind"]) => Stream.map(lines(store, kind), (line) => (counted.add(line), line))
  yield* JsonLines.writeLines(file("dataset.jsonl"), outcomes("example"))
  yield* JsonLines.writeLines(file("rejected.jsonl"), outcomes("rejected"))
  yield* JsonLines.write(file("selection.jsonl"), Stream.map(Stream.fromIterable(picks), DatasetFile.selectionRow))
  const members = counted.members()
  const judges = counted.judges()
  const run = {
    schema: "consortium.run/1",
    ...options.facts,
    selection: mark ?? null,
    ledger,
    members,
    judges
  }
  yield* JsonLines.writeJson(file("run.json"), run)
  return { files: yield* files(out), members, judges }
})
