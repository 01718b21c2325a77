/**
 * Plackett–Luce with ties and a ridge: an order is a row of choices, each made with chances in proportion to e^θ.
 * Source: Luce 1959, Plackett 1975. A tie is the mean log-likelihood of all ways to break it, so that two candidates
 * give Bradley–Terry with ties as half wins; ties of more than eight take Efron's approximation (Efron 1977). Newton's
 * method on the posterior, ridge as in Bradley–Terry. It reads whole orders: offsets on preferences don't reach it.
 */
import { ridge } from "./BradleyTerry.js"
import { bySize, type Group, type Scorer } from "./internal/group.js"
import { backward, cholesky, forward, meanWins } from "./internal/linear.js"

/** Above this many, a tie is approximated. */
export const exactTies = 8

const limits = { steps: 50, step: 2, enough: 1e-10 } as const

/** `Σ gain θ − Σ weight log Σ share e^θ`: the log-likelihood as a sum of choices, in arrays that are used again. */
interface Choices {
  readonly gain: Float64Array
  readonly member: Array<number>
  readonly share: Array<number>
  readonly end: Array<number>
  readonly weight: Array<number>
}

const choose = (n: number, k: number): number => {
  let out = 1
  for (let i = 0; i < k; i++) out = (out * (n - i)) / (i + 1)
  return out
}

const add = (choices: Choices, tied: ReadonlyArray<number>, rest: ReadonlyArray<number>, weight: number): void => {
  const { gain, member, share, end } = choices
  const m = tied.length
  const close = (each: number) => {
    for (const a of rest) {
      member.push(a)
      share.push(1)
    }
    end.push(member.length)
    choices.weight.push(each)
  }
  for (const a of tied) gain[a] = (gain[a] as number) + weight
  if (m > exactTies) {
    for (let left = 1; left <= m; left++) {
      for (const a of tied) {
        member.push(a)
        share.push(left / m)
      }
      close(weight)
    }
    return
  }
  for (let subset = 1; subset < 1 << m; subset++) {
    let size = 0
    for (let i = 0; i < m; i++) {
      if (((subset >> i) & 1) === 0) continue
      size++
      member.push(tied[i] as number)
      share.push(1)
    }
    close(weight / choose(m, size))
  }
}

/** How many verdicts a judge gave on the pair that it met most often: what its orders' weight is divided by. */
const passesOf = (group: Group, judge: number): number => {
  let most = 1
  const cells = group.n * group.n
  for (let cell = 0; cell < cells; cell++) most = Math.max(most, group.heard[group.at + judge * cells + cell] as number)
  return most
}

const read = (group: Group, choices: Choices, tied: Array<number>, rest: Array<number>): void => {
  const { n, levels } = group
  choices.gain.fill(0)
  choices.member.length = choices.share.length = choices.end.length = choices.weight.length = 0
  for (let order = 0; order < group.orders; order++) {
    const judge = group.judgeOf[group.firstOrder + order] as number
    const weight = group.weights[judge] as number
    if (weight === 0) continue
    const each = weight / passesOf(group, judge)
    const at = group.levelsAt + order * n
    let last = -1
    for (let a = 0; a < n; a++) last = Math.max(last, levels[at + a] as number)
    for (let level = 0; level <= last; level++) {
      tied.length = rest.length = 0
      for (let a = 0; a < n; a++) {
        const mine = levels[at + a] as number
        if (mine === level) tied.push(a)
        else if (mine > level) rest.push(a)
      }
      if (tied.length > 0 && tied.length + rest.length > 1) add(choices, tied, rest, each)
    }
  }
}

interface Room {
  readonly choices: Choices
  readonly strengths: Float64Array
  readonly step: Float64Array
  readonly precision: Float64Array
  /** e^θ. */
  readonly power: Float64Array
}

const room = (n: number): Room => ({
  choices: { gain: new Float64Array(n), member: [], share: [], end: [], weight: [] },
  strengths: new Float64Array(n),
  step: new Float64Array(n),
  precision: new Float64Array(n * n),
  power: new Float64Array(n)
})

const slope = ({ choices, strengths: theta, step: gradient, precision, power }: Room, prior: number) => {
  const n = theta.length
  const { gain, member, share, end, weight } = choices
  precision.fill(0)
  for (let a = 0; a < n; a++) {
    power[a] = Math.exp(theta[a] as number)
    gradient[a] = (gain[a] as number) - prior * (theta[a] as number)
    precision[a * n + a] = prior
  }
  let from = 0
  for (let c = 0; c < end.length; c++) {
    const to = end[c] as number
    const w = weight[c] as number
    let sum = 0
    for (let i = from; i < to; i++) sum += (share[i] as number) * (power[member[i] as number] as number)
    for (let i = from; i < to; i++) {
      const a = member[i] as number
      const p = ((share[i] as number) * (power[a] as number)) / sum
      gradient[a] = (gradient[a] as number) - w * p
      precision[a * n + a] = (precision[a * n + a] as number) + w * p
      const each = (w * p) / sum
      // Cholesky's factor reads the lower triangle only.
      for (let k = from; k < to; k++) {
        const b = member[k] as number
        if (b > a) continue
        const q = (share[k] as number) * (power[b] as number)
        precision[a * n + b] = (precision[a * n + b] as number) - each * q
      }
    }
    from = to
  }
}

const solve = (mine: Room, prior: number): Float64Array => {
  const { strengths, step, precision } = mine
  const n = strengths.length
  strengths.fill(0)
  for (let round = 0; round < limits.steps; round++) {
    slope(mine, prior)
    cholesky(precision, n, precision)
    forward(precision, n, step)
    backward(precision, n, step)
    let moved = 0
    for (let a = 0; a < n; a++) {
      const by = Math.min(limits.step, Math.max(-limits.step, step[a] as number))
      strengths[a] = (strengths[a] as number) + by
      moved = Math.max(moved, Math.abs(by))
    }
    if (moved < limits.enough) break
  }
  return strengths
}

/** Strengths of groups, in arrays that each size of group shares. @param prior the ridge @default 0.3 */
export const solver = (prior: number = ridge): ((group: Group) => Float64Array) => {
  const rooms = bySize(room)
  const tied: Array<number> = []
  const rest: Array<number> = []
  return (group) => {
    const mine = rooms(group.n)
    read(group, mine.choices, tied, rest)
    return solve(mine, prior)
  }
}

/** A scorer: the mean chance of standing above another candidate, 0 to 1. */
export const scorer = (): Scorer => {
  const strengths = solver()
  return (group, out, to) => meanWins(strengths(group), out, to)
}
