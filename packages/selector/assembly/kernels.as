// The selector's kernels, in AssemblyScript: WASM SIMD without relaxed operations, so that every machine computes the
// same bits. Pointers are byte offsets into the one memory; `d` is a multiple of 64. `node assembly/build.mjs` compiles.

@inline function sum4(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
}
@inline function sumInt(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + (i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3))
}

/** int8 row × int16 query, exact in int32 as long as |query| < 2³¹ / (127 √d) (Cauchy–Schwarz). */
@inline function dotInt(row: usize, query: usize, d: i32): i32 {
  const end = row + <usize>d
  let a0 = i32x4.splat(0), a1 = a0, a2 = a0, a3 = a0
  do {
    const x = v128.load(row), y = v128.load(row, 16)
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(x), v128.load(query)))
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(x), v128.load(query, 16)))
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(y), v128.load(query, 32)))
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(y), v128.load(query, 48)))
    row += 32
    query += 64
  } while (row < end)
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

/** out[i] = vector · vectors[i], all float64; eight sums, as in `dotExact`. */
export function dots(vector: usize, vectors: usize, out: usize, n: i32, d: i32): void {
  for (let i: i32 = 0; i < n; i++) {
    let row = vectors + (<usize>i * <usize>d << 3), query = vector
    const end = row + (<usize>d << 3)
    let a0 = f64x2.splat(0), a1 = a0, a2 = a0, a3 = a0
    while (row < end) {
      a0 = f64x2.add(a0, f64x2.mul(v128.load(row), v128.load(query)))
      a1 = f64x2.add(a1, f64x2.mul(v128.load(row, 16), v128.load(query, 16)))
      a2 = f64x2.add(a2, f64x2.mul(v128.load(row, 32), v128.load(query, 32)))
      a3 = f64x2.add(a3, f64x2.mul(v128.load(row, 48), v128.load(query, 48)))
      row += 64
      query += 64
    }
    const v = f64x2.add(f64x2.add(a0, a2), f64x2.add(a1, a3))
    store<f64>(out + (<usize>i << 3), f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1))
  }
}

@inline function lowHalf(x: v128): v128 { return f64x2.promote_low_f32x4(x) }
@inline function highHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
}

/** sum += the rows, in float64. */
function addRows(rows: usize, sum: usize, n: i32, d: i32): void {
  const bytes = <usize>d << 2
  let i: i32 = 0
  for (; i + 4 <= n; i += 4) {
    let row = rows + <usize>i * bytes, at = sum
    const end = row + bytes, r1 = bytes, r2 = bytes * 2, r3 = bytes * 3
    while (row < end) {
      const x = v128.load(row), y = v128.load(row + r1), z = v128.load(row + r2), w = v128.load(row + r3)
      const low = f64x2.add(f64x2.add(lowHalf(x), lowHalf(y)), f64x2.add(lowHalf(z), lowHalf(w)))
      const high = f64x2.add(f64x2.add(highHalf(x), highHalf(y)), f64x2.add(highHalf(z), highHalf(w)))
      v128.store(at, f64x2.add(v128.load(at), low))
      v128.store(at, f64x2.add(v128.load(at, 16), high), 16)
      row += 16
      at += 32
    }
  }
  for (; i < n; i++) {
    const row = rows + <usize>i * bytes
    for (let j: usize = 0; j < bytes; j += 16) {
      const x = v128.load(row + j), at = sum + (j << 1)
      v128.store(at, f64x2.add(v128.load(at), lowHalf(x)))
      v128.store(at, f64x2.add(v128.load(at, 16), highHalf(x)), 16)
    }
  }
}

/** Rows to int8 with a scale each, and the length of what is lost, rounded up. Rounding by the magic number 1.5 · 2²³. */
export function quantise(rows: usize, q: usize, scale: usize, lost: usize, n: i32, d: i32): void {
  const bytes = <usize>d << 2
  const magic = f32x4.splat(12582912), magicInt = i32x4.splat(0x4b400000), positive = i32x4.splat(0x7fffffff)
  for (let i: i32 = 0; i < n; i++) {
    const row = rows + <usize>i * bytes
    const end = row + bytes
    // Without their signs floats are in the order of their bits.
    let m0 = i32x4.splat(0), m1 = m0, m2 = m0, m3 = m0
    for (let j = row; j < end; j += 64) {
      m0 = i32x4.max_s(m0, v128.and(v128.load(j), positive))
      m1 = i32x4.max_s(m1, v128.and(v128.load(j, 16), positive))
      m2 = i32x4.max_s(m2, v128.and(v128.load(j, 32), positive))
      m3 = i32x4.max_s(m3, v128.and(v128.load(j, 48), positive))
    }
    const m = i32x4.max_s(i32x4.max_s(m0, m1), i32x4.max_s(m2, m3))
    const largest = max(max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)), max(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)))
    const s: f32 = largest / 127
    const inverse = f32x4.splat(largest > 0 ? 127 / largest : 0)
    let e0 = f32x4.splat(0), e1 = e0, e2 = e0, e3 = e0
    let o = q + <usize>i * <usize>d
    for (let j = row; j < end; j += 64) {
      const y0 = f32x4.mul(v128.load(j), inverse), y1 = f32x4.mul(v128.load(j, 16), inverse)
      const y2 = f32x4.mul(v128.load(j, 32), inverse), y3 = f32x4.mul(v128.load(j, 48), inverse)
      const t0 = f32x4.add(y0, magic), t1 = f32x4.add(y1, magic), t2 = f32x4.add(y2, magic), t3 = f32x4.add(y3, magic)
      const r0 = f32x4.sub(y0, f32x4.sub(t0, magic)), r1 = f32x4.sub(y1, f32x4.sub(t1, magic))
      const r2 = f32x4.sub(y2, f32x4.sub(t2, magic)), r3 = f32x4.sub(y3, f32x4.sub(t3, magic))
      e0 = f32x4.add(e0, f32x4.mul(r0, r0))
      e1 = f32x4.add(e1, f32x4.mul(r1, r1))
      e2 = f32x4.add(e2, f32x4.mul(r2, r2))
      e3 = f32x4.add(e3, f32x4.mul(r3, r3))
      v128.store(o, i8x16.narrow_i16x8_s(
        i16x8.narrow_i32x4_s(i32x4.sub(t0, magicInt), i32x4.sub(t1, magicInt)),
        i16x8.narrow_i32x4_s(i32x4.sub(t2, magicInt), i32x4.sub(t3, magicInt))
      ))
      o += 16
    }
    const square = sum4(f32x4.add(f32x4.add(e0, e1), f32x4.add(e2, e3)))
    store<f32>(scale + (<usize>i << 2), s)
    store<f32>(lost + (<usize>i << 2), <f32>(<f64>s * Math.sqrt(<f64>square) * 1.0001 + 3e-7))
  }
}

/** Quantises rows, and adds them to a sum unless `sum` is 0. */
export function takeIn(rows: usize, q: usize, scale: usize, lost: usize, sum: usize, n: i32, d: i32): void {
  quantise(rows, q, scale, lost, n, d)
  if (sum != 0) addRows(rows, sum, n, d)
}

/**
 * The middle and the radius of a row's bounds at an aim (`at`: its numbers): from its base, by how the aim has moved since;
 * without one (a base of 2), by the aim alone.
 */
@inline function middleAt(at: usize, row: usize, bare: usize, drift: usize, base: f32, scale: f32, d: i32): f32 {
  return base > 1.5
    ? <f32>dotInt(row, bare, d) * load<f32>(at) * scale
    : base * load<f32>(at, 12) + <f32>dotInt(row, drift, d) * load<f32>(at, 16) * scale
}
@inline function radiusAt(at: usize, base: f32, lost: f32): f32 {
  return base > 1.5 ? lost * load<f32>(at, 4) + load<f32>(at, 8) : lost * load<f32>(at, 20) + load<f32>(at, 24)
}

/** Lower bounds of cosines at an aim, 1e30 for a closed row (a base of 1e30); answers the least upper bound. */
export function bounds(q: usize, scales: usize, losses: usize, bases: usize, low: usize, n: i32, d: i32, at: usize, bare: usize, drift: usize): f32 {
  let least: f32 = 1e30
  for (let i: i32 = 0; i < n; i++) {
    const o = <usize>i << 2
    const base = load<f32>(bases + o)
    if (base > 1e29) {
      store<f32>(low + o, 1e30)
      continue
    }
    const middle = middleAt(at, q + <usize>i * <usize>d, bare, drift, base, load<f32>(scales + o), d)
    const radius = radiusAt(at, base, load<f32>(losses + o))
    store<f32>(low + o, middle - radius)
    least = min(least, middle + radius)
  }
  return least
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
 * A sweep: all rows' lower bounds at an end, and for a run of guessed steps before it, which rows could have won which.
 * Its numbers stand in one table, in this order, four bytes each (`sweep.ts` writes them).
 */
@inline function word(sweep: usize, k: usize): u32 { return load<u32>(sweep + (k << 2)) }

/**
 * A step between two aims rules a row out when a · lowA + c · lowC > most; `groups` of four steps hold a, c, most. Rows
 * that some step of a span can't rule out get their bound at its middle step, and so on by halves.
 */
function prove(sweep: usize, i: i32, row: usize, base: f32, scale: f32, lost: f32, lowA: f32, lowC: f32): void {
  const d = <i32>word(sweep, 7), steps = word(sweep, 8)
  const bare = <usize>word(sweep, 9), drift = <usize>word(sweep, 10)
  const numbers = <usize>word(sweep, 11), nodes = <usize>word(sweep, 12), stack = <usize>word(sweep, 15)
  let top = stack + 16
  store<i32>(stack, 0)
  store<u32>(stack, steps, 4)
  store<f32>(stack, lowA, 8)
  store<f32>(stack, lowC, 12)
  while (top > stack) {
    top -= 16
    const from = load<u32>(top), to = load<u32>(top, 4)
    const x = load<f32>(top, 8), y = load<f32>(top, 12)
    const middle = (from + to) >> 1
    const node = nodes + (<usize>middle << 4)
    if (min(x, y) > load<f32>(node, 8)) continue
    const vx = f32x4.splat(x), vy = f32x4.splat(y)
    let group = <usize>load<u32>(node)
    const last = group + <usize>load<u32>(node, 4) * 48
    let open = false
    while (group < last) {
      const low = f32x4.add(f32x4.mul(v128.load(group), vx), f32x4.mul(v128.load(group, 16), vy))
      if (v128.any_true(f32x4.le(low, v128.load(group, 32)))) {
        open = true
        break
      }
      group += 48
    }
    if (!open) continue
    store<u32>(sweep, word(sweep, 18) + 1, 72)
    const at = numbers + (<usize>middle << 5)
    const offset = <usize>middle * <usize>d << 1
    const z: f32 = middleAt(at, row, bare + offset, drift + offset, base, scale, d) - radiusAt(at, base, lost)
    if (z <= load<f32>(at, 28)) {
      const found = word(sweep, 16)
      if (found < word(sweep, 14)) {
        const out = <usize>word(sweep, 13) + (<usize>found << 3)
        store<i32>(out, i)
        store<u32>(out, middle, 4)
      }
      store<u32>(sweep, found + 1, 64)
    }
    if (middle > from) {
      store<u32>(top, from)
      store<u32>(top, middle, 4)
      store<f32>(top, x, 8)
      store<f32>(top, z, 12)
      top += 16
    }
    if (middle + 1 < to) {
      store<u32>(top, middle + 1)
      store<u32>(top, to, 4)
      store<f32>(top, z, 8)
      store<f32>(top, y, 12)
      top += 16
    }
  }
}

/** Answers the least upper bound at the end. */
export function sweep(at: usize): f32 {
  const q = <usize>word(at, 0), scales = <usize>word(at, 1), losses = <usize>word(at, 2), bases = <usize>word(at, 3)
  const lowA = <usize>word(at, 4), lowC = <usize>word(at, 5), n = <i32>word(at, 6), d = <i32>word(at, 7)
  const steps = <usize>word(at, 8)
  const offset = steps * <usize>d << 1
  const bare = <usize>word(at, 9) + offset, drift = <usize>word(at, 10) + offset, end = <usize>word(at, 11) + (steps << 5)
  const quick = load<f32>(at, 68)
  store<u32>(at, 0, 64)
  store<u32>(at, 0, 72)
  let least: f32 = 1e30
  for (let i: i32 = 0; i < n; i++) {
    const o = <usize>i << 2
    const base = load<f32>(bases + o)
    if (base > 1e29) {
      store<f32>(lowC + o, 1e30)
      continue
    }
    const row = q + <usize>i * <usize>d
    const scale = load<f32>(scales + o), lost = load<f32>(losses + o)
    const middle = middleAt(end, row, bare, drift, base, scale, d)
    const radius = radiusAt(end, base, lost)
    const low: f32 = middle - radius
    store<f32>(lowC + o, low)
    least = min(least, middle + radius)
    if (steps > 0) {
      const before = load<f32>(lowA + o)
      if (min(before, low) <= quick) prove(at, i, row, base, scale, lost, before, low)
    }
  }
  return least
}

/** A float64 vector as int16 times a factor, and to `out` the square of what is lost of it, in float64. */
export function intsOf(vector: usize, ints: usize, out: usize, d: i32, factor: f64): void {
  const f = f64x2.splat(factor), inverse = f64x2.splat(1 / factor)
  let sum = f64x2.splat(0)
  for (let j: i32 = 0; j < d; j += 4) {
    const x = v128.load(vector + (<usize>j << 3)), y = v128.load(vector + (<usize>j << 3), 16)
    const p = f64x2.nearest(f64x2.mul(x, f)), r = f64x2.nearest(f64x2.mul(y, f))
    const e = f64x2.sub(x, f64x2.mul(p, inverse)), g = f64x2.sub(y, f64x2.mul(r, inverse))
    sum = f64x2.add(sum, f64x2.add(f64x2.mul(e, e), f64x2.mul(g, g)))
    const low = i32x4.trunc_sat_f64x2_s_zero(p), high = i32x4.trunc_sat_f64x2_s_zero(r)
    const four = i8x16.shuffle(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
    v128.store64_lane(ints + (<usize>j << 1), i16x8.narrow_i32x4_s(four, four), 0)
  }
  store<f64>(out, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1))
}
