/** `consortium select`: the first two stages alone, with the curve and the coverage that help to choose how to stop. */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { PromptId } from "@consortium/core/Ids"
import type { RunEvent } from "@consortium/core/RunEvent"
import { Seed } from "@consortium/core/Seed"
import { StopRule } from "@consortium/core/Selection"
import * as MatrixFile from "@consortium/embeddings/MatrixFile"
import { type Prompts, type Selected, selectPrompts, type Vectors } from "@consortium/pipeline/SelectPrompts"
import { embeddingCacheOf } from "./internal/embeddingCache.js"
import { exitCodes } from "./internal/endings.js"
import { environment } from "./internal/environment.js"
import { ended } from "./internal/failures.js"
import { heldOutOf, sourceOf } from "./internal/intake.js"
import { isIntake, saidOf } from "./internal/intakeSpec.js"
import type { SelectFlags } from "./internal/selectFlags.js"
import { guardIn, ruleOf } from "./internal/selectRule.js"
import * as Progress from "./Progress.js"
import * as Registry from "./Registry.js"
import { prices } from "./Resolve.js"
import { renderSelection } from "./SelectSummary.js"
import { UsageError } from "./Settings.js"

const defaults = { out: "./consortium-selection", embedder: "lexical/default", seed: 0 } as const

const usage = (detail: string) => new UsageError({ detail })

const decodeStop = Schema.decodeUnknownEffect(StopRule)

const stopOf = ({ target, tripwire }: SelectFlags) =>
  target === undefined && tripwire === undefined
    ? Effect.fail(
        usage("say when to stop: --target N (how many prompts), --tripwire COS (how similar is too similar), or both")
      )
    : Effect.mapError(
        decodeStop({
          ...(target !== undefined && { targetSize: target }),
          ...(tripwire !== undefined && { tripwire })
        }),
        (error) => usage(error.message)
      )

const Earlier = Schema.fromJsonString(Schema.Struct({ id: PromptId }))
const decodeEarlier = Schema.decodeUnknownSync(Earlier)

/** The ids of an earlier `selection.jsonl`. */
const earlierIds = (file: string) =>
  Effect.try({
    try: () =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => decodeEarlier(line).id),
    catch: (cause) =>
      usage(`--earlier ${file}: ${cause instanceof Error ? cause.message : "can't be read"}; give a selection.jsonl`)
  })

type Hear = (event: RunEvent) => Effect.Effect<void>

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** What the vectors are compared with besides one another; a stratum's own guard is no guard between strata. */
const meaningOf = Effect.fnUntraced(function* (flags: SelectFlags) {
  const guard = yield* Effect.mapError(Effect.fromResult(guardIn(flags)), usage)
  const { heldOut = [], leakCosine } = flags
  if (leakCosine !== undefined && heldOut.length === 0) return yield* usage("--leak-cosine is for --held-out FILE")
  return {
    guard: guard === "adaptive" && flags.by !== undefined ? "off" : guard,
    ...(leakCosine !== undefined && { heldOut: yield* heldOutOf(flags, leakCosine) })
  } as const
})

/** Vectors where the file holds them, prompts elsewhere. */
const inputOf = Effect.fnUntraced(function* (flags: SelectFlags, hear: Hear) {
  const { by, dimension, embedder, embeddingCache, idColumn, ids, leakCosine, limit, prompts: path } = flags
  const { tooLong, vectorColumn, weight } = flags
  if (path !== "-" && (vectorColumn !== undefined || (yield* MatrixFile.holdsVectors(path)))) {
    const forPrompts = { by, weight, embedder, embeddingCache, tooLong, limit, leakCosine, ...saidOf(flags) }
    const needless = Object.entries(forPrompts).find(([, value]) => value !== undefined)
    if (needless !== undefined) return yield* usage(`--${kebab(needless[0])} is for prompts; ${path} holds vectors`)
    const vectors: Vectors = {
      matrix: MatrixFile.load({
        path,
        ...(dimension !== undefined && { dimension }),
        ...(ids !== undefined && { ids }),
        ...(vectorColumn !== undefined && { column: vectorColumn }),
        ...(idColumn !== undefined && { idColumn })
      }).pipe(
        Effect.tap(({ matrix, scaled }) =>
          scaled === 0
            ? Effect.void
            : hear({
                _tag: "Warned",
                what: `${scaled} of ${matrix.rows} vectors were not of length 1 and are scaled to it`
              })
        ),
        Effect.map(({ matrix }) => matrix)
      )
    }
    return vectors
  }
  const forVectors = Object.entries({ dimension, ids, idColumn }).find(([, value]) => value !== undefined)
  if (forVectors !== undefined)
    return yield* usage(`--${kebab(forVectors[0])} is for ready vectors; ${path} holds prompts`)
  const cache = yield* embeddingCacheOf(embeddingCache)
  const registry = yield* Registry.Registry
  const prompts: Prompts<never> | Prompts<{ _tag: string; message: string; isRetryable: boolean }> = {
    source: yield* sourceOf({ path, ...(limit !== undefined && { limit }) }, flags),
    embedder: yield* Effect.mapError(registry.embedder(embedder ?? defaults.embedder), (error) => usage(error.message)),
    skipInvalid: flags.skipInvalid,
    prices,
    ...(cache !== undefined && { embeddingCache: cache }),
    ...(tooLong !== undefined && { tooLong }),
    ...(yield* meaningOf(flags)),
    ...(by !== undefined && { by }),
    ...(weight !== undefined && { weight })
  }
  return prompts
})

/** Everything that was said, as it stands in `selection.json`. */
const settingsOf = (flags: SelectFlags): Readonly<Record<string, Schema.Json>> => {
  const { curve: _, embeddingCache: ____, json: __, out: ___, ...said } = flags
  const others = Object.entries(said).filter(([name]) => !isIntake(name))
  return { rule: "fence", ...Object.fromEntries(others), ...saidOf(flags) }
}

const program = (flags: SelectFlags, hear: Hear) =>
  Effect.gen(function* () {
    const stop = yield* stopOf(flags)
    const seed = Seed.make(flags.seed ?? defaults.seed)
    const selector = ruleOf(flags, stop, seed)
    if (selector instanceof UsageError) return yield* selector
    const earlier = flags.earlier === undefined ? undefined : yield* earlierIds(flags.earlier)
    return yield* Effect.gen(function* () {
      return yield* selectPrompts({
        input: yield* inputOf(flags, hear),
        out: flags.out ?? defaults.out,
        selector,
        seed,
        centred: flags.centre,
        settings: settingsOf(flags),
        onEvent: hear,
        ...(earlier !== undefined && { earlier }),
        ...(flags.concurrency !== undefined && { concurrency: flags.concurrency })
      })
    }).pipe(Effect.provide(Registry.layer(seed)))
  }).pipe(Effect.scoped)

const finished = (selected: Selected, { curve, json }: SelectFlags): number => {
  process.stdout.write(json ? `${JSON.stringify({ _tag: "Chosen", ...selected })}\n` : renderSelection(selected, curve))
  return exitCodes.done
}

/** Selects to an exit code; nothing that happens inside is thrown. */
export const execute = async (flags: SelectFlags, options: { readonly signal: AbortSignal }): Promise<number> => {
  const progress = Progress.make({
    isTTY: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 80,
    write: (text) => void process.stderr.write(text)
  })
  const hear = (event: RunEvent) =>
    Effect.sync(() => {
      if (flags.json) process.stdout.write(`${JSON.stringify(event)}\n`)
      progress.hear(event)
    })
  const exit = await Effect.runPromiseExit(Effect.provide(program(flags, hear), environment), {
    signal: options.signal
  })
  progress.close()
  return Exit.isSuccess(exit) ? finished(exit.value, flags) : ended(exit.cause, flags.json)
}
