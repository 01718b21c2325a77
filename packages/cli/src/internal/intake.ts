/** The source of prompts that was asked for: a file or many, and what of it is kept. */
import * as Effect from "effect/Effect"
import * as Curate from "@consortium/curation/Curate"
import { languages } from "@consortium/curation/Language"
import * as PromptFile from "@consortium/formats/PromptFile"

import type { IntakeSpec } from "../Config.js"
import { UsageError } from "../Settings.js"
import { saidOf } from "./intakeSpec.js"

/** A flag that means nothing without another. */
const lonely = ({ alike, country, dedupe, heldOut = [], onLeak, scrub = false }: IntakeSpec): string | undefined => {
  if (alike !== undefined && dedupe !== "near") return "--alike is for --dedupe near"
  if (onLeak !== undefined && heldOut.length === 0) return "--on-leak is for --held-out FILE"
  return country !== undefined && !scrub ? "--country is for --scrub" : undefined
}

const unknownLanguage = ({ language = [] }: IntakeSpec): string | undefined => {
  const code = language.find((one) => !languages.includes(one))
  return code === undefined ? undefined : `--language ${code} can't be told apart: use ${languages.join(", ")}`
}

const scrubOf = (country: string | undefined) => (country === undefined ? true : { country })

/** Fails where flags contradict each other; the files are opened when they are read. */
export const sourceOf = Effect.fnUntraced(function* (file: PromptFile.Options, flags: IntakeSpec) {
  const wrong = lonely(flags) ?? unknownLanguage(flags)
  if (wrong !== undefined) return yield* new UsageError({ detail: wrong })
  const source = yield* PromptFile.make(file)
  if (Object.keys(saidOf(flags)).length === 0) return source
  const { alike, country, dedupe, heldOut = [], language = [], maxLength, minLength, onLeak, scrub = false } = flags
  const held = yield* Effect.forEach(heldOut, (path) => PromptFile.make({ path }))
  return Curate.source(source, {
    ...(dedupe !== undefined && dedupe !== "exact" && { dedupe }),
    ...(alike !== undefined && { alike }),
    ...(held.length > 0 && { heldOut: held }),
    ...(onLeak !== undefined && { onLeak }),
    ...(scrub && { scrub: scrubOf(country) }),
    ...(language.length > 0 && { languages: language }),
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength })
  })
})

/** The held-out files again, for a comparison of vectors: as they are, or scrubbed like the prompts, since they are sent too. */
export const heldOutOf = Effect.fnUntraced(function* (
  { country, heldOut = [], onLeak, scrub = false }: IntakeSpec,
  cosine: number
) {
  const files = yield* Effect.forEach(heldOut, (path) => PromptFile.make({ path }))
  const sources = scrub ? files.map((file) => Curate.source(file, { scrub: scrubOf(country) })) : files
  return { sources, cosine, ...(onLeak !== undefined && { onLeak }) }
})
