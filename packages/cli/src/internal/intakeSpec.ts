/** What of an input is to be kept, as it was said in flags and file. */
import type * as Schema from "effect/Schema"
import type { IntakeSpec } from "../Config.js"

const names = [
  "dedupe",
  "alike",
  "heldOut",
  "onLeak",
  "scrub",
  "country",
  "language",
  "minLength",
  "maxLength"
] as const satisfies ReadonlyArray<keyof IntakeSpec>

/** What was said that changes anything, by name; an empty object where every row is to be kept as it is. */
export const saidOf = (flags: IntakeSpec): Readonly<Record<string, Schema.Json>> => {
  const { alike, country, dedupe, heldOut = [], language = [], maxLength, minLength, onLeak, scrub = false } = flags
  return {
    ...(dedupe !== undefined && dedupe !== "exact" && { dedupe }),
    ...(alike !== undefined && { alike }),
    ...(heldOut.length > 0 && { heldOut: [...heldOut] }),
    ...(onLeak !== undefined && { onLeak }),
    ...(scrub && { scrub }),
    ...(country !== undefined && { country }),
    ...(language.length > 0 && { language: [...language] }),
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength })
  }
}

const isSaid = (value: unknown): boolean =>
  value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)

/** Only what concerns the intake, flags before the file. */
export const intakeOf = (flags: IntakeSpec, file: IntakeSpec = {}): IntakeSpec => ({
  ...file,
  ...Object.fromEntries(names.flatMap((name) => (isSaid(flags[name]) ? [[name, flags[name]]] : [])))
})

/** Whether a flag is one of the intake's. */
export const isIntake = (name: string): boolean => names.some((one) => one === name)
