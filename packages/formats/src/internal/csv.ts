/**
 * Comma-separated values as RFC 4180 has them. The two halves are apart, so that a broken record costs one row and not
 * the rest of the file: where records end is found in bytes, what stands in one is read from its text.
 */
import * as Result from "effect/Result"
import type { Ends } from "./lines.js"
import { fail, type Read } from "./trouble.js"

const newline = 0x0a
const comma = 0x2c
const quote = 0x22

type At = "start" | "bare" | "quoted" | "closing"

const step = (at: At, byte: number): At => {
  if (at === "quoted") return byte === quote ? "closing" : "quoted"
  if (byte === comma) return "start"
  return byte === quote && at !== "bare" ? "quoted" : "bare"
}

/** Newlines inside a quoted cell end nothing. */
export const recordEnds = (): Ends => {
  let at: At = "start"
  let inner = 0
  return {
    next: (chunk, from) => {
      for (let i = from; i < chunk.length; i++) {
        const byte = chunk[i] ?? newline
        if (byte !== newline) at = step(at, byte)
        else if (at === "quoted") inner++
        else {
          at = "start"
          return i
        }
      }
      return -1
    },
    passed: () => {
      const passed = inner
      inner = 0
      return passed
    }
  }
}

/** A quoted cell that opens at `from`: its text, and where it is over. */
const quoted = (record: string, from: number): readonly [string, number] | undefined => {
  let cell = ""
  for (let start = from + 1; ; ) {
    const end = record.indexOf('"', start)
    if (end < 0) return undefined
    cell += record.slice(start, end)
    if (record[end + 1] !== '"') return [cell, end + 1]
    cell += '"'
    start = end + 2
  }
}

/** The cells of one record. */
export const cellsOf = (record: string): Read<ReadonlyArray<string>> => {
  const cells: Array<string> = []
  for (let at = 0; ; at++) {
    const cell = `cell ${cells.length + 1}`
    if (record[at] === '"') {
      const read = quoted(record, at)
      if (read === undefined)
        return fail(`${cell} opens a quote that is never closed: close it, and double quotes inside`)
      cells.push(read[0])
      at = read[1]
      if (at < record.length && record[at] !== ",") {
        return fail(`${cell} goes on after its closing quote: double the quotes inside a quoted cell`)
      }
    } else {
      const end = record.indexOf(",", at)
      const text = record.slice(at, end < 0 ? record.length : end)
      if (text.includes('"'))
        return fail(`${cell} has a quote inside: put the whole cell in quotes and double those inside`)
      cells.push(text)
      at += text.length
    }
    if (at >= record.length) return Result.succeed(cells)
  }
}
