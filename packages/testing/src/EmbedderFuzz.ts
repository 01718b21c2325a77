/**
 * Broken answers for any embedder's wire: bodies of a subject's own spelling, cut, garbled and with other types in their
 * places. Whatever comes, a call ends in time with a batch of the promised shape or with a `ModelError`; it never dies.
 */
import type { Batch } from "@consortium/core/Embedder"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { Seed } from "@consortium/core/Seed"
import * as Effect from "effect/Effect"
import { type Row, type Spelling, type Subject, texts, vectorsOf } from "./EmbedderContract.js"
import { type Exchange, serve } from "./Exchanges.js"
import { keepsPromise } from "./internal/broken.js"
import { at, type Case } from "./internal/failures.js"
import { kinds, type Mutant, mutants } from "./internal/mutants.js"

export interface Options {
  /** Other seeds give other mutants. @default 1 */
  readonly seed?: number
  /** How many mutants of each kind and body are tried. @default 40 */
  readonly mutants?: number
  /** How long one call may take, in milliseconds of the wall clock. @default 5000 */
  readonly withinMillis?: number
}

const defaults = { seed: 1, mutants: 40, withinMillis: 5000 } satisfies Options

/** Whether these are so many rows of finite numbers. */
const isBatch =
  (count: number) =>
  (found: unknown): boolean => {
    const { data, space } = found as Batch
    return (
      data instanceof Float32Array &&
      space.dimension >= 1 &&
      data.length === count * space.dimension &&
      data.every(Number.isFinite)
    )
  }

const rowsOf = (spelling: Spelling): ReadonlyArray<Row> =>
  vectorsOf(spelling).map((vector, index) => ({ index, vector }))

/** The promises, for a test file to loop over: one case for each kind of breakage and body. */
export const cases = <R>(subject: Subject<R>, options: Options = {}): ReadonlyArray<Case<R>> => {
  const { mutants: count, seed, withinMillis } = { ...defaults, ...options }
  const { spelling } = subject
  const asked: NonEmpty<string> = spelling.oneByOne === true ? [texts[0]] : texts

  const over = (name: string, bodies: ReadonlyArray<Mutant>): Case<R> => ({
    name,
    run: Effect.gen(function* () {
      const player = yield* serve(bodies.map(({ body }): Exchange => ({ body })))
      const embedder = yield* subject.make(at(player))
      for (const one of bodies) {
        const call = embedder.embed(asked)
        yield* keepsPromise(`${name}, ${one.name}`, one.body, call, isBatch(asked.length), withinMillis)
      }
    })
  })

  const rows = rowsOf(spelling)
  return kinds.flatMap((kind) => [
    over(`rows, broken in their ${kind}`, mutants(spelling.whole(rows, 9), kind, Seed.make(seed), count)),
    over(`an error in a 200, broken in its ${kind}`, mutants(spelling.error("synthetic"), kind, Seed.make(seed), count))
  ])
}
