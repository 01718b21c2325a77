/** How the failures of a command become exit codes. */
import * as Cause from "effect/Cause"
import { Declined } from "@consortium/pipeline/Plan"
import { CalibrationError } from "@consortium/pipeline/Calibrate"
import { ExportConflict } from "@consortium/pipeline/ExportDataset"
import { RunConflict } from "@consortium/pipeline/RunConfig"
import { SelectConflict } from "@consortium/pipeline/SelectPrompts"
import { UsageError } from "../Settings.js"
import { exitCodes, fail } from "./endings.js"

export const remedy = "the same command goes on where it stopped"

/** The exit code of a failure, after saying it. */
export const ended = (
  cause: Cause.Cause<{ readonly _tag: string; readonly message: string }>,
  json: boolean
): number => {
  if (Cause.hasInterruptsOnly(cause)) return fail(json, exitCodes.interrupted, "Interrupted", `interrupted; ${remedy}`)
  const error = Cause.findErrorOption(cause)
  if (error._tag === "None") {
    return fail(json, exitCodes.failed, "Defect", `a defect of consortium, please report it:\n${Cause.pretty(cause)}`)
  }
  const { _tag, message } = error.value
  if (error.value instanceof Declined) return fail(json, exitCodes.interrupted, _tag, message)
  const usage = [UsageError, CalibrationError, RunConflict, SelectConflict, ExportConflict].some(
    (kind) => error.value instanceof kind
  )
  return fail(json, usage ? exitCodes.usage : exitCodes.failed, _tag, message)
}
