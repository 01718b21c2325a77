/** Loads a configuration file and says plainly what is wrong with one. */
import { createRequire } from "node:module"
import { existsSync, realpathSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import type { ConsortiumConfig } from "./Config.js"
import { UsageError } from "./Settings.js"

const fields: Record<keyof ConsortiumConfig, true> = {
  members: true,
  judges: true,
  select: true,
  embedder: true,
  samples: true,
  system: true,
  judgePrompt: true,
  seed: true,
  out: true,
  limit: true,
  concurrency: true,
  timeout: true,
  retry: true,
  quorum: true,
  skipInvalid: true,
  stages: true,
  prices: true
}

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

const check = (file: string, config: unknown): Effect.Effect<ConsortiumConfig, UsageError> => {
  const fail = (detail: string) => Effect.fail(new UsageError({ detail: `${file}: ${detail}` }))
  if (typeof config !== "object" || config === null) {
    return fail("has no default export: write `export default defineConsortium({ … })`")
  }
  const unknown = Object.keys(config).filter((name) => !Object.hasOwn(fields, name))
  if (unknown.length > 0) return fail(`unknown field ${unknown.join(", ")}; known: ${Object.keys(fields).join(", ")}`)
  for (const list of ["members", "judges"] as const) {
    const value: unknown = list in config ? Reflect.get(config, list) : undefined
    if (value !== undefined && !(Array.isArray(value) && value.length > 0)) return fail(`${list}: not a list of at least one`)
  }
  return Effect.succeed(config)
}

/** A configuration by its path; an empty one where there is no path. JSON files hold names only. */
export const load = Effect.fnUntraced(function* (path: string | undefined) {
  if (path === undefined) return {} satisfies ConsortiumConfig
  const file = resolve(path)
  if (!existsSync(file)) return yield* new UsageError({ detail: `${path}: no such configuration file` })
  yield* oneEffect(join(dirname(file), "consortium.config.ts"))
  const options = file.endsWith(".json") ? { with: { type: "json" } } : {}
  const module: { readonly default?: unknown } = yield* Effect.tryPromise({
    try: () => import(pathToFileURL(file).href, options),
    catch: (cause) => new UsageError({ detail: `${path} failed while it was loaded: ${why(cause)}` })
  })
  return yield* check(path, module.default)
})
