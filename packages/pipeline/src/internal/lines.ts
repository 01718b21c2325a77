/** Bytes to lines, with memory bounded by the longest line allowed. */
import * as Stream from "effect/Stream"

export type Line =
  | { readonly _tag: "Text"; readonly number: number; readonly text: string }
  | { readonly _tag: "Bad"; readonly number: number; readonly reason: string }

const newline = 0x0a
const carriageReturn = 0x0d

/** Parts bytes at `\n`, drops a `\r` before it, and refuses lines that are too long or no UTF-8, one at a time. */
const splitter = (longest: number) => {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  let held: Array<Uint8Array> = []
  let size = 0
  let number = 0

  const finish = (): Line => {
    number++
    const bytes = held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held)
    const length = size
    held = []
    size = 0
    if (length > longest) {
      return { _tag: "Bad", number, reason: `the line has ${length} bytes; at most ${longest} are read: shorten it` }
    }
    const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length
    try {
      return { _tag: "Text", number, text: decoder.decode(bytes.subarray(0, end)) }
    } catch {
      return { _tag: "Bad", number, reason: "the line is not valid UTF-8: convert the file to UTF-8" }
    }
  }
  const hold = (bytes: Uint8Array) => {
    size += bytes.length
    // What is too long is counted and not kept.
    if (size <= longest) held.push(bytes)
    else held = []
  }
  return {
    take: (chunk: Uint8Array): Array<Line> => {
      const lines: Array<Line> = []
      let from = 0
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
        hold(chunk.subarray(from, at))
        lines.push(finish())
        from = at + 1
      }
      if (from < chunk.length) hold(chunk.slice(from))
      return lines
    },
    rest: (): Array<Line> => (size > 0 ? [finish()] : [])
  }
}

/** Lines numbered from 1. @param longest in bytes */
export const lines = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>, longest: number): Stream.Stream<Line, E, R> =>
  Stream.suspend(() => {
    const split = splitter(longest)
    return bytes.pipe(
      Stream.map((chunk) => split.take(chunk)),
      Stream.concat(Stream.sync(() => split.rest())),
      Stream.flatMap((part) => Stream.fromIterable(part))
    )
  })
