/**
 * Vectors that were paid for once, in a folder that runs and processes share: by text, embedder, its wire and options,
 * and a revision. A text is known by its SHA-256 and is not in the cache itself.
 */
import { hash } from "node:crypto"
import { renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { CallFailure } from "@consortium/core/Call"
import type { Batch, Embedder } from "@consortium/core/Embedder"
import { type Space, spaceKey } from "@consortium/core/EmbeddingMatrix"
import { isNonEmpty, map, type NonEmpty } from "@consortium/core/NonEmpty"
import { tell } from "@consortium/core/Receipt"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Segments } from "./internal/segments.js"

export interface Options {
  /** The folder; it is made where it is not there. Deleting it, or a folder in it, costs nothing but the vectors. */
  readonly directory: string
  /** Tells apart what the embedder's name does not: a server whose model was replaced. @default "" */
  readonly revision?: string
}

/** The folder can't be used. What is damaged in it is no error: it counts as absent. */
export class EmbeddingCacheError extends Schema.TaggedError<EmbeddingCacheError>()("EmbeddingCacheError", {
  directory: Schema.String,
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `embedding cache ${this.directory}: ${this.detail}: choose a folder that can be written, or leave the cache out`
  }
}

/** What a cache served and what it had to ask for, in texts. */
export interface Counts {
  hits: number
  asked: number
}

/** An embedder whose vectors are kept. */
export interface Cached<E extends CallFailure> extends Embedder<E> {
  /** Nothing where its vectors are not kept after all. */
  readonly counts: Readonly<Counts> | undefined
}

/** Characters without their other half are told apart, which UTF-8 does not. */
const keyOf = (text: string): string =>
  hash("sha256", text.isWellFormed() ? text : `\u0000${JSON.stringify(text)}`, "binary")

/** One folder for what decides the vectors besides the text. */
const folderOf = ({ directory, revision = "" }: Options, { ref, wire = "" }: Pick<Embedder, "ref" | "wire">) => {
  const about = { ref, wire, revision }
  const folder = join(directory, hash("sha256", JSON.stringify([1, ref, wire, revision])).slice(0, 32))
  return { about, folder }
}

const open = (options: Options, embedder: Embedder, now: () => number) =>
  Effect.try({
    try: () => {
      const { about, folder } = folderOf(options, embedder)
      const segments = new Segments(folder, now)
      // For people who look into the folder.
      const file = join(folder, "about.json")
      writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(about, undefined, 2)}\n`)
      renameSync(`${file}.${process.pid}`, file)
      return segments
    },
    catch: (cause) =>
      new EmbeddingCacheError({
        directory: options.directory,
        detail: cause instanceof Error ? cause.message : String(cause)
      })
  })

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/**
 * The embedder with its vectors kept, for as long as the scope. Put it outside of all middleware, so that a hit costs
 * nothing. Equal texts are asked once, also of batches in flight. A cache that can't be written is noted and passed by.
 * A local embedder whose `wire` does not say what decides its vectors stays as it is.
 */
export const cached = Effect.fnUntraced(function* <E extends CallFailure>(
  embedder: Embedder<E>,
  options: Options
): Effect.fn.Return<Cached<E>, EmbeddingCacheError, Scope.Scope> {
  if (embedder.local === true && embedder.wire === undefined) return { ...embedder, counts: undefined }
  const counts: Counts = { hits: 0, asked: 0 }
  const clock = yield* Clock.Clock
  const segments = yield* Effect.acquireRelease(
    open(options, embedder, () => clock.currentTimeMillisUnsafe()),
    (opened) => Effect.sync(() => opened.close())
  )
  const flights = new Map<string, Deferred.Deferred<void>>()

  /** Answers the rows of `keys` and keeps them; others who need them wait meanwhile. */
  const ask = (keys: NonEmpty<string>, texts: NonEmpty<string>): Effect.Effect<Batch, E> =>
    Effect.suspend(() => {
      const flight = Deferred.makeUnsafe<void>()
      for (const key of keys) flights.set(key, flight)
      counts.asked += keys.length
      return embedder.embed(texts).pipe(
        Effect.tap((batch) => {
          // A batch of another shape is refused by whoever asked for it.
          if (batch.data.length !== keys.length * batch.space.dimension) return Effect.void
          return Effect.catch(
            Effect.try(() => segments.append(batch.space, keys, batch.data)),
            ({ cause }) => tell({ _tag: "Note", source: "embedding cache", data: { unwritten: wordsOf(cause) } })
          )
        }),
        Effect.ensuring(
          Effect.sync(() => {
            for (const key of keys) flights.delete(key)
            Deferred.doneUnsafe(flight, Effect.void)
          })
        )
      )
    })

  const embed = Effect.fnUntraced(function* (texts: NonEmpty<string>): Effect.fn.Return<Batch, E> {
    const keys = map(texts, keyOf)
    const firstOf = new Map<string, number>()
    for (const [index, key] of keys.entries()) if (!firstOf.has(key)) firstOf.set(key, index)
    const fresh = new Map<string, Float32Array>()
    let space: Space | undefined
    let inputTokens: number | undefined
    let asked = 0

    for (;;) {
      let missing = [...firstOf.keys()].filter((key) => !fresh.has(key) && !segments.has(key))
      if (missing.length > 0) {
        segments.refresh()
        missing = missing.filter((key) => !segments.has(key))
      }
      const mine = missing.filter((key) => !flights.has(key))
      if (isNonEmpty(mine)) {
        const batch = yield* ask(
          mine,
          map(mine, (key) => texts[firstOf.get(key) ?? 0] ?? "")
        )
        const { dimension } = batch.space
        if (batch.data.length !== mine.length * dimension) return batch
        // A server that changes its model while it is asked: all rows of one call are of one space.
        if (space !== undefined && spaceKey(space) !== spaceKey(batch.space)) return yield* ask(keys, texts)
        space = batch.space
        for (const [row, key] of mine.entries())
          fresh.set(key, batch.data.subarray(row * dimension, (row + 1) * dimension))
        if (batch.inputTokens !== undefined) inputTokens = (inputTokens ?? 0) + batch.inputTokens
        asked += mine.length
        continue
      }
      const other = missing[0] === undefined ? undefined : flights.get(missing[0])
      if (other !== undefined) {
        yield* Deferred.await(other)
        continue
      }
      space ??= segments.spaceOf(keys[0])
      if (space === undefined) continue
      const { dimension } = space
      const wanted = spaceKey(space)
      const strange = keys.filter((key) => {
        const own = fresh.has(key) ? space : segments.spaceOf(key)
        return own === undefined || spaceKey(own) !== wanted
      })
      for (const key of strange) segments.forget(key)
      if (strange.length > 0) continue
      const data = new Float32Array(texts.length * dimension)
      const stored: Array<string> = []
      const places: Array<number> = []
      for (const [index, key] of keys.entries()) {
        const row = fresh.get(key)
        if (row === undefined) {
          stored.push(key)
          places.push(index)
        } else data.set(row, index * dimension)
      }
      if (segments.read(stored, places, data).length > 0) continue
      const hits = firstOf.size - asked
      counts.hits += hits
      if (asked === 0) yield* tell({ _tag: "CacheHit", key: Buffer.from(keys[0], "latin1").toString("hex", 0, 8) })
      else if (hits > 0) yield* tell({ _tag: "Note", source: "embedding cache", data: { hits, of: firstOf.size } })
      return { space, data, ...(inputTokens !== undefined && { inputTokens }) }
    }
  })
  return { ...embedder, embed, counts, knows: (text) => segments.has(keyOf(text)) }
})
