/** Bytes to the lines of a text, none longer than allowed. */
import { MatrixFileError } from "../MatrixFileError.js"

/** Characters of a line: several times what the longest vectors need. */
const longest = 8 * 1024 * 1024

/** Hands each line that is not blank to `take`, with its number from 1. */
export class Lines {
  readonly #file: string
  readonly #take: (line: string, number: number) => MatrixFileError | undefined
  readonly #decoder = new TextDecoder("utf-8")
  #rest = ""
  #number = 0

  constructor(file: string, take: (line: string, number: number) => MatrixFileError | undefined) {
    this.#file = file
    this.#take = take
  }

  /** The first trouble, if any. */
  push(piece: Uint8Array): MatrixFileError | undefined {
    const text = this.#rest + this.#decoder.decode(piece, { stream: true })
    let from = 0
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      const trouble = this.#line(text.slice(from, end))
      if (trouble !== undefined) return trouble
      from = end + 1
    }
    this.#rest = text.slice(from)
    return this.#rest.length > longest
      ? new MatrixFileError({ file: this.#file, row: this.#number + 1, reason: "the line is too long to be a vector" })
      : undefined
  }

  end(): MatrixFileError | undefined {
    return this.#line(this.#rest + this.#decoder.decode())
  }

  #line(line: string): MatrixFileError | undefined {
    this.#number++
    return line.trim() === "" ? undefined : this.#take(line, this.#number)
  }
}
