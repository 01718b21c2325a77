/**
 * Worker threads that run kernels over memories that they share with this one. A thread knows nothing but its memory: it
 * waits for the name of a kernel and its numbers, runs it, and leaves the answer. Where the rows are in shared memory it
 * fetches its own.
 */
import { SelectionError } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Instance, Kernels } from "./kernels.js"

/** Numbers of the longest call, and the answer behind them. */
const mostNumbers = 15
const controlBytes = 16 + (mostNumbers + 1) * 8
/** Looks before a thread sleeps: some tens of microseconds, what it takes to wake one. */
const looks = 20_000

/**
 * What a thread runs: plain JavaScript, as text, so that it is there in sources, in the package and in a bundle alike.
 * `flags` are the number of the call, the number of the last one done, the kernel, and how many numbers it takes.
 */
const source = `
const { workerData: { module, memory, control, names, data } } = process.getBuiltinModule("node:worker_threads")
const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports
const fetch = (from, n, dimension, block, perBlock, q, scale, lost, sum, d) => {
  for (let at = 0; at < n; at += perBlock) {
    const count = Math.min(perBlock, n - at)
    const out = new Float32Array(memory.buffer, block, count * d)
    for (let k = 0; k < count; k++) {
      const row = (from + at + k) * dimension
      out.set(data.subarray(row, row + dimension), k * d)
    }
    kernels.takeIn(block, q + at * d, scale + at * 4, lost + at * 4, sum, count, d)
  }
}
const calls = { ...kernels, fetch }
const flags = new Int32Array(control, 0, 4)
const numbers = new Float64Array(control, 16)
for (let done = 0; ; ) {
  for (let look = 0; look < ${looks} && Atomics.load(flags, 0) === done; look++);
  while (Atomics.load(flags, 0) === done) Atomics.wait(flags, 0, done)
  done = Atomics.load(flags, 0)
  const answer = calls[names[flags[2]]](...numbers.subarray(0, flags[3]))
  if (answer !== undefined) numbers[${mostNumbers}] = answer
  Atomics.store(flags, 1, done)
}`

const builtin = () => globalThis.process?.getBuiltinModule?.("node:worker_threads")

/** Whether there can be threads here. */
export const areThere = (): boolean => builtin() !== undefined && typeof SharedArrayBuffer !== "undefined"

/** Whether rows are in memory that threads can see. */
export const isShared = (data: Float32Array | undefined): boolean =>
  typeof SharedArrayBuffer !== "undefined" && data?.buffer instanceof SharedArrayBuffer

/** How many threads this machine runs at once. */
export const machines = (): number => globalThis.navigator?.hardwareConcurrency ?? 1

const lost = (detail: string) =>
  new SelectionError({
    why: "thread-lost",
    detail: `a worker thread ended (${detail}): give it more memory, or select with threads: 1`
  })

/** One thread, beside one memory. */
export class Thread {
  readonly #names: ReadonlyArray<string>
  readonly #flags: Int32Array
  readonly #numbers: Float64Array
  #calls = 0
  #lost: string | undefined
  readonly end: () => Promise<unknown>

  constructor(
    { kernels, share }: Instance,
    data: Float32Array | undefined,
    { Worker }: typeof import("node:worker_threads")
  ) {
    const control = new SharedArrayBuffer(controlBytes)
    this.#names = [...Object.keys(kernels), "fetch"]
    this.#flags = new Int32Array(control, 0, 4)
    this.#numbers = new Float64Array(control, 16)
    const worker = new Worker(source, {
      eval: true,
      execArgv: [],
      env: {},
      name: "consortium-selector",
      workerData: { ...share, control, names: this.#names, ...(isShared(data) && { data }) }
    })
    worker.on("error", (error) => {
      this.#lost ??= error instanceof Error ? error.message : String(error)
    })
    worker.on("exit", (code) => {
      this.#lost ??= `exit code ${code}`
    })
    // A program that is done ends, whatever a thread waits for.
    worker.unref()
    this.end = () => worker.terminate()
  }

  start(name: keyof Kernels | "fetch", numbers: ReadonlyArray<number>): void {
    this.#numbers.set(numbers)
    this.#flags[2] = this.#names.indexOf(name)
    this.#flags[3] = numbers.length
    this.#calls++
    Atomics.store(this.#flags, 0, this.#calls)
    Atomics.notify(this.#flags, 0)
  }

  /** The answer to what was started last. Others have their turn meanwhile, so that a lost thread is noticed. */
  readonly answer: Effect.Effect<number, SelectionError> = Effect.suspend(() => {
    for (let look = 0; look < looks; look++) {
      if (Atomics.load(this.#flags, 1) === this.#calls) return Effect.succeed(this.#numbers[mostNumbers] as number)
    }
    return this.#lost === undefined ? Effect.andThen(Effect.yieldNow, this.answer) : Effect.fail(lost(this.#lost))
  })
}

/** A thread for each memory, until the scope closes. */
export const hire = (
  instances: ReadonlyArray<Instance>,
  data: Float32Array | undefined
): Effect.Effect<ReadonlyArray<Thread>, never, Scope.Scope> => {
  const found = builtin()
  if (found === undefined) return Effect.succeed([])
  return Effect.acquireRelease(
    Effect.sync(() => instances.map((instance) => new Thread(instance, data, found))),
    (threads) => Effect.promise(() => Promise.all(threads.map((thread) => thread.end())))
  )
}
