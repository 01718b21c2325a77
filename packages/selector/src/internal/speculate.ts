/**
 * The fence at a fraction of its passes, with the same picks: guess a run of steps inside a small pool of likely rows,
 * exactly, then prove by one sweep over all rows that no row outside could have won any of them.
 *
 * A row that a sweep can't rule out of a run by its bounds before and behind it is bounded again at the run's middle step,
 * and so on by halves, while it is at hand (`tree.ts`); the last ones are scored exactly. A row that would have won takes
 * the run back to that step. A pool's steps are guessed and proven in the same way, inside a smaller one.
 */
import type { VectorRows } from "@consortium/core/EmbeddingMatrix"
import type { SelectionError } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Bounds } from "./bounds.js"
import { Collection, type Found } from "./collection.js"
import { type Aim, aimAt } from "./direction.js"
import type { Ground, Guessed, Guesses, Swept } from "./ground.js"
import type { Asked } from "./measure.js"
import { type Gauge, narrow, planOf, startGauge, turnBetween, turnOf, widen } from "./plan.js"
import { begin, winner } from "./race.js"
import { Renewal } from "./renewal.js"
import { cosineOf } from "./score.js"

/** A choice: the row, its canonical score, and the length of the sum that it was scored against. */
export interface Choice {
  readonly row: number
  readonly score: number
  readonly length: number
}

/** A step, and what it takes to go back to it. */
interface Step extends Guessed {
  readonly choice: Choice
  /** How many rows were chosen before it. */
  readonly size: number
  /** Rows that were passed over for it, since a chosen one stands for them. */
  readonly passed: ReadonlyArray<number>
}

/** A run of guessed steps behind a certain one. */
interface Run extends Guesses {
  readonly steps: ReadonlyArray<Step>
}

/** The steps that are proven now, in order, and the certain one behind them, which is not taken yet. */
export interface Proof {
  readonly proven: ReadonlyArray<Step>
  /** `none` where no row is open, `again` where a guess was wrong and the sum is back at that step. */
  readonly certain: Step | "none" | "again"
}

/** Below this length of the sum one pick turns it too far for guesses. */
const shortestSum = 1.2
/** Smaller pools are not worth another one inside. */
const nestedFrom = { rows: 128, steps: 8 }

export interface Counts {
  readonly bounds: number
  /** Of these, inside pools. */
  readonly pooled: number
  readonly exact: number
  readonly based: number
  readonly rebases: number
  readonly rollbacks: number
}

/** What all levels share. */
interface Shared {
  readonly bounds: Bounds
  readonly collection: Collection
  readonly gauges: ReadonlyArray<Gauge>
  readonly renewal: Renewal
  /** Likely winners of the next step. */
  next: ReadonlyArray<number>
  rollbacks: number
  /** Bounds, and exact bases, inside pools. */
  pooled: number
  based: number
}

export class Speculation {
  readonly collection: Collection
  readonly #shared: Shared
  readonly #ground: Ground
  readonly #level: number
  #run: Run | undefined
  #now: 0 | 1 = 0

  private constructor(shared: Shared, ground: Ground, level: number) {
    this.collection = shared.collection
    this.#shared = shared
    this.#ground = ground
    this.#level = level
  }

  /** Nothing where the runtime has no kernels for it. */
  static readonly make = Effect.fnUntraced(function* (
    matrix: VectorRows,
    guard: number | undefined,
    threads: number,
    isSummed: boolean
  ): Effect.fn.Return<Speculation | undefined, SelectionError, Scope.Scope> {
    const bounds = yield* Bounds.make(matrix, threads, isSummed)
    if (bounds === undefined) return undefined
    const collection = new Collection(matrix, guard)
    const gauges = [startGauge(), startGauge()]
    return new Speculation(
      {
        bounds,
        collection,
        gauges,
        renewal: new Renewal(bounds, collection),
        next: [],
        rollbacks: 0,
        pooled: 0,
        based: 0
      },
      bounds.all,
      0
    )
  })

  /** The rows that can be the most typical one. */
  get typical(): Effect.Effect<Uint32Array, SelectionError> {
    return this.#shared.bounds.typical()
  }

  get counts(): Counts {
    const { based, bounds, collection, pooled, rollbacks } = this.#shared
    const { all, rebases } = bounds
    return {
      bounds: all.bounds + pooled,
      pooled,
      exact: collection.exact,
      based: bounds.based + based,
      rebases,
      rollbacks
    }
  }

  /** Whether guesses are still to be proven. */
  get isGuessing(): boolean {
    return this.#run !== undefined
  }

  take(row: number): void {
    this.collection.take(row)
    this.#shared.bounds.close(this.#ground, row)
  }

  /** A chosen row stands for it. */
  cover(row: number): void {
    this.collection.cover(row)
    this.#shared.bounds.close(this.#ground, row)
  }

  #uncover(row: number): void {
    this.collection.uncover(row)
    this.#shared.bounds.open(this.#ground, row)
  }

  /** One sweep: proves the run before it, then finds the next row for certain. The sum must have a direction. */
  readonly prove = Effect.fnUntraced({ self: this }, function* (this: Speculation): Effect.fn.Return<
    Proof,
    SelectionError
  > {
    const aim = aimAt(this.collection.sum)
    const asked = this.#ground.asked(aim)
    const low = this.#now
    const run = this.#run
    this.#run = undefined
    const swept = yield* this.#ground.sweep(aim, asked, low, run)
    if (run !== undefined) {
      const broken = this.#firstBroken(run, swept.suspects)
      if (broken !== undefined) {
        this.#rollBack(run, broken)
        return { proven: run.steps.slice(0, broken), certain: "again" }
      }
      narrow(this.#gauge)
    }
    const least = this.#level === 0 ? yield* this.#shared.renewal.renewed(aim, low, swept.least) : swept.least
    return { proven: run?.steps ?? [], certain: yield* this.#certain(aim, asked, low, least) }
  })

  get #gauge(): Gauge {
    return this.#shared.gauges[this.#level] as Gauge
  }

  /** Takes the certain step and guesses on behind it, `most` steps at most, none with a cosine above `tripwire`. */
  readonly goOn = Effect.fnUntraced(
    { self: this },
    function* (
      this: Speculation,
      { aim, choice, cosine }: Step,
      most: number,
      tripwire: number
    ): Effect.fn.Return<void, SelectionError> {
      const low = this.#now
      this.take(choice.row)
      this.#now = low === 0 ? 1 : 0
      if (aim.length < shortestSum || most < 1) return
      const { meanLost, rooms } = this.#shared.bounds
      const { reference } = this.#ground
      const room = rooms[this.#level]
      if (room === undefined) return
      const { cut, steps } = planOf({
        ground: this.#ground,
        low,
        gauge: this.#gauge,
        cosine,
        aim,
        lost: meanLost * (reference === undefined ? 1 : turnBetween(reference, aim) + turnOf(0, aim.length)),
        most: Math.min(most + 1, this.#ground.mostSteps),
        capacity: room.capacity,
        isNested: this.#level + 1 < rooms.length
      })
      if (steps < 2) return
      const pool = this.#ground.atMost(low, cut).filter((row) => this.collection.isOpen(row))
      if (pool.length < 16 || pool.length > room.capacity) return
      const inner = new Speculation(this.#shared, this.#ground.gather(pool, room), this.#level + 1)
      const isNested = this.#level + 1 < rooms.length && pool.length >= nestedFrom.rows && steps >= nestedFrom.steps
      const before = this.collection.exact
      const isExact = this.#level === 0 && this.#gauge.exact * steps > pool.length
      if (isExact) inner.#ground.rebase(aim, (rows) => this.#shared.bounds.scoresOf(aim.sum, rows))
      const guessed = isNested ? yield* inner.#proven(steps - 1, tripwire) : inner.#plain(steps - 1, tripwire)
      this.#shared.pooled += inner.#ground.bounds
      // With exact bases few are scored: what it would be without is remembered, and forgotten by and by.
      const exact = isExact ? 0.95 * this.#gauge.exact : (this.collection.exact - before) / Math.max(1, guessed.length)
      this.#gauge.exact = Math.max(exact, 0.5 * this.#gauge.exact)
      if (isExact) this.#shared.based += pool.length
      if (guessed.length > 0) this.#run = { from: aim, steps: guessed, pool }
    }
  )

  /** The exact winner among all rows that their bounds leave in the race. */
  readonly #certain = Effect.fnUntraced(
    { self: this },
    function* (this: Speculation, aim: Aim, asked: Asked, low: 0 | 1, least: number): Effect.fn.Return<Step | "none"> {
      const { collection } = this
      const passed: Array<number> = []
      const look = (most: number) => collection.lookAt(this.#ground.atMost(low, most))
      const pass = (row: number) => {
        passed.push(row)
        this.cover(row)
      }
      const race = begin(collection, aim.length, least, this.#likely(), look)
      let found = winner(collection, race, look, pass)
      while (found === "more") {
        yield* Effect.yieldNow
        found = winner(collection, race, look, pass)
      }
      return this.#stepOf(found, aim, asked, passed)
    }
  )

  /** The likely winners that are of this ground. */
  #likely(): ReadonlyArray<number> {
    return this.#shared.next.filter((row) => this.#ground.has(row))
  }

  #stepOf(found: Found | undefined, aim: Aim, asked: Asked, passed: ReadonlyArray<number>): Step | "none" {
    this.#shared.next = found?.next ?? []
    if (found === undefined) {
      if (this.#level > 0) for (const row of passed) this.#uncover(row)
      return "none"
    }
    const { row, score } = found
    const choice = { row, score, length: aim.length }
    return { aim, asked, cosine: cosineOf(score, aim.length), choice, size: this.collection.size, passed }
  }

  /** Steps of a pool, guessed inside smaller ones and proven in this. */
  readonly #proven = Effect.fnUntraced(
    { self: this },
    function* (
      this: Speculation,
      most: number,
      tripwire: number
    ): Effect.fn.Return<ReadonlyArray<Step>, SelectionError> {
      const steps: Array<Step> = []
      for (;;) {
        const { certain, proven } = yield* this.prove()
        steps.push(...proven)
        if (certain === "again") continue
        if (certain === "none") return steps
        if (steps.length >= most || certain.cosine > tripwire || certain.aim.length < shortestSum) {
          for (const row of certain.passed) this.#uncover(row)
          return steps
        }
        steps.push(certain)
        yield* this.goOn(certain, most - steps.length, tripwire)
      }
    }
  )

  /** Steps of a pool, each by a look at all of its rows. */
  #plain(most: number, tripwire: number): ReadonlyArray<Step> {
    const { collection } = this
    const look = (most: number) => collection.lookAt(this.#ground.atMost(0, most))
    const steps: Array<Step> = []
    while (steps.length < most) {
      const aim = aimAt(collection.sum)
      if (aim.length < shortestSum) break
      const asked = this.#ground.asked(aim)
      const passed: Array<number> = []
      const pass = (row: number) => {
        passed.push(row)
        this.cover(row)
      }
      const race = begin(collection, aim.length, this.#ground.bound(asked), this.#likely(), look)
      let found = winner(collection, race, look, pass)
      while (found === "more") found = winner(collection, race, look, pass)
      const step = this.#stepOf(found, aim, asked, passed)
      if (step === "none") break
      if (step.cosine > tripwire) {
        for (const row of passed) this.#uncover(row)
        break
      }
      steps.push(step)
      this.take(step.choice.row)
    }
    return steps
  }

  /** The first step that a row outside the pool would have won. */
  #firstBroken({ pool, steps }: Run, suspects: Swept["suspects"]): number | undefined {
    // Too many to look at: the run was too long.
    if (suspects === "overflow") return 0
    if (suspects.length === 0) return undefined
    const inPool = new Set(pool)
    for (const [row, at] of suspects.toSorted(([, a], [, b]) => a - b)) {
      if (inPool.has(row)) continue
      const { aim, choice, size } = steps[at] as Step
      const score = this.collection.scoreOf(aim.sum, row)
      if (score > choice.score || (score === choice.score && row > choice.row)) continue
      if (!this.collection.isCovered(row, size)) return at
    }
    return undefined
  }

  #rollBack(run: Run, to: number): void {
    this.#shared.rollbacks++
    widen(this.#gauge)
    const { aim, size } = run.steps[to] as Step
    for (const { choice, passed } of run.steps.slice(to)) {
      this.#shared.bounds.open(this.#ground, choice.row)
      for (const row of passed) this.#uncover(row)
    }
    this.collection.cut(size)
    this.collection.sum.set(aim.sum)
    this.#shared.next = []
  }
}
