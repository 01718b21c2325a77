/** An answer that is known: compared with a field that came with the prompt. */
import * as Completion from "@consortium/core/Completion"
import type { CheckRule } from "@consortium/sampling/CheckRule"
import * as Effect from "effect/Effect"

export interface Options {
  /** The prompt's field with the right answer: a text, a number, or a list of either. */
  readonly field: string
  /**
   * What of the answer is compared: all of it, its last line, its last number, or whether the right one is a part of it.
   * @default "last-number" where the right answer is a number, else "last-line"
   */
  readonly compare?: "whole" | "last-line" | "last-number" | "contains"
}

/** Case, spaces, emphasis and a closing dot are no part of an answer. */
const plain = (text: string): string =>
  text
    .normalize("NFKC")
    .replaceAll(/[*_`$]|\\boxed\{([^}]*)\}/g, "$1")
    .replaceAll(/\s+/g, " ")
    .trim()
    .replace(/[.。!]$/, "")
    .toLowerCase()

/** The answer behind `Answer:` and the like, else the line itself. */
const lastLine = (text: string): string => {
  const line = text.trim().split("\n").at(-1) ?? ""
  return plain(line).replace(/^.{0,40}?(?:answer(?: is)?|result|therefore|thus|antwort|réponse|####)\s*[:=]?\s*/i, "")
}

const number = /-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?/gi
const numberIn = (text: string): number | undefined => {
  const last = text.match(number)?.at(-1)
  return last === undefined ? undefined : Number(last.replaceAll(",", ""))
}

const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text.replaceAll(",", "")))

const isSame = (answer: string, right: string, compare: NonNullable<Options["compare"]>): boolean => {
  if (compare === "whole") return plain(answer) === plain(right)
  if (compare === "contains") return plain(answer).includes(plain(right))
  if (compare === "last-line") return lastLine(answer) === plain(right)
  const [given, expected] = [numberIn(answer), numberIn(right)]
  return (
    given !== undefined &&
    expected !== undefined &&
    Math.abs(given - expected) <= 1e-9 * Math.max(1, Math.abs(expected))
  )
}

const rightOnes = (value: unknown): ReadonlyArray<string> =>
  (Array.isArray(value) ? value : [value]).flatMap((one: unknown) =>
    typeof one === "string" || typeof one === "number" ? [String(one)] : []
  )

/** Passes what says one of the right answers. A prompt without the field passes, which the note says. */
export const exactMatch = ({ compare, field }: Options): CheckRule => ({
  by: compare === undefined ? `exact:${field}` : `exact:${field}, ${compare}`,
  check: ({ outcome }, prompt) =>
    Effect.sync(() => {
      const right = rightOnes(prompt.carried?.[field])
      if (right.length === 0) return { passed: true, note: `the prompt has no field ${field}` }
      const text = Completion.text(outcome.success)
      const isRight = right.some((one) => isSame(text, one, compare ?? (isNumber(one) ? "last-number" : "last-line")))
      return isRight ? { passed: true } : { passed: false, note: `not the answer in ${field}` }
    })
})
