/** Bytes to lines, or to what else ends at a newline, with memory bounded by the longest one allowed. */
import { isNonEmpty } from "@consortium/core/NonEmpty"
import * as Stream from "effect/Stream"

export type Line =
  | { readonly _tag: "Text"; readonly number: number; readonly text: string }
  | { readonly _tag: "Bad"; readonly number: number; readonly reason: string }

/** Finds the newlines that end something. It sees every byte once, in order. */
export interface Ends {
  /** The index of the next such newline, or -1 where this chunk has no more. */
  readonly next: (chunk: Uint8Array, from: number) => number
  /** The newlines passed over since the last end. */
  readonly passed: () => number
}

const newline = 0x0a
const carriageReturn = 0x0d

/** Every newline ends a line. */
export const everyNewline = (): Ends => ({ next: (chunk, from) => chunk.indexOf(newline, from), passed: () => 0 })

/** Parts bytes, drops a `\r` before the newline, and refuses what is too long or no UTF-8, one line at a time. */
const splitter = (longest: number, ends: Ends) => {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  let held: Array<Uint8Array> = []
  let size = 0
  let next = 1

  const finish = (): Line => {
    const number = next
    next += 1 + ends.passed()
    const bytes = held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held)
    const length = size
    held = []
    size = 0
    if (length > longest) {
      return { _tag: "Bad", number, reason: `it has ${length} bytes where at most ${longest} are read: shorten it` }
    }
    const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length
    try {
      return { _tag: "Text", number, text: decoder.decode(bytes.subarray(0, end)) }
    } catch {
      return { _tag: "Bad", number, reason: "it is not valid UTF-8: convert the file to UTF-8" }
    }
  }
  const hold = (bytes: Uint8Array) => {
    size += bytes.length
    // What is too long is counted and not kept.
    if (size <= longest) held.push(bytes)
    else held = []
  }
  return {
    take: (chunk: Uint8Array): ReadonlyArray<Line> => {
      const lines: Array<Line> = []
      let from = 0
      for (let at = ends.next(chunk, 0); at >= 0; at = ends.next(chunk, from)) {
        hold(chunk.subarray(from, at))
        lines.push(finish())
        from = at + 1
      }
      // A copy, since a source may use its buffer again.
      if (from < chunk.length) hold(chunk.slice(from))
      return lines
    },
    rest: (): ReadonlyArray<Line> => (size > 0 ? [finish()] : [])
  }
}

/** Lines, each with the number of the line of the file that it starts on, from 1. @param longest in bytes */
export const lines = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>,
  longest: number,
  ends: () => Ends = everyNewline
): Stream.Stream<Line, E, R> =>
  Stream.suspend(() => {
    const split = splitter(longest, ends())
    return bytes.pipe(
      Stream.map((chunk) => split.take(chunk)),
      Stream.concat(Stream.sync(() => split.rest())),
      Stream.filter(isNonEmpty),
      Stream.flattenArray
    )
  })
