/** Latent semantic analysis of texts: the strongest directions of their weighted words, by randomised subspace iteration. */
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix"
import { draws, Seed } from "@consortium/core/Seed"

/** Rows of words with weights. */
interface Sparse {
  readonly columns: number
  readonly words: ReadonlyArray<Uint32Array>
  readonly weights: ReadonlyArray<Float64Array>
}

/** Words of at least three texts, `(1 + ln tf) · idf`, each text at length 1. */
const weighted = (texts: ReadonlyArray<string>): Sparse => {
  const counted = texts.map((text) => {
    const counts = new Map<string, number>()
    for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1)
    return counts
  })
  const spread = new Map<string, number>()
  for (const counts of counted) for (const word of counts.keys()) spread.set(word, (spread.get(word) ?? 0) + 1)
  const kept = [...spread].filter(([, count]) => count >= 3 && count < texts.length / 5)
  const places = new Map(kept.map(([word], place) => [word, place]))
  const words: Array<Uint32Array> = []
  const weights: Array<Float64Array> = []
  for (const counts of counted) {
    const known = [...counts].filter(([word]) => places.has(word))
    const row = known.map(([word, n]) => (1 + Math.log(n)) * Math.log(texts.length / (spread.get(word) ?? 1)))
    const length = Math.hypot(...row)
    words.push(Uint32Array.from(known, ([word]) => places.get(word) as number))
    weights.push(Float64Array.from(row, (x) => x / length))
  }
  return { columns: kept.length, words, weights }
}

/** A · x, where x has `rank` numbers a word. */
const times = ({ words, weights }: Sparse, x: Float64Array, rank: number): Float64Array => {
  const out = new Float64Array(words.length * rank)
  for (const [row, own] of words.entries()) {
    for (let k = 0; k < own.length; k++) {
      const weight = weights[row]?.[k] as number
      const from = (own[k] as number) * rank
      for (let j = 0; j < rank; j++)
        out[row * rank + j] = (out[row * rank + j] as number) + weight * (x[from + j] as number)
    }
  }
  return out
}

/** Aᵀ · y, where y has `rank` numbers a text. */
const backTimes = ({ words, weights, columns }: Sparse, y: Float64Array, rank: number): Float64Array => {
  const out = new Float64Array(columns * rank)
  for (const [row, own] of words.entries()) {
    for (let k = 0; k < own.length; k++) {
      const weight = weights[row]?.[k] as number
      const to = (own[k] as number) * rank
      for (let j = 0; j < rank; j++) out[to + j] = (out[to + j] as number) + weight * (y[row * rank + j] as number)
    }
  }
  return out
}

/** yᵀ · y. */
const gram = (y: Float64Array, rank: number): Matrix => {
  const lines = Array.from({ length: rank }, () => new Float64Array(rank))
  for (let from = 0; from < y.length; from += rank) {
    for (let i = 0; i < rank; i++) {
      const line = lines[i] as Float64Array
      const x = y[from + i] as number
      for (let j = 0; j <= i; j++) line[j] = (line[j] as number) + x * (y[from + j] as number)
    }
  }
  return new Matrix(lines.map((line, i) => Float64Array.from(line, (x, j) => (j <= i ? x : (lines[j]?.[i] ?? 0)))))
}

/** y · m. */
const mixed = (y: Float64Array, m: Matrix, rank: number, to: number): Float64Array => {
  const lines = m.to2DArray()
  const out = new Float64Array((y.length / rank) * to)
  for (let row = 0; row < y.length / rank; row++) {
    for (let i = 0; i < rank; i++) {
      const x = y[row * rank + i] as number
      const line = lines[i] as ReadonlyArray<number>
      for (let j = 0; j < to; j++) out[row * to + j] = (out[row * to + j] as number) + x * (line[j] as number)
    }
  }
  return out
}

/** Columns of length 1 at right angles, by Cholesky's QR; a second round mends what rounding left. */
const orthonormal = (y: Float64Array, rank: number, rounds = 1): Float64Array => {
  let out = y
  for (let round = 0; round < rounds; round++) {
    const g = gram(out, rank)
    const ridge = 1e-12 * g.trace()
    for (let i = 0; i < rank; i++) g.set(i, i, g.get(i, i) + ridge)
    const lower = new CholeskyDecomposition(g).lowerTriangularMatrix
    const inverse = Matrix.zeros(rank, rank)
    for (let j = 0; j < rank; j++) {
      for (let i = j; i < rank; i++) {
        let sum = i === j ? 1 : 0
        for (let k = j; k < i; k++) sum -= lower.get(i, k) * inverse.get(k, j)
        inverse.set(i, j, sum / lower.get(i, i))
      }
    }
    out = mixed(out, inverse.transpose(), rank, rank)
  }
  return out
}

/** Texts by directions, `dimension` numbers a text; a text without a known word is all zeros. */
export const lsa = (texts: ReadonlyArray<string>, dimension: number): Float64Array => {
  const a = weighted(texts)
  const rank = dimension + 16
  const draw = draws(Seed.make(5), "lsa")
  let q = orthonormal(
    times(
      a,
      new Float64Array(a.columns * rank).map(() => draw() - 0.5),
      rank
    ),
    rank
  )
  for (let round = 1; round <= 3; round++) {
    q = orthonormal(times(a, backTimes(a, q, rank), rank), rank, round === 3 ? 2 : 1)
  }
  const b = gram(backTimes(a, q, rank), rank)
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(b, { assumeSymmetric: true })
  const order = realEigenvalues.map((_, k) => k).sort((x, y) => (realEigenvalues[y] ?? 0) - (realEigenvalues[x] ?? 0))
  const turn = Matrix.zeros(rank, dimension)
  for (let j = 0; j < dimension; j++) {
    const from = order[j] as number
    const size = Math.sqrt(Math.max(0, realEigenvalues[from] as number))
    for (let i = 0; i < rank; i++) turn.set(i, j, eigenvectorMatrix.get(i, from) * size)
  }
  return mixed(q, turn, rank, dimension)
}
