/** Unit vectors of one space, named by prompt: what the selector reads. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { PromptId } from "./Ids.js"

/** Vectors are comparable only inside one space. */
export interface Space {
  readonly model: string
  readonly dimension: number
  /** Separates input types, quantisations and revisions of one model. */
  readonly variant?: string
}

/** One line that two equal spaces share. */
export const spaceKey = (space: Space): string => `${space.model}/${space.dimension}/${space.variant ?? ""}`

export class EmbeddingError extends Schema.TaggedError<EmbeddingError>()("EmbeddingError", {
  why: Schema.Literals([
    "empty",
    "mixed-spaces",
    "wrong-shape",
    "not-finite",
    "zero-vector",
    "repeated-id",
    "too-long"
  ]),
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `embedding ${this.why}: ${this.detail}`
  }
}

/** How far rounding to float32 can leave a scaled row from length 1, doubled. */
const unit = 2 ** -23

/** The sum of squares, in four that do not wait for each other. A float32's square is far from the ends of a float64. */
const squares = (data: Float32Array, from: number, to: number): number => {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let i = from
  for (; i + 3 < to; i += 4) {
    const p = data[i] as number
    const q = data[i + 1] as number
    const r = data[i + 2] as number
    const s = data[i + 3] as number
    a += p * p
    b += q * q
    c += r * r
    d += s * s
  }
  for (; i < to; i++) {
    const x = data[i] as number
    a += x * x
  }
  return a + b + (c + d)
}

/** Scales `data[from, to)` to length 1 in place, where it is not so already: twice is as once. Answers why it can't. */
export const normalise = (data: Float32Array, from: number, to: number): "not-finite" | "zero-vector" | undefined => {
  const sum = squares(data, from, to)
  if (!(sum < Infinity)) return "not-finite"
  if (sum === 0) return "zero-vector"
  const length = Math.sqrt(sum)
  if (Math.abs(length - 1) <= unit) return undefined
  const scale = 1 / length
  for (let i = from; i < to; i++) data[i] = (data[i] as number) * scale
  return undefined
}

/** Unit rows of one space, each with an id, in memory or not: what a matrix is to a rule that reads few of them twice. */
export interface VectorRows {
  readonly space: Space
  readonly ids: ReadonlyArray<PromptId>
  readonly rows: number
  /** One row. Where rows are not in memory, the next call may overwrite it, and a row that can't be read is thrown. */
  row(index: number): Float32Array
  /** All of them, row after row, where they are in memory. */
  readonly data?: Float32Array
}

/** From so many numbers on (64 MB), threads gain more by reading rows where they are than shared memory costs. */
const sharedFrom = 2 ** 24

/** Zeros for so many numbers; many of them in shared memory where the runtime has it, so that threads can read them in place. */
export const roomFor = (numbers: number): Float32Array =>
  numbers >= sharedFrom && typeof SharedArrayBuffer !== "undefined"
    ? new Float32Array(new SharedArrayBuffer(numbers * 4))
    : new Float32Array(numbers)

/**
 * `rows × dimension` float32 numbers, row after row, each row of length 1, each with the id of its prompt. Made by
 * `make`, `append` and `embedAll` only, and passed on by reference.
 */
export class EmbeddingMatrix implements VectorRows {
  /** TypeScript is structural: without a private member an object literal would pass. */
  declare private readonly made: never
  readonly space: Space
  readonly ids: ReadonlyArray<PromptId>
  /** Row-major. To be read only: TypeScript has no read-only typed array. */
  readonly data: Float32Array

  private constructor(space: Space, ids: ReadonlyArray<PromptId>, data: Float32Array) {
    this.space = space
    this.ids = ids
    this.data = data
  }

  get rows(): number {
    return this.ids.length
  }

  /** A view of one row, not a copy. */
  row(index: number): Float32Array {
    return this.data.subarray(index * this.space.dimension, (index + 1) * this.space.dimension)
  }

  /** Takes ownership of `data` and normalises it in place. */
  static make(
    space: Space,
    ids: ReadonlyArray<PromptId>,
    data: Float32Array
  ): Result.Result<EmbeddingMatrix, EmbeddingError> {
    const fail = (why: EmbeddingError["why"], detail: string) => Result.fail(new EmbeddingError({ why, detail }))
    const { dimension } = space
    if (!Number.isInteger(dimension) || dimension < 1) return fail("wrong-shape", `a dimension of ${dimension}`)
    if (ids.length === 0) return fail("empty", `no rows in ${spaceKey(space)}`)
    if (data.length !== ids.length * dimension) {
      return fail("wrong-shape", `${data.length} numbers for ${ids.length} rows of ${dimension}`)
    }
    const seen = new Set<PromptId>()
    for (const [row, id] of ids.entries()) {
      if (seen.has(id)) return fail("repeated-id", `${id} names two rows`)
      seen.add(id)
      const trouble = normalise(data, row * dimension, (row + 1) * dimension)
      if (trouble !== undefined) return fail(trouble, `the vector of ${id}`)
    }
    return Result.succeed(new EmbeddingMatrix(space, ids, data))
  }

  /** Both matrices' rows, in order; they must be of one space and share no id. */
  append(other: EmbeddingMatrix): Result.Result<EmbeddingMatrix, EmbeddingError> {
    if (spaceKey(other.space) !== spaceKey(this.space)) {
      const detail = `${spaceKey(this.space)} and ${spaceKey(other.space)}`
      return Result.fail(new EmbeddingError({ why: "mixed-spaces", detail }))
    }
    const data = roomFor(this.data.length + other.data.length)
    data.set(this.data)
    data.set(other.data, this.data.length)
    return EmbeddingMatrix.make(this.space, [...this.ids, ...other.ids], data)
  }
}
