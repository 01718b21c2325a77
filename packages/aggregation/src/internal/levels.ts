/** What a judge said as a tier for each candidate. */
import type { Said } from "../Votes.js"

type Index = ReadonlyMap<string, number>

/** Writes tiers (and places as shown) from `at`; answers what is wrong, if anything is. */
export const write = (
  said: Said,
  index: Index,
  levels: Int16Array,
  shown: Int16Array,
  at: number
): string | undefined => {
  if ("pair" in said) return writePair(said.pair, said.preference, index, levels, shown, at)
  if (said.shown !== undefined) {
    for (const [place, id] of said.shown.entries()) {
      const a = index.get(id)
      if (a === undefined) return `was shown ${id}, which is no candidate`
      shown[at + a] = place
    }
  }
  return "order" in said ? writeOrder(said.order, index, levels, at) : writeScores(said.scores, index, levels, at)
}

const put = (id: string, level: number, index: Index, levels: Int16Array, at: number): string | undefined => {
  const a = index.get(id)
  if (a === undefined) return `${id} is no candidate`
  if ((levels[at + a] as number) >= 0) return `${id} is ranked twice`
  levels[at + a] = level
  return undefined
}

const writeOrder = (
  order: ReadonlyArray<string | ReadonlyArray<string>>,
  index: Index,
  levels: Int16Array,
  at: number
): string | undefined => {
  for (let level = 0; level < order.length; level++) {
    const tier = order[level] as string | ReadonlyArray<string>
    if (typeof tier === "string") {
      const problem = put(tier, level, index, levels, at)
      if (problem !== undefined) return problem
    } else {
      for (const id of tier) {
        const problem = put(id, level, index, levels, at)
        if (problem !== undefined) return problem
      }
    }
  }
  return undefined
}

const writePair = (
  [first, second]: readonly [string, string],
  preference: 0 | 0.5 | 1 | null,
  index: Index,
  levels: Int16Array,
  shown: Int16Array,
  at: number
): string | undefined => {
  const a = index.get(first)
  const b = index.get(second)
  if (a === undefined || b === undefined) return `${a === undefined ? first : second} is no candidate`
  if (a === b) return `${first} is compared with itself`
  if (preference !== null && preference !== 0 && preference !== 0.5 && preference !== 1)
    return `a preference of ${preference} is none of 0, 0.5, 1 and null`
  shown[at + a] = 0
  shown[at + b] = 1
  if (preference === null) return undefined
  levels[at + a] = preference === 0 ? 1 : 0
  levels[at + b] = preference === 1 ? 1 : 0
  return undefined
}

const writeScores = (
  scores: Readonly<Record<string, number | null>>,
  index: Index,
  levels: Int16Array,
  at: number
): string | undefined => {
  const given: Array<readonly [number, number]> = []
  for (const [id, score] of Object.entries(scores)) {
    const a = index.get(id)
    if (a === undefined) return `${id} is no candidate`
    if (score === null) continue
    if (!Number.isFinite(score)) return `a score of ${score} for ${id}`
    given.push([a, score])
  }
  given.sort(([, a], [, b]) => b - a)
  let level = -1
  let last = Number.NaN
  for (const [a, score] of given) {
    if (score !== last) level++
    last = score
    levels[at + a] = level
  }
  return undefined
}
