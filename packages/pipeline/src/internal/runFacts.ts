/** What a dataset card says of a run, out of its `run.json`; what can't be read is unknown. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { RunFacts } from "@consortium/formats/DatasetCard"
import { Coverage } from "../Choose.js"
import { unreadRef } from "./unread.js"

const Finite = Schema.NullOr(Schema.Finite)
const Between = Schema.NullOr(Schema.Tuple([Schema.Finite, Schema.Finite]))

const Run = Schema.fromJsonString(
  Schema.Struct({
    version: Schema.String,
    simulated: Schema.Boolean,
    settings: Schema.Struct({
      seed: Schema.Int,
      embedder: Schema.String,
      stages: Schema.Array(Schema.String),
      members: Schema.Array(Schema.Struct({ id: Schema.String, model: Schema.String }))
    }),
    selection: Schema.NullOr(
      Schema.Struct({
        stopped: Schema.String,
        nextCosine: Finite,
        of: Schema.Int,
        space: Schema.String,
        coverage: Schema.optionalKey(Coverage)
      })
    ),
    members: Schema.Array(
      Schema.Struct({ id: Schema.String, answered: Schema.Int, failed: Schema.Int, chosen: Schema.Int })
    ),
    judges: Schema.Array(Schema.Struct({ id: Schema.String })),
    judging: Schema.NullOr(
      Schema.Struct({
        judges: Schema.Array(
          Schema.Struct({
            id: Schema.String,
            weight: Schema.Finite,
            removed: Schema.Boolean,
            instability: Finite,
            first: Finite,
            ownExcess: Finite,
            longer: Schema.optionalKey(Finite),
            intervals: Schema.optionalKey(Schema.Struct({ first: Between, ownExcess: Between, longer: Between }))
          })
        )
      })
    )
  })
)
/** What a ranking of given answers has in place of a selection. */
const ruleOf = ({ embedder, stages }: (typeof Run)["Type"]["settings"]) =>
  embedder === unreadRef ? "all" : stages.includes("selector") ? "own" : "fence"

const decode = Schema.decodeUnknownEffect(Run)

export const runFacts = (file: string): Effect.Effect<RunFacts, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) => Effect.flatMap(files.readFileString(file), decode)).pipe(
    Effect.map(({ judges, judging, members, selection, settings, simulated, version }): RunFacts => {
      const models = new Map(settings.members.map(({ id, model }) => [id, model]))
      return {
        simulated,
        version,
        seed: settings.seed,
        ...(selection !== null && { selection: { ...selection, by: ruleOf(settings) } }),
        members: members.map((member) => {
          const model = models.get(member.id)
          return { ...member, ...(model !== undefined && { model }) }
        }),
        judges: judging?.judges ?? judges
      }
    }),
    Effect.option,
    Effect.map(Option.getOrElse((): RunFacts => ({})))
  )
