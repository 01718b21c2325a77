// The selector's kernels, in AssemblyScript: WASM SIMD without relaxed operations, so that every machine computes the
// same bits. Pointers are byte offsets into the one memory; `d` is a multiple of 64. `node assembly/build.mjs` compiles.

@inline function sum4(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
}
@inline function sumInt(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + (i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3))
}

/** int8 row × int16 query, exact in int32 as long as |query| < 2³¹ / (127 √d) (Cauchy–Schwarz). */
@inline function dotInt(row: usize, query: usize, end: usize): i32 {
  let a0 = i32x4.splat(0), a1 = a0, a2 = a0, a3 = a0
  while (row < end) {
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load8x8_s(row), v128.load(query)))
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.load8x8_s(row, 8), v128.load(query, 16)))
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(v128.load8x8_s(row, 16), v128.load(query, 32)))
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(v128.load8x8_s(row, 24), v128.load(query, 48)))
    row += 32
    query += 64
  }
  return sumInt(i32x4.add(i32x4.add(a0, a1), i32x4.add(a2, a3)))
}

/** The canonical score: float32 row × float64 query, eight lanes j mod 8, nothing fused. Equal to `score.ts` bit for bit. */
@inline function dotExact(row: usize, query: usize, d: i32): f64 {
  const end = row + (<usize>d << 2)
  let a0 = f64x2.splat(0), a1 = a0, a2 = a0, a3 = a0
  while (row < end) {
    const x = v128.load(row), y = v128.load(row, 16)
    a0 = f64x2.add(a0, f64x2.mul(f64x2.promote_low_f32x4(x), v128.load(query)))
    a1 = f64x2.add(a1, f64x2.mul(f64x2.promote_low_f32x4(i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)), v128.load(query, 16)))
    a2 = f64x2.add(a2, f64x2.mul(f64x2.promote_low_f32x4(y), v128.load(query, 32)))
    a3 = f64x2.add(a3, f64x2.mul(f64x2.promote_low_f32x4(i8x16.shuffle(y, y, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)), v128.load(query, 48)))
    row += 32
    query += 64
  }
  const v = f64x2.add(f64x2.add(a0, a2), f64x2.add(a1, a3))
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)
}

/** out[i] = canonical score of row i. */
export function scores(rows: usize, query: usize, out: usize, n: i32, d: i32): void {
  for (let i: i32 = 0; i < n; i++) store<f64>(out + (<usize>i << 3), dotExact(rows + (<usize>i * <usize>d << 2), query, d))
}

/** out[i] = canonical score × factor, as float32, unless out[i] marks a chosen row. */
export function bases(rows: usize, query: usize, out: usize, n: i32, d: i32, factor: f64): void {
  for (let i: i32 = 0; i < n; i++) {
    const at = out + (<usize>i << 2)
    if (load<f32>(at) < 1e29) store<f32>(at, <f32>(dotExact(rows + (<usize>i * <usize>d << 2), query, d) * factor))
  }
}

/** Rows to int8 with a scale each, and the length of what is lost, rounded up. Rounding by the magic number 1.5 · 2²³. */
export function quantise(rows: usize, q: usize, scale: usize, lost: usize, n: i32, d: i32): void {
  const bytes = <usize>d << 2
  const magic = f32x4.splat(12582912), magicInt = i32x4.splat(0x4b400000)
  for (let i: i32 = 0; i < n; i++) {
    const row = rows + <usize>i * bytes
    const end = row + bytes
    let m0 = f32x4.splat(0), m1 = m0, m2 = m0, m3 = m0
    for (let j = row; j < end; j += 64) {
      m0 = f32x4.pmax(m0, f32x4.abs(v128.load(j)))
      m1 = f32x4.pmax(m1, f32x4.abs(v128.load(j, 16)))
      m2 = f32x4.pmax(m2, f32x4.abs(v128.load(j, 32)))
      m3 = f32x4.pmax(m3, f32x4.abs(v128.load(j, 48)))
    }
    const m = f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3))
    const largest = max(max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)), max(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)))
    const s: f32 = largest / 127
    const inverse = f32x4.splat(largest > 0 ? 127 / largest : 0), vs = f32x4.splat(s)
    let e0 = f32x4.splat(0), e1 = e0
    let o = q + <usize>i * <usize>d
    for (let j = row; j < end; j += 64) {
      const x0 = v128.load(j), x1 = v128.load(j, 16), x2 = v128.load(j, 32), x3 = v128.load(j, 48)
      const t0 = f32x4.add(f32x4.mul(x0, inverse), magic), t1 = f32x4.add(f32x4.mul(x1, inverse), magic)
      const t2 = f32x4.add(f32x4.mul(x2, inverse), magic), t3 = f32x4.add(f32x4.mul(x3, inverse), magic)
      const r0 = f32x4.sub(x0, f32x4.mul(f32x4.sub(t0, magic), vs)), r1 = f32x4.sub(x1, f32x4.mul(f32x4.sub(t1, magic), vs))
      const r2 = f32x4.sub(x2, f32x4.mul(f32x4.sub(t2, magic), vs)), r3 = f32x4.sub(x3, f32x4.mul(f32x4.sub(t3, magic), vs))
      e0 = f32x4.add(e0, f32x4.add(f32x4.mul(r0, r0), f32x4.mul(r1, r1)))
      e1 = f32x4.add(e1, f32x4.add(f32x4.mul(r2, r2), f32x4.mul(r3, r3)))
      v128.store(o, i8x16.narrow_i16x8_s(
        i16x8.narrow_i32x4_s(i32x4.sub(t0, magicInt), i32x4.sub(t1, magicInt)),
        i16x8.narrow_i32x4_s(i32x4.sub(t2, magicInt), i32x4.sub(t3, magicInt))
      ))
      o += 16
    }
    store<f32>(scale + (<usize>i << 2), s)
    store<f32>(lost + (<usize>i << 2), <f32>(Math.sqrt(<f64>sum4(f32x4.add(e0, e1))) * 1.0001 + 3e-7))
  }
}

/**
 * Lower bounds of cosines: base · a + (int8 row · query) · bq · scale ∓ (lost · b + slack); answers the least upper bound.
 * A chosen row has a base of 1e30.
 */
export function bounds(q: usize, query: usize, scale: usize, lost: usize, base: usize, low: usize, n: i32, d: i32, a: f32, bq: f32, b: f32, slack: f32): f32 {
  let least: f32 = 1e30
  for (let i: i32 = 0; i < n; i++) {
    const o = <usize>i << 2
    const row = q + <usize>i * <usize>d
    const middle: f32 = load<f32>(base + o) * a + <f32>dotInt(row, query, row + <usize>d) * bq * load<f32>(scale + o)
    const radius: f32 = load<f32>(lost + o) * b + slack
    store<f32>(low + o, middle - radius)
    least = min(least, middle + radius)
  }
  return least
}

/** The same without a base; `taken` is 1e30 for a chosen row and 0 elsewhere. */
export function boundsBare(q: usize, query: usize, scale: usize, lost: usize, taken: usize, low: usize, n: i32, d: i32, bq: f32, b: f32, slack: f32): f32 {
  let least: f32 = 1e30
  for (let i: i32 = 0; i < n; i++) {
    const o = <usize>i << 2
    const row = q + <usize>i * <usize>d
    const middle: f32 = <f32>dotInt(row, query, row + <usize>d) * bq * load<f32>(scale + o) + load<f32>(taken + o)
    const radius: f32 = load<f32>(lost + o) * b + slack
    store<f32>(low + o, middle - radius)
    least = min(least, middle + radius)
  }
  return least
}

/** Lower bounds of listed rows only, in the list's order. */
export function boundsAt(q: usize, query: usize, scale: usize, lost: usize, base: usize, list: usize, low: usize, n: i32, d: i32, a: f32, bq: f32, b: f32, slack: f32): void {
  for (let k: i32 = 0; k < n; k++) {
    const i = <usize>load<u32>(list + (<usize>k << 2))
    const o = i << 2
    const row = q + i * <usize>d
    const middle: f32 = load<f32>(base + o) * a + <f32>dotInt(row, query, row + <usize>d) * bq * load<f32>(scale + o)
    store<f32>(low + (<usize>k << 2), middle - (load<f32>(lost + o) * b + slack))
  }
}

/** Lists the rows whose lower bound is at most `most`; answers how many. */
export function atMost(low: usize, n: i32, most: f32, list: usize): i32 {
  let count: i32 = 0
  const limit = f32x4.splat(most)
  let i: i32 = 0
  for (; i + 4 <= n; i += 4) {
    let mask = i32x4.bitmask(f32x4.le(v128.load(low + (<usize>i << 2)), limit))
    while (mask) {
      store<u32>(list + (<usize>count << 2), <u32>(i + ctz(mask)))
      count++
      mask &= mask - 1
    }
  }
  for (; i < n; i++) {
    if (load<f32>(low + (<usize>i << 2)) <= most) {
      store<u32>(list + (<usize>count << 2), <u32>i)
      count++
    }
  }
  return count
}

/** Counts lower bounds in `bins` bins from `from`, `perUnit` bins to the unit; those below fall into the first. */
export function histogram(low: usize, n: i32, from: f32, perUnit: f32, bins: i32, out: usize): void {
  memory.fill(out, 0, <usize>bins << 2)
  for (let i: i32 = 0; i < n; i++) {
    const x = (load<f32>(low + (<usize>i << 2)) - from) * perUnit
    if (x < <f32>bins) {
      const at = out + ((x > 0 ? <usize>(<i32>x) : 0) << 2)
      store<i32>(at, load<i32>(at) + 1)
    }
  }
}

/**
 * Lists the rows that some skipped step can't rule out: with quadruples (a, c, r, most) a step rules a row out when
 * a · lowA + c · lowB − r > most. Rows whose lower bounds are both above `quick` are ruled out by all.
 */
export function suspects(lowA: usize, lowB: usize, n: i32, steps: usize, count: i32, quick: f32, list: usize): i32 {
  let found: i32 = 0
  const limit = f32x4.splat(quick)
  for (let i: i32 = 0; i < n; i += 4) {
    let mask = i32x4.bitmask(f32x4.le(f32x4.min(v128.load(lowA + (<usize>i << 2)), v128.load(lowB + (<usize>i << 2))), limit))
    while (mask) {
      const k = i + ctz(mask)
      mask &= mask - 1
      if (k >= n) break
      const x = load<f32>(lowA + (<usize>k << 2)), y = load<f32>(lowB + (<usize>k << 2))
      for (let s: i32 = 0; s < count; s++) {
        const step = steps + (<usize>s << 4)
        if (load<f32>(step) * x + load<f32>(step, 4) * y - load<f32>(step, 8) <= load<f32>(step, 12)) {
          store<u32>(list + (<usize>found << 2), <u32>k)
          found++
          break
        }
      }
    }
  }
  return found
}
