/** Rows of a float32 file, read when they are asked for: some hundred at once where they are asked in order. */
import * as fs from "node:fs"
import { normalise, type Space, type VectorRows } from "@consortium/core/EmbeddingMatrix"
import type { PromptId } from "@consortium/core/Ids"
import { SelectionError } from "@consortium/core/Selection"

/** Bytes that are read ahead. */
const ahead = 1 << 20

export class Rows implements VectorRows {
  readonly space: Space
  readonly ids: ReadonlyArray<PromptId>
  readonly rows: number
  readonly #path: string
  readonly #file: number
  /** Where the numbers begin. */
  readonly #from: number
  readonly #window: Float32Array
  readonly #one: Float32Array
  /** The rows in the window. */
  #first = 0
  #end = 0
  #last = -1

  constructor(path: string, file: number, from: number, space: Space, ids: ReadonlyArray<PromptId>) {
    const { dimension } = space
    this.space = space
    this.ids = ids
    this.rows = ids.length
    this.#path = path
    this.#file = file
    this.#from = from
    this.#window = new Float32Array(Math.max(1, Math.floor(ahead / dimension / 4)) * dimension)
    this.#one = new Float32Array(dimension)
  }

  row(index: number): Float32Array {
    const { dimension } = this.space
    const isNext = index === this.#last + 1 || index === 0
    this.#last = index
    if (isNext && !this.#isAtHand(index)) {
      const count = Math.min(this.#window.length / dimension, this.rows - index)
      this.#read(index, this.#window.subarray(0, count * dimension))
      this.#first = index
      this.#end = index + count
    }
    if (this.#isAtHand(index)) {
      const at = (index - this.#first) * dimension
      return this.#window.subarray(at, at + dimension)
    }
    this.#read(index, this.#one)
    return this.#one
  }

  #isAtHand(index: number): boolean {
    return index >= this.#first && index < this.#end
  }

  #read(first: number, into: Float32Array): void {
    const { dimension } = this.space
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
    const from = this.#from + first * dimension * 4
    for (let done = 0; done < bytes.length; ) {
      const got = this.#piece(bytes.subarray(done), from + done)
      if (got === 0) throw this.#unreadable(first, "the file ends before it: copy or save it again")
      done += got
    }
    for (let at = 0; at < into.length; at += dimension) {
      const trouble = normalise(into, at, at + dimension)
      if (trouble !== undefined) throw this.#unreadable(first + at / dimension, `${trouble}: mend or drop it`)
    }
  }

  #piece(into: Uint8Array, from: number): number {
    try {
      return fs.readSync(this.#file, into, 0, into.length, from)
    } catch (cause) {
      throw this.#unreadable(0, cause instanceof Error ? cause.message : "it can't be read")
    }
  }

  #unreadable(row: number, detail: string): SelectionError {
    return new SelectionError({ why: "unreadable", detail: `${this.#path}, row ${row + 1}: ${detail}` })
  }
}
