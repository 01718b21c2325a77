/** Loads a configuration file and says plainly what is wrong with one. */
import { createRequire } from "node:module"
import { existsSync, realpathSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import type { ConsortiumConfig } from "./Config.js"
import { read } from "./internal/fields.js"
import { UsageError } from "./Settings.js"

/** The folder of `effect` as a module in `from` would find it, or nothing. */
const effectOf = (from: string): string | undefined => {
  try {
    return dirname(realpathSync(createRequire(from).resolve("effect/package.json")))
  } catch {
    return undefined
  }
}

/** Two copies of Effect in one program do not know each other's values. */
const oneEffect = (file: string): Effect.Effect<void, UsageError> => {
  const theirs = effectOf(file)
  const ours = effectOf(import.meta.filename)
  return theirs === undefined || ours === undefined || theirs === ours
    ? Effect.void
    : Effect.fail(
        new UsageError({
          detail: `${file} would use another copy of effect (${theirs}) than the command (${ours}): install one version for both, for instance with npm dedupe`
        })
      )
}

const why = (cause: unknown): string => (cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause))

const check = (file: string, config: unknown): Effect.Effect<ConsortiumConfig, UsageError> =>
  config === undefined
    ? Effect.fail(
        new UsageError({ detail: `${file} has no default export: write \`export default defineConsortium({ … })\`` })
      )
    : Effect.mapError(Effect.fromResult(read(config)), (detail) => new UsageError({ detail: `${file}: ${detail}` }))

/** A configuration by its path; an empty one where there is no path. JSON files hold names only. */
export const load = Effect.fnUntraced(function* (path: string | undefined) {
  if (path === undefined) return {} satisfies ConsortiumConfig
  const file = resolve(path)
  if (!existsSync(file)) return yield* new UsageError({ detail: `${path}: no such configuration file: check the path` })
  const json = file.endsWith(".json")
  if (!json) yield* oneEffect(file)
  const options = json ? { with: { type: "json" } } : {}
  const module: { readonly default?: unknown } = yield* Effect.tryPromise({
    try: () => import(pathToFileURL(file).href, options),
    catch: (cause) => new UsageError({ detail: `${path} failed while it was loaded: ${why(cause)}` })
  })
  return yield* check(path, module.default)
})
