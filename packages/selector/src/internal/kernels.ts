/** The compiled kernels with a memory of their own, or nothing where the runtime has no WASM SIMD. */
import { sharedWasm, wasm } from "./kernels.generated.js"

export interface Kernels {
  readonly scores: (rows: number, query: number, out: number, n: number, d: number) => void
  readonly dots: (vector: number, vectors: number, out: number, n: number, d: number) => void
  readonly takeIn: (rows: number, q: number, scale: number, lost: number, sum: number, n: number, d: number) => void
  readonly quantise: (rows: number, q: number, scale: number, lost: number, n: number, d: number) => void
  readonly bounds: (
    q: number,
    scale: number,
    lost: number,
    base: number,
    low: number,
    n: number,
    d: number,
    numbers: number,
    bare: number,
    drift: number
  ) => number
  readonly atMost: (low: number, n: number, most: number, list: number) => number
  readonly histogram: (low: number, n: number, from: number, perUnit: number, bins: number, out: number) => void
  readonly sweep: (table: number) => number
  readonly intsOf: (vector: number, ints: number, out: number, d: number, factor: number) => void
}

// Declared here: neither Node's types nor this library's own say it, and the DOM's would say far more.
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Memory {
    constructor(size: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean })
    readonly buffer: ArrayBufferLike
  }
  class Instance {
    constructor(module: Module, imports: object)
    readonly exports: object
  }
}

const pageBytes = 65_536
/** What one memory can address. */
export const mostBytes = 4 * 2 ** 30 - pageBytes

const compileOnce = (base64: string): (() => WebAssembly.Module | undefined) => {
  let compiled: WebAssembly.Module | undefined | null = null
  return () => {
    if (compiled !== null) return compiled
    try {
      compiled = new WebAssembly.Module(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)))
    } catch {
      compiled = undefined
    }
    return compiled
  }
}
const ownModule = compileOnce(wasm)
const sharedModule = compileOnce(sharedWasm)

/** Parts of one memory, one behind the other, each on a cache line. */
export class Arena {
  readonly buffer: ArrayBufferLike
  #next = 64
  constructor(buffer: ArrayBufferLike) {
    this.buffer = buffer
  }
  /** Reserves bytes and answers where they begin. */
  take(bytes: number): number {
    const at = this.#next
    this.#next += Math.ceil(bytes / 64) * 64
    if (this.#next > this.buffer.byteLength) throw new RangeError(`an arena of ${this.buffer.byteLength} bytes is full`)
    return at
  }
  bytes(at: number, length: number): Int8Array {
    return new Int8Array(this.buffer, at, length)
  }
  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.buffer, at, length)
  }
  words(at: number, length: number): Uint32Array {
    return new Uint32Array(this.buffer, at, length)
  }
}

export interface Instance {
  readonly kernels: Kernels
  readonly arena: Arena
  /** What another thread needs to run the same kernels over the same memory; it can be posted to it. */
  readonly share: { readonly module: object; readonly memory: object }
}

/** Kernels over an arena of that many bytes; nothing where WASM SIMD is missing or the bytes are more than it can address. */
export const instantiate = (bytes: number, isShared = false): Instance | undefined => {
  const module = isShared ? sharedModule() : ownModule()
  if (module === undefined || bytes > mostBytes) return undefined
  try {
    const pages = Math.ceil(bytes / pageBytes)
    const memory = new WebAssembly.Memory({ initial: pages, ...(isShared && { maximum: pages, shared: true }) })
    const { exports } = new WebAssembly.Instance(module, { env: { memory } })
    // What the module exports is what assembly/kernels.as declares.
    return { kernels: exports as Kernels, arena: new Arena(memory.buffer), share: { module, memory } }
  } catch {
    return undefined
  }
}
