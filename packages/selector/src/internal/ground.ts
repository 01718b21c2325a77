/**
 * Rows with lower bounds of their cosines at an aim: all rows, in shards that threads read, or some that were copied
 * together. A sweep bounds all of them, and tells which of them could have won a step of a run that was guessed among fewer.
 */
import type { SelectionError } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type { Aim } from "./direction.js"
import type { Directions } from "./directions.js"
import { type Asked, askedOf } from "./measure.js"
import { margin, never, type Shard, unknown } from "./quantised.js"
import { type Tree, treeOf } from "./tree.js"

const bins = 2048
/** Cosines from the first bin to the last. */
const range = 0.5

/** A guessed step, by the aim that it was made at and the cosine of what it chose. */
export interface Guessed {
  readonly aim: Aim
  readonly asked: Asked
  readonly cosine: number
}

/** Guessed steps behind an aim at which all rows were bounded; rows of the pool are ruled out of them already. */
export interface Guesses {
  readonly from: Aim
  readonly steps: ReadonlyArray<Guessed>
  readonly pool: Uint32Array
}

export interface Swept {
  /** No open row's cosine is certain to be below it. */
  readonly least: number
  /** Rows that could not be ruled out of a step; `overflow` if too many. */
  readonly suspects: ReadonlyArray<readonly [row: number, step: number]> | "overflow"
}

/** Where a row is: in which shard, and as which of it. */
type Place = readonly [shard: Shard, at: number]

export class Ground {
  readonly n: number
  /** How many threads sweep it. */
  readonly threads: number
  /** The most steps of one run. */
  readonly mostSteps: number
  /** Bounds computed so far, one a row and sweep and those that proofs took besides. */
  bounds = 0
  readonly shards: ReadonlyArray<Shard>
  /** The aim at which bases are the rows' cosines; none has one where there is no reference. */
  reference: Aim | undefined
  readonly #directions: Directions
  /** The ground that these rows were copied from, and which of it they are, rising. */
  readonly #of: readonly [Ground, Uint32Array] | undefined
  readonly #each: number
  readonly #list: Uint32Array

  private constructor(
    shards: ReadonlyArray<Shard>,
    directions: Directions,
    of: readonly [Ground, Uint32Array] | undefined
  ) {
    this.shards = shards
    this.#directions = directions
    this.#of = of
    this.reference = of?.[0].reference
    this.#each = shards[0]?.n ?? 1
    this.n = shards.reduce((sum, { n }) => sum + n, 0)
    this.threads = shards.filter(({ thread }) => thread !== undefined).length + 1
    this.mostSteps = shards[0]?.table.steps ?? 1
    this.#list = new Uint32Array(this.n)
  }

  /** All rows, one behind the other. */
  static all(shards: ReadonlyArray<Shard>, directions: Directions): Ground {
    return new Ground(shards, directions, undefined)
  }

  /** Copies some rows, rising, to a shard that has room for them. */
  gather(rows: Uint32Array, shard: Shard): Ground {
    shard.n = rows.length
    const { d, instance } = shard
    const base = shard.floats(shard.base)
    const scale = shard.floats(shard.scale)
    const lost = shard.floats(shard.lost)
    const parts = this.shards.map((one) => ({
      q: one.instance.arena.bytes(one.q, one.n * d),
      scale: one.floats(one.scale),
      lost: one.floats(one.lost),
      base: one.floats(one.base)
    }))
    const q = instance.arena.bytes(shard.q, shard.n * d)
    for (let k = 0; k < rows.length; k++) {
      const place = this.#indexOf(rows[k] as number)
      const from = Math.floor(place / this.#each)
      const part = parts[from] as (typeof parts)[number]
      const at = place - from * this.#each
      q.set(part.q.subarray(at * d, (at + 1) * d), k * d)
      scale[k] = part.scale[at] as number
      lost[k] = part.lost[at] as number
      base[k] = part.base[at] as number
    }
    return new Ground([shard], this.#directions, [this, rows])
  }

  /** Which of this ground's rows a row is. */
  #indexOf(row: number): number {
    if (this.#of === undefined) return row
    const [, rows] = this.#of
    let from = 0
    let to = rows.length - 1
    while (from < to) {
      const middle = (from + to) >> 1
      if ((rows[middle] as number) < row) from = middle + 1
      else to = middle
    }
    return from
  }

  has(row: number): boolean {
    return this.#of === undefined || this.#of[1][this.#indexOf(row)] === row
  }

  placeOf(row: number): Place {
    const index = this.#indexOf(row)
    const shard = Math.floor(index / this.#each)
    return [this.shards[shard] as Shard, index - shard * this.#each]
  }

  /** The cosine at the reference, what stands for an unknown one, or for a closed row. */
  setBase(row: number, base: number): void {
    const [shard, at] = this.placeOf(row)
    const parent = this.#of?.[0]
    const isOwn = parent !== undefined && parent.reference !== this.reference
    shard.floats(shard.base)[at] = isOwn && base < never ? unknown : base
    parent?.setBase(row, base)
  }

  /** Exact scores of all rows against an aim's sum become their bases: for a pool of many rows that are nearly alike. */
  rebase(aim: Aim, scoreOf: (rows: Uint32Array) => Float64Array): void {
    const [shard] = this.shards as readonly [Shard]
    const scores = scoreOf(this.#of?.[1] ?? new Uint32Array(0))
    const base = shard.floats(shard.base)
    for (let k = 0; k < scores.length; k++) base[k] = (scores[k] as number) / aim.length
    this.reference = aim
  }

  /** How the kernels are asked about an aim while the reference stays. */
  asked(aim: Aim): Asked {
    return askedOf(aim, this.reference, this.#directions)
  }

  /** One sweep: every row's lower bound at an aim to `low`; the run began at an aim whose bounds are in the other one. */
  readonly sweep = Effect.fnUntraced(
    { self: this },
    function* (
      this: Ground,
      aim: Aim,
      asked: Asked,
      low: 0 | 1,
      run?: Guesses
    ): Effect.fn.Return<Swept, SelectionError> {
      const tree = run === undefined ? undefined : this.#treeOf(run, aim, low)
      const steps = run?.steps ?? []
      for (const shard of this.shards) {
        const { table } = shard
        for (const [k, { aim, asked, cosine }] of steps.entries()) {
          table.ask(k, asked.reference === this.reference ? asked : this.asked(aim), cosine + margin)
        }
        table.ask(steps.length, asked)
        table.begin(low, tree)
        shard.start("sweep", table.at)
      }
      let least: number = never
      for (const shard of this.shards) least = Math.min(least, yield* shard.answer)
      this.bounds += this.n
      const suspects: Array<readonly [number, number]> = []
      let isTooMany = false
      for (const { from, table } of this.shards) {
        this.bounds += table.bounds
        const { suspects: found } = table
        if (found === "overflow") isTooMany = true
        else for (const [at, step] of found) suspects.push([this.#rowAt(from + at), step])
      }
      return { least, suspects: isTooMany ? "overflow" : suspects }
    }
  )

  #rowAt(index: number): number {
    return this.#of === undefined ? index : (this.#of[1][index] as number)
  }

  #treeOf({ from, pool, steps }: Guesses, end: Aim, low: 0 | 1): Tree {
    for (const row of pool) {
      const [shard, at] = this.placeOf(row)
      shard.floats(shard.low[(1 - low) as 0 | 1])[at] = never
    }
    this.#directions.put(0, from.unit)
    for (const [k, { aim }] of steps.entries()) this.#directions.put(k + 1, aim.unit)
    this.#directions.put(steps.length + 1, end.unit)
    return treeOf(
      this.#directions,
      steps.map(({ cosine }) => cosine + margin)
    )
  }

  /** A sweep of few rows, here and now, without a run. */
  bound(asked: Asked): number {
    const [shard] = this.shards as readonly [Shard]
    shard.table.ask(0, asked)
    shard.table.begin(0, undefined)
    this.bounds += this.n
    return shard.instance.kernels.sweep(shard.table.at)
  }

  /** Rows with a lower bound of at most `most`, rising. A view that the next call overwrites. */
  atMost(low: 0 | 1, most: number): Uint32Array {
    let count = 0
    for (const { from, instance, list, low: lows, n } of this.shards) {
      const found = instance.arena.words(list, instance.kernels.atMost(lows[low], n, most, list))
      for (let k = 0; k < found.length; k++) this.#list[count++] = this.#rowAt(from + (found[k] as number))
    }
    return this.#list.subarray(0, count)
  }

  /** How many rows have a lower bound of at most the cosine asked for. */
  counts(low: 0 | 1, from: number): (cosine: number) => number {
    const sums = new Float64Array(bins + 1)
    for (const { blocks, instance, low: lows, n } of this.shards) {
      const at = blocks[0]
      instance.kernels.histogram(lows[low], n, from, bins / range, bins, at)
      const counts = new Int32Array(instance.arena.buffer, at, bins)
      for (let bin = 0; bin < bins; bin++) sums[bin + 1] = (sums[bin + 1] as number) + (counts[bin] as number)
    }
    for (let bin = 0; bin < bins; bin++) sums[bin + 1] = (sums[bin + 1] as number) + (sums[bin] as number)
    return (cosine) => {
      const bin = Math.ceil(((cosine - from) * bins) / range)
      return bin >= bins ? this.n : (sums[Math.max(0, bin)] as number)
    }
  }
}
