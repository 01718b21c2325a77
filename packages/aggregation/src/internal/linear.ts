/** Small dense linear algebra, row-major and in place: what Newton's method and Laplace's approximation need. */

/** The lower Cholesky factor of a positive definite matrix, into `lower` (which may be the matrix itself). */
export const cholesky = (
  matrix: Float64Array,
  n: number,
  lower: Float64Array = new Float64Array(n * n)
): Float64Array => {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j] as number
      for (let k = 0; k < j; k++) sum -= (lower[i * n + k] as number) * (lower[j * n + k] as number)
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / (lower[j * n + j] as number)
    }
  }
  return lower
}

/** Solves `L x = v` in place. */
export const forward = (lower: Float64Array, n: number, v: Float64Array): void => {
  for (let i = 0; i < n; i++) {
    let sum = v[i] as number
    for (let k = 0; k < i; k++) sum -= (lower[i * n + k] as number) * (v[k] as number)
    v[i] = sum / (lower[i * n + i] as number)
  }
}

/** Solves `Lᵀ x = v` in place. */
export const backward = (lower: Float64Array, n: number, v: Float64Array): void => {
  for (let i = n - 1; i >= 0; i--) {
    let sum = v[i] as number
    for (let k = i + 1; k < n; k++) sum -= (lower[k * n + i] as number) * (v[k] as number)
    v[i] = sum / (lower[i * n + i] as number)
  }
}

/** The diagonal of the inverse of `L Lᵀ`: variances, where the matrix is a precision. */
export const inverseDiagonal = (lower: Float64Array, n: number): Float64Array => {
  const out = new Float64Array(n)
  const column = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    column.fill(0)
    column[i] = 1
    forward(lower, n, column)
    // (L Lᵀ)⁻¹ᵢᵢ is the squared length of L⁻¹ eᵢ.
    for (let k = i; k < n; k++) out[i] = (out[i] as number) + (column[k] as number) ** 2
  }
  return out
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
export const logit = (p: number): number => Math.log(p / (1 - p))

/** Each strength's mean chance of beating another one, 0 to 1. */
export const meanWins = (strengths: Float64Array, out: Float64Array, to: number): void => {
  const n = strengths.length
  for (let a = 0; a < n; a++) {
    let sum = 0
    for (let b = 0; b < n; b++) if (b !== a) sum += sigmoid((strengths[a] as number) - (strengths[b] as number))
    out[to + a] = n === 1 ? 1 : sum / (n - 1)
  }
}
