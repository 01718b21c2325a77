/** The physical limit to hold a selection against: one float32 SIMD pass over all rows, from the spike's plain kernel. */
import asc from "assemblyscript/asc"
import { median } from "./process.ts"

// Node's types name WebAssembly without its values.
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Memory {
    constructor(size: { readonly initial: number })
    readonly buffer: ArrayBuffer
  }
  class Instance {
    constructor(module: Module, imports: object)
    readonly exports: Readonly<Record<string, unknown>>
  }
}

const source = `
export function pass(rows: usize, query: usize, out: usize, n: i32, d: i32): void {
  const bytes: usize = <usize>d << 2
  for (let i: i32 = 0; i < n; i++) {
    let p = rows + <usize>i * bytes, w = query
    const end = p + bytes
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0
    while (p < end) {
      a0 = f32x4.add(a0, f32x4.mul(v128.load(p), v128.load(w)))
      a1 = f32x4.add(a1, f32x4.mul(v128.load(p, 16), v128.load(w, 16)))
      a2 = f32x4.add(a2, f32x4.mul(v128.load(p, 32), v128.load(w, 32)))
      a3 = f32x4.add(a3, f32x4.mul(v128.load(p, 48), v128.load(w, 48)))
      p += 64
      w += 64
    }
    const v = f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3))
    store<f32>(out + (<usize>i << 2), f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)))
  }
}`

/** The median of nine passes in milliseconds; `dimension` is a multiple of 16. */
export const passMillis = (data: Float32Array, rows: number, dimension: number): number => {
  const memory = new WebAssembly.Memory({
    initial: Math.ceil((data.length * 4 + rows * 4 + dimension * 4 + 4096) / 65_536)
  })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } })
  const pass = exports.pass as (rows: number, query: number, out: number, n: number, d: number) => void
  const at = 1024
  const query = at + data.length * 4
  new Float32Array(memory.buffer, at, data.length).set(data)
  new Float32Array(memory.buffer, query, dimension).set(data.subarray(0, dimension))
  const times = Array.from({ length: 9 }, () => {
    const started = performance.now()
    pass(at, query, query + dimension * 4, rows, dimension)
    return performance.now() - started
  })
  return median(times)
}

/** What one thread reads from memory in GB/s: the best of five sums over one number of each cache line of the rows. */
export const readGigabytes = (data: Float32Array): number => {
  const doubles = new Float64Array(data.buffer, data.byteOffset, data.length >> 1)
  let best = Infinity
  let sum = 0
  for (let round = 0; round < 5; round++) {
    const started = performance.now()
    let a = 0
    let b = 0
    for (let k = 0; k + 16 <= doubles.length; k += 16) {
      a += doubles[k] as number
      b += doubles[k + 8] as number
    }
    sum += a + b
    best = Math.min(best, performance.now() - started)
  }
  return Number.isNaN(sum) ? 0 : data.byteLength / best / 1e6
}

let binary = new Uint8Array()
await asc.main(
  ["pass.ts", "-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--importMemory", "--outFile", "out.wasm"],
  {
    readFile: (name) => (name === "pass.ts" ? source : null),
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) binary = new Uint8Array(contents)
    }
  }
)
