/**
 * The fence at a fraction of its passes, with the same picks: guess a run of steps inside a small pool of likely rows,
 * exactly, then prove by one pass over all rows that no row outside could have won any of them.
 *
 * For a step between two passes the sum's direction is known by then: u = a·u₀ + c·u₁ + r with a, c ≥ 0, so a row's
 * cosine is at least a·low₀ + c·low₁ − |r|. Rows for which that is not enough are bounded again at the middle step, and
 * so on by halves; the last are scored exactly. A row that would have won takes the run back to that step.
 */
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import type { SelectionError } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Bounds } from "./bounds.js"
import { Collection, type Found } from "./collection.js"
import { type Aim, aimAt, dotOf } from "./direction.js"
import { margin } from "./quantised.js"
import { begin, winner } from "./race.js"
import { isSuspect, testOf } from "./ruling.js"
import { cosineOf } from "./score.js"

/** A choice: the row, its canonical score, and the length of the sum that it was scored against. */
export interface Choice {
  readonly row: number
  readonly score: number
  readonly length: number
}

/** A guessed step: what it chose, from which aim. */
interface Step {
  readonly aim: Aim
  readonly choice: Choice
  /** How many rows were chosen before it. */
  readonly size: number
  /** Rows that were passed over for it, since a chosen one stands for them. */
  readonly passed: ReadonlyArray<number>
}

/** A run of guessed steps behind a certain one. */
interface Run {
  readonly aim: Aim
  readonly low: 0 | 1
  readonly steps: ReadonlyArray<Step>
  readonly inPool: Uint8Array
}

/** Below this length of the sum one pick turns it too far for guesses. */
const shortestSum = 8
/** The base is renewed when the direction has turned by this. */
const farFromBase = 0.2
/** Costs in rows read, by which the length of a run is chosen; measured on clustered and on real prompts. */
const poolCost = 7
const suspectCost = 25
const lengths = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128]

/** The choices that are proven now, in order, and the certain one behind them. */
export interface Proof {
  readonly proven: ReadonlyArray<Choice>
  readonly certain: Choice | "none" | "again"
}

export interface Counts {
  readonly passes: number
  readonly rebases: number
  readonly exact: number
  readonly rollbacks: number
}

export class Speculation {
  readonly collection: Collection
  readonly #bounds: Bounds
  #run: Run | undefined
  #now: 0 | 1 = 0
  #next: ReadonlyArray<number> = []
  #width = 0.2
  #reach = 1
  #rollbacks = 0

  private constructor(collection: Collection, bounds: Bounds) {
    this.collection = collection
    this.#bounds = bounds
  }

  /** Nothing where the runtime has no kernels for it. */
  static readonly make = Effect.fnUntraced(function* (
    matrix: EmbeddingMatrix,
    guard: number | undefined,
    threads: number
  ): Effect.fn.Return<Speculation | undefined, SelectionError, Scope.Scope> {
    const bounds = yield* Bounds.make(matrix, threads)
    return bounds === undefined ? undefined : new Speculation(new Collection(matrix, guard), bounds)
  })

  get counts(): Counts {
    const { passes, rebases } = this.#bounds
    return { passes, rebases, exact: this.collection.exact, rollbacks: this.#rollbacks }
  }

  /** Whether guesses are still to be proven. */
  get isGuessing(): boolean {
    return this.#run !== undefined
  }

  take(row: number): void {
    this.collection.take(row)
    this.#bounds.close(row)
  }

  /** A chosen row stands for it. */
  cover(row: number): void {
    this.collection.cover(row)
    this.#bounds.close(row)
  }

  /**
   * One pass: proves the run before it, then finds the next row for certain. Answers the choices that are proven now,
   * in order, and the certain one, which is not taken yet: `none` where no row is open, `again` where a guess was wrong
   * and the sum is back at that step. The sum must have a direction.
   */
  readonly prove = Effect.fnUntraced({ self: this }, function* (this: Speculation): Effect.fn.Return<
    Proof,
    SelectionError
  > {
    const aim = aimAt(this.collection.sum)
    const low = this.#now
    let least = yield* this.#pass(aim, low)
    const run = this.#run
    if (run !== undefined) {
      this.#run = undefined
      const broken = this.#firstBroken(run, aim, low)
      if (broken !== undefined) {
        this.#rollBack(run, broken)
        return { proven: run.steps.slice(0, broken).map((step) => step.choice), certain: "again" }
      }
      this.#reach = Math.min(2, this.#reach * 1.03)
      this.#width = Math.max(0.05, this.#width * 0.94)
      if (this.#isFar(aim)) {
        yield* this.#bounds.rebase(aim)
        least = Math.min(least, this.#bounds.fromBase(low))
      }
    }
    const found = yield* this.#certain(aim, low, least)
    const certain = found === undefined ? "none" : { row: found.row, score: found.score, length: aim.length }
    return { proven: run === undefined ? [] : run.steps.map((step) => step.choice), certain }
  })

  /** Takes the certain choice and guesses on behind it, `most` steps at most, none with a cosine above `tripwire`. */
  goOn(certain: Choice, most: number, tripwire: number): void {
    const aim = aimAt(this.collection.sum)
    const low = this.#now
    const cosine = certain.score / certain.length
    this.take(certain.row)
    this.#now = this.#now === 0 ? 1 : 0
    if (this.#bounds.reference === undefined || most < 1) return
    const turn = turnOf(cosine, aim.length)
    const drift = turnBetween(this.#bounds.reference, aim) * this.#bounds.meanLost * 2
    const planned = Math.min(this.#plan(low, cosine, turn, drift), most + 1)
    if (planned < 2) return
    const gap = this.#width * turn * Math.sqrt(planned) + 0.0005 + drift / 2
    const cut = Math.cos(Math.max(0, Math.acos(clamp(cosine)) - gap))
    const rows = this.#bounds.atMost(low, cut).filter((row) => this.collection.isOpen(row))
    if (rows.length < 16 || rows.length > this.#bounds.capacity) return
    const run = this.#guess(aim, low, rows, planned - 1, tripwire)
    if (run.steps.length > 0) this.#run = run
  }

  readonly #pass = Effect.fnUntraced(
    { self: this },
    function* (this: Speculation, aim: Aim, low: 0 | 1): Effect.fn.Return<number, SelectionError> {
      const turn = turnOf(0, aim.length)
      const free = this.#run === undefined
      if (free && turn < 0.11 && (this.#bounds.reference === undefined || this.#isFar(aim))) {
        yield* this.#bounds.rebase(aim)
        return this.#bounds.fromBase(low)
      }
      if (free && turn >= 0.2 && this.#bounds.reference !== undefined) this.#bounds.forget()
      return yield* this.#bounds.pass(aim, low)
    }
  )

  #isFar(aim: Aim): boolean {
    const { reference } = this.#bounds
    return reference !== undefined && turnBetween(reference, aim) > farFromBase
  }

  /** The exact winner among all rows that their bounds leave in the race. */
  readonly #certain = Effect.fnUntraced(
    { self: this },
    function* (this: Speculation, aim: Aim, low: 0 | 1, least: number): Effect.fn.Return<Found | undefined> {
      const look = (most: number) => {
        for (const row of this.#bounds.atMost(low, most)) this.collection.look(row)
      }
      const race = begin(this.collection, aim.length, least, this.#next, look)
      for (;;) {
        const found = winner(this.collection, race, look, (row) => this.cover(row))
        if (found !== "more") {
          this.#next = found?.next ?? []
          return found
        }
        yield* Effect.yieldNow
      }
    }
  )

  /** How many steps to try: the length that reads the fewest rows a step, by what the bounds' distribution says. */
  #plan(low: 0 | 1, cosine: number, turn: number, drift: number): number {
    const count = this.#bounds.counts(low, cosine - 0.02)
    const angle = Math.acos(clamp(cosine))
    const within = (gap: number) => count(Math.cos(Math.max(0, angle - gap)))
    let best = this.#bounds.n * 0.95
    let steps = 1
    for (const length of lengths) {
      const pool = within(this.#width * turn * Math.sqrt(length) + 0.0005 + drift / 2)
      if (pool > this.#bounds.capacity - 64) break
      const suspects = Math.max(0, within(0.45 * turn * Math.sqrt(length) + drift / 2) - pool)
      const cost = (this.#bounds.n + pool * poolCost + suspects * suspectCost) / length + pool * 1.1
      if (cost < best) {
        best = cost
        steps = length
      }
    }
    return Math.max(1, Math.floor(steps * Math.min(1, this.#reach)))
  }

  #guess(aim: Aim, low: 0 | 1, rows: Uint32Array, most: number, tripwire: number): Run {
    const { collection } = this
    const bounds = this.#bounds
    const inPool = new Uint8Array(bounds.n)
    for (const row of rows) inPool[row] = 1
    const pool = bounds.gather(rows, aim, (row) => collection.scoreOf(aim.sum, row))
    const steps: Array<Step> = []
    while (steps.length < most) {
      const here = aimAt(collection.sum)
      if (here.length < shortestSum) break
      const passed: Array<number> = []
      const look = (most: number) => {
        for (const row of bounds.inPool(pool, most)) collection.look(row)
      }
      const pass = (row: number) => {
        passed.push(row)
        this.cover(row)
        bounds.closeInPool(pool, row)
      }
      const likely = this.#next.filter((row) => inPool[row] === 1)
      const race = begin(collection, here.length, bounds.boundPool(pool, here), likely, look)
      let found = winner(collection, race, look, pass)
      while (found === "more") found = winner(collection, race, look, pass)
      if (found === undefined || cosineOf(found.score, here.length) > tripwire) {
        for (const row of passed) this.#uncover(row)
        break
      }
      const choice = { row: found.row, score: found.score, length: here.length }
      steps.push({ aim: here, choice, size: collection.size, passed })
      this.#next = found.next
      this.take(found.row)
      bounds.closeInPool(pool, found.row)
    }
    return { aim, low, steps, inPool }
  }

  /** The first step that a row outside the pool would have won. */
  #firstBroken(run: Run, aim: Aim, low: 0 | 1): number | undefined {
    const cosine = dotOf(run.aim.unit, aim.unit)
    const tests = run.steps.map((step) => testOf(step.aim, winnerOf(step), run.aim, aim, cosine))
    const rows = this.#bounds.suspects(run.low, low, tests).filter((row) => run.inPool[row] === 0)
    if (rows.length === 0) return undefined
    const broken = this.#broken(
      run,
      rows,
      this.#bounds.lows(run.low, rows),
      run.aim,
      this.#bounds.lows(low, rows),
      aim,
      0,
      run.steps.length
    )
    return broken === Infinity ? undefined : broken
  }

  /** The same for steps `from` to `to`, between two aims at which these rows have these lower bounds. */
  #broken(
    run: Run,
    rows: Uint32Array,
    lowA: Float32Array,
    aimA: Aim,
    lowC: Float32Array,
    aimC: Aim,
    from: number,
    to: number
  ): number {
    if (from >= to) return Infinity
    const cosine = dotOf(aimA.unit, aimC.unit)
    const tests = Float64Array.from(
      run.steps.slice(from, to).flatMap((step) => testOf(step.aim, winnerOf(step), aimA, aimC, cosine))
    )
    const kept: Array<number> = []
    for (let k = 0; k < rows.length; k++) if (isSuspect(tests, lowA[k] as number, lowC[k] as number)) kept.push(k)
    if (kept.length === 0) return Infinity
    const left = Uint32Array.from(kept, (k) => rows[k] as number)
    if (to - from <= 1 || left.length <= 8) {
      for (let at = from; at < to; at++) if (this.#isBeaten(run, at, left)) return at
      return Infinity
    }
    const middle = (from + to) >> 1
    const step = run.steps[middle] as Step
    const lowM = this.#bounds.at(left, step.aim)
    const most = winnerOf(step) + margin
    const close = left.filter((_, k) => (lowM[k] as number) <= most)
    const here = this.#isBeaten(run, middle, close) ? middle : Infinity
    const pickA = Float32Array.from(kept, (k) => lowA[k] as number)
    const early = this.#broken(run, left, pickA, aimA, lowM, step.aim, from, middle)
    if (early < here) return early
    if (here < Infinity) return here
    const pickC = Float32Array.from(kept, (k) => lowC[k] as number)
    return this.#broken(run, left, lowM, step.aim, pickC, aimC, middle + 1, to)
  }

  /** Whether one of these rows that none chosen stands for has the lower canonical score, or an equal one and the lower row. */
  #isBeaten(run: Run, at: number, rows: Uint32Array): boolean {
    const { aim, choice, size } = run.steps[at] as Step
    return rows.some((row) => {
      const score = this.collection.scoreOf(aim.sum, row)
      if (score > choice.score || (score === choice.score && row > choice.row)) return false
      return !this.collection.isCovered(row, size)
    })
  }

  #rollBack(run: Run, to: number): void {
    this.#rollbacks++
    this.#width = Math.min(1, this.#width * 1.4)
    this.#reach = Math.max(0.25, this.#reach * 0.7)
    const { aim, size } = run.steps[to] as Step
    for (const { choice, passed } of run.steps.slice(to)) {
      this.#bounds.open(choice.row)
      for (const row of passed) this.#uncover(row)
    }
    this.collection.cut(size)
    this.collection.sum.set(aim.sum)
    this.#next = []
  }

  #uncover(row: number): void {
    this.collection.uncover(row)
    this.#bounds.open(row)
  }
}

/** The cosine of what a step chose. */
const winnerOf = ({ choice }: Step): number => choice.score / choice.length

const clamp = (cosine: number): number => Math.max(-1, Math.min(1, cosine))

/** The angle by which a pick of this cosine turns a sum of this length. */
const turnOf = (cosine: number, length: number): number =>
  Math.atan2(Math.sqrt(Math.max(0, 1 - cosine * cosine)), length + cosine)

/** The sine of the angle between two aims. */
const turnBetween = (a: Aim, b: Aim): number => Math.sqrt(Math.max(0, 1 - dotOf(a.unit, b.unit) ** 2))
