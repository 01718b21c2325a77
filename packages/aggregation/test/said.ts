/** Votes for tests, written as `"a>b=c"`: candidates left out have no verdict. */
import * as Votes from "@consortium/aggregation/Votes"
import { draws, Seed } from "@consortium/core/Seed"
import * as Result from "effect/Result"

export const order = (judge: string, text: string): Votes.Order => ({
  judge,
  order: text.split(">").map((tier) => tier.split("="))
})

/** `count` judges' same order. */
export const times = (count: number, text: string, from = 0): ReadonlyArray<Votes.Order> =>
  Array.from({ length: count }, (_, at) => order(`${text}-${from + at}`, text))

export const one = (candidates: string, ...votes: ReadonlyArray<Votes.Said>): Votes.Votes =>
  Result.getOrThrow(Votes.make([{ candidates: [...candidates], votes }]))

export const seed = Seed.make(7)

/** Random groups: pairs in both orders with ties, gaps and reversals, and a truth that judges see through noise. */
export const randomSheets = (word: number, groups: number, n: number, judges: number): ReadonlyArray<Votes.Sheet> => {
  const draw = draws(Seed.make(word >>> 0), "sheets")
  const ids = [..."abcdefghijkl"].slice(0, n)
  return Array.from({ length: groups }, () => {
    const worth = ids.map(() => draw())
    const votes: Array<Votes.Said> = []
    for (let j = 0; j < judges; j++) {
      for (const [a, first] of ids.entries()) {
        for (const [b, second] of ids.entries()) {
          if (a === b) continue
          const noisy = (worth[a] ?? 0) - (worth[b] ?? 0) + (draw() - 0.5) * (0.4 + j / 2)
          const said = draw()
          votes.push({
            judge: `j${j}`,
            pair: [first, second],
            preference: said < 0.1 ? null : said < 0.2 ? 0.5 : noisy > 0 ? 1 : 0
          })
        }
      }
    }
    const truth = [{ judge: "truth", scores: Object.fromEntries(ids.map((id, a) => [id, worth[a] ?? 0])) }]
    return { candidates: ids, votes, truth }
  })
}

export const random = (word: number, groups: number, n: number, judges: number): Votes.Votes =>
  Result.getOrThrow(Votes.make(randomSheets(word, groups, n, judges)))
