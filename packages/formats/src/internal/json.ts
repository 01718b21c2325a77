/** JSON text to a value, or to the place where it stops being JSON: the engine's own messages often name none. */
import * as Result from "effect/Result"

export interface Fault {
  /** The index in the text, from 0. */
  readonly at: number
  readonly reason: string
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\d.eE+-])/y
const word = /(?:true|false|null)(?![\w])/y
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

const matched = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : -1
}

/** Where a string that opens at `at` is over, or the fault in it. */
const stringEnd = (text: string, at: number): number | Fault => {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) return i + 1
    if (code < 0x20) return { at: i, reason: "a line break or control character inside a string: escape it" }
    if (code === 0x5c) {
      const end = matched(escape, text, i)
      if (end < 0) return { at: i, reason: "an unknown escape inside a string" }
      i = end - 1
    }
  }
  return { at, reason: "a string that is never closed" }
}

const atomEnd = (text: string, at: number): number | Fault => {
  if (text[at] === '"') return stringEnd(text, at)
  const end = Math.max(matched(number, text, at), matched(word, text, at))
  if (end >= 0) return end
  return { at, reason: `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))}` }
}

type Expected = "value" | "value or ]" | "name" | "name or }" | "colon" | "comma" | "end"

/** The first fault of a text that is no JSON. */
const faultOf = (text: string): Fault => {
  const open: Array<"{" | "["> = []
  let expected: Expected = "value"
  const after = (): Expected => (open.length === 0 ? "end" : "comma")
  for (let at = 0; ; ) {
    while (at < text.length && " \t\r\n".includes(text.charAt(at))) at++
    const char = text.charAt(at)
    if (char === "") return { at, reason: "it ends too early" }
    if (expected === "end") return { at, reason: `unexpected ${JSON.stringify(char)} after the value` }
    if (expected === "comma") {
      const closes = open.at(-1) === "{" ? "}" : "]"
      if (char === closes) {
        open.pop()
        expected = after()
      } else if (char === ",") expected = open.at(-1) === "{" ? "name" : "value"
      else return { at, reason: `a comma or ${closes} is missing` }
      at++
    } else if (expected === "colon") {
      if (char !== ":") return { at, reason: "a colon is missing" }
      expected = "value"
      at++
    } else if ((expected === "value or ]" && char === "]") || (expected === "name or }" && char === "}")) {
      open.pop()
      expected = after()
      at++
    } else if (expected === "name" || expected === "name or }") {
      if (char !== '"') return { at, reason: "a name in double quotes is missing" }
      const end = stringEnd(text, at)
      if (typeof end !== "number") return end
      at = end
      expected = "colon"
    } else if (char === "{" || char === "[") {
      open.push(char)
      expected = char === "{" ? "name or }" : "value or ]"
      at++
    } else if (",:}]".includes(char)) return { at, reason: `unexpected ${JSON.stringify(char)}` }
    else {
      const end = atomEnd(text, at)
      if (typeof end !== "number") return end
      at = end
      expected = after()
    }
  }
}

/** Parses, or says where it can't. */
export const parse = (text: string): Result.Result<unknown, Fault> => {
  try {
    const value: unknown = JSON.parse(text)
    return Result.succeed(value)
  } catch {
    return Result.fail(faultOf(text))
  }
}
