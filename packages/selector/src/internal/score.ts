/**
 * The score that defines every selection. A faster kernel must give the same bits.
 *
 * `dot(s, e)`: with eight accumulators, all starting at 0, number `l` takes the products `s[j] · e[j]` for
 * `j ≡ l (mod 8)` with `j` rising, each product and each addition rounded to float64 and nothing fused; their sum is
 * `((a0 + a4) + (a2 + a6)) + ((a1 + a5) + (a3 + a7))`. `s` is float64, `e` float32 read as float64. Lower scores are
 * chosen first, of equal ones the lowest row.
 */

/** The canonical dot product of a float64 vector with `data[offset, offset + s.length)`. */
export const dot = (s: Float64Array, data: Float32Array | Float64Array, offset: number): number => {
  const dimension = s.length
  const even = dimension - (dimension % 8)
  let a0 = 0
  let a1 = 0
  let a2 = 0
  let a3 = 0
  let a4 = 0
  let a5 = 0
  let a6 = 0
  let a7 = 0
  for (let j = 0, at = offset; j < even; j += 8, at += 8) {
    a0 += (s[j] as number) * (data[at] as number)
    a1 += (s[j + 1] as number) * (data[at + 1] as number)
    a2 += (s[j + 2] as number) * (data[at + 2] as number)
    a3 += (s[j + 3] as number) * (data[at + 3] as number)
    a4 += (s[j + 4] as number) * (data[at + 4] as number)
    a5 += (s[j + 5] as number) * (data[at + 5] as number)
    a6 += (s[j + 6] as number) * (data[at + 6] as number)
    a7 += (s[j + 7] as number) * (data[at + 7] as number)
  }
  const rest = dimension - even
  const at = offset + even
  if (rest > 0) a0 += (s[even] as number) * (data[at] as number)
  if (rest > 1) a1 += (s[even + 1] as number) * (data[at + 1] as number)
  if (rest > 2) a2 += (s[even + 2] as number) * (data[at + 2] as number)
  if (rest > 3) a3 += (s[even + 3] as number) * (data[at + 3] as number)
  if (rest > 4) a4 += (s[even + 4] as number) * (data[at + 4] as number)
  if (rest > 5) a5 += (s[even + 5] as number) * (data[at + 5] as number)
  if (rest > 6) a6 += (s[even + 6] as number) * (data[at + 6] as number)
  return a0 + a4 + (a2 + a6) + (a1 + a5 + (a3 + a7))
}

/** Adds `data[offset, offset + s.length)` to `s`. */
export const add = (s: Float64Array, data: Float32Array, offset: number): void => {
  for (let j = 0; j < s.length; j++) s[j] = (s[j] as number) + (data[offset + j] as number)
}

/** A cosine from a dot product and a length, kept in its range. */
export const cosineOf = (product: number, length: number): number => Math.min(1, Math.max(-1, product / length))
