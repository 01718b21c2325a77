/** Bytes that may be text: refuses those that can't be by how they begin, and drops the mark of UTF-8. */
import { SourceError } from "@consortium/core/PromptSource"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** How far a NUL is looked for, in bytes. */
const looked = 8192
/** The longest mark, in bytes. */
const mark = 3

const begins = (bytes: Uint8Array, ...start: ReadonlyArray<number>) =>
  start.every((byte, index) => bytes[index] === byte)

const utf16 = (bytes: Uint8Array): string | undefined =>
  begins(bytes, 0xff, 0xfe) ? "UTF-16 LE" : begins(bytes, 0xfe, 0xff) ? "UTF-16 BE" : undefined

export const textOnly = (
  file: string,
  bytes: Stream.Stream<Uint8Array, SourceError>
): Stream.Stream<Uint8Array, SourceError> =>
  Stream.suspend(() => {
    const refuse = (reason: string) => Effect.fail(new SourceError({ file, reason }))
    /** The first bytes, until there are enough to know a mark; a source may give them one by one. */
    let held: Uint8Array | undefined = new Uint8Array()
    let seen = 0
    const pass = (chunk: Uint8Array) => {
      const head = chunk.subarray(0, Math.max(0, looked - seen))
      seen += chunk.length
      return head.includes(0)
        ? refuse("it holds NUL bytes, so it is no text in UTF-8: give prompts as text, compressed files unpacked")
        : Effect.succeed(chunk)
    }
    /** `undefined` stands for the end. */
    const take = (chunk: Uint8Array | undefined) => {
      if (held === undefined) return chunk === undefined ? Effect.succeed(new Uint8Array()) : pass(chunk)
      const first = chunk === undefined ? held : Buffer.concat([held, chunk])
      if (chunk !== undefined && first.length < mark) {
        held = first
        return Effect.succeed(new Uint8Array())
      }
      held = undefined
      const encoding = utf16(first)
      if (encoding !== undefined) return refuse(`it is ${encoding}: convert it to UTF-8`)
      return pass(begins(first, 0xef, 0xbb, 0xbf) ? first.subarray(mark) : first)
    }
    return Stream.mapEffect(Stream.concat(bytes, Stream.succeed(undefined)), take)
  })
