/** What a sweep reads besides the rows, and the rows that it could not rule out, in a shard's memory. */
import type { Arena } from "./kernels.js"
import type { Asked } from "./measure.js"
import { groupNumbers, type Tree } from "./tree.js"

/** Rows and the steps that they could have won; `overflow` where there were more than there is room for. */
export type Suspects = ReadonlyArray<readonly [row: number, step: number]> | "overflow"

const mostSuspects = 1 << 13
const stackBytes = 1024
const numbersOfStep = 8

export const tableBytes = (d: number, steps: number): number =>
  (steps + 1) * (d * 4 + numbersOfStep * 4) +
  steps * 16 +
  groupNumbers(steps) * 4 +
  mostSuspects * 8 +
  stackBytes +
  1024

/** Where a shard has its rows. */
interface Rows {
  readonly q: number
  readonly scale: number
  readonly lost: number
  readonly base: number
  readonly low: readonly [number, number]
  readonly n: number
  readonly d: number
}

export class Table {
  readonly at: number
  /** How many steps there is room for. */
  readonly steps: number
  readonly #arena: Arena
  readonly #rows: Rows
  readonly #bare: number
  readonly #drift: number
  readonly #numbers: number
  readonly #nodes: number
  readonly #groups: number
  readonly #out: number
  readonly #stack: number

  /** Room for so many steps. */
  constructor(arena: Arena, rows: Rows, steps: number) {
    this.#arena = arena
    this.#rows = rows
    this.steps = steps
    this.at = arena.take(128)
    this.#bare = arena.take((steps + 1) * rows.d * 2)
    this.#drift = arena.take((steps + 1) * rows.d * 2)
    this.#numbers = arena.take((steps + 1) * numbersOfStep * 4)
    this.#nodes = arena.take(steps * 16)
    this.#groups = arena.take(groupNumbers(steps) * 4)
    this.#out = arena.take(mostSuspects * 8)
    this.#stack = arena.take(stackBytes)
  }

  /** An aim: a step's, or the end's behind them. @param most the cosine that a row's has to be above, for a step */
  ask(step: number, { bare, drift, numbers }: Asked, most = 0): void {
    const { d } = this.#rows
    const ints = (at: number) => new Int16Array(this.#arena.buffer, at + step * d * 2, d)
    ints(this.#bare).set(bare)
    if (drift !== undefined) ints(this.#drift).set(drift)
    const out = this.#arena.floats(this.#numbers + step * numbersOfStep * 4, numbersOfStep)
    out.set(numbers)
    out[7] = most
  }

  /** Which bounds to read and to write, and what rules rows out of the steps between, if there are any. */
  begin(low: 0 | 1, tree: Tree | undefined): void {
    const { base, d, lost, n, q, scale, low: lows } = this.#rows
    const steps = tree?.nodes.length ?? 0
    this.#arena
      .words(this.at, 17)
      .set([
        q,
        scale,
        lost,
        base,
        lows[1 - low] as number,
        lows[low],
        n,
        d,
        steps,
        this.#bare,
        this.#drift,
        this.#numbers,
        this.#nodes,
        this.#out,
        mostSuspects,
        this.#stack,
        0
      ])
    if (tree === undefined) return
    this.#arena.floats(this.at + 68, 1)[0] = tree.quick
    const nodes = this.#arena.words(this.#nodes, steps * 4)
    const quick = this.#arena.floats(this.#nodes, steps * 4)
    for (const [k, node] of tree.nodes.entries()) {
      nodes[k * 4] = this.#groups + node[0] * 48
      nodes[k * 4 + 1] = node[1]
      quick[k * 4 + 2] = node[2]
    }
    this.#arena.floats(this.#groups, tree.groups.length).set(tree.groups)
  }

  /** How many bounds the last sweep computed besides one a row. */
  get bounds(): number {
    return this.#arena.words(this.at + 72, 1)[0] as number
  }

  /** What the last sweep could not rule out; rows are numbered in the shard. */
  get suspects(): Suspects {
    const count = this.#arena.words(this.at + 64, 1)[0] as number
    if (count > mostSuspects) return "overflow"
    const pairs = this.#arena.words(this.#out, count * 2)
    return Array.from({ length: count }, (_, k) => [pairs[k * 2] as number, pairs[k * 2 + 1] as number] as const)
  }
}
