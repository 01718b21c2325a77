/** `consortium calibrate`: from picks to weights and temperatures, which runs start with. */
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { calibrate, type Calibrated, Pick } from "@consortium/pipeline/Calibrate"
import { writeJson } from "@consortium/pipeline/JsonLines"
import { exitCodes } from "./internal/endings.js"
import { environment } from "./internal/environment.js"
import { type InspectFlags, printed, storeLayer } from "./Inspect.js"
import { UsageError } from "./Settings.js"

export interface CalibrateFlags extends InspectFlags {
  readonly write?: string
}

const decodePick = Schema.decodeUnknownResult(Schema.fromJsonString(Pick))

const picksIn = Effect.fnUntraced(function* (path: string) {
  const text = yield* Effect.mapError(
    FileSystem.FileSystem.use((files) => files.readFileString(path)),
    () => new UsageError({ detail: `${path}: no such file: check the path` })
  )
  const picks: Array<Pick> = []
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue
    const read = decodePick(line)
    if (Result.isFailure(read)) {
      return yield* new UsageError({
        detail: `${path}:${index + 1}: no pick: write {"id": "PROMPT", "pick": "CANDIDATE or MEMBER"}`
      })
    }
    picks.push(read.success)
  }
  return picks
})

const points = (share: number): string => `${(100 * share).toFixed(1)} points`
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

const described = ({ file, learnt }: { readonly file: string; readonly learnt: Calibrated }): string => {
  const { accuracy, error, labels, temperature, weights } = learnt
  const wide = Math.max(...Object.keys(weights).map((name) => name.length), 8)
  return [
    `Learnt from ${labels} picks`,
    `  the picked answer is first: ${percent(accuracy.equal)} with equal weights, ${percent(accuracy.fitted)} with these (of picks they were not fitted on)`,
    temperature === null || error === null
      ? "  no probability yet: 40 picks are needed for one"
      : `  temperature ${temperature.toFixed(2)}: P(best) is off by ${points(error.after)} in the mean, by ${points(error.before)} before`,
    "weights",
    ...Object.entries(weights).map(([judge, weight]) => `  ${judge.padEnd(wide)}  ${weight.toFixed(2)}`),
    `written to ${file}: give it to runs as --calibration ${file}`,
    ""
  ].join("\n")
}

/** Runs to an exit code; nothing that happens inside is thrown. */
export const execute = (path: string, flags: CalibrateFlags): Promise<number> =>
  printed(
    Effect.gen(function* () {
      const picks = yield* picksIn(path)
      const learnt = yield* Effect.provide(calibrate(picks), storeLayer(flags))
      const file = flags.write ?? join(flags.out, "calibration.json")
      yield* writeJson(file, learnt)
      return { file, learnt }
    }).pipe(Effect.provide(environment)),
    flags,
    described,
    () => exitCodes.done
  )
