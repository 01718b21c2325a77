/** What rules a row out of a guessed step, by its lower bounds at the passes before and after it. */
import { type Aim, between } from "./direction.js"
import { margin } from "./quantised.js"

/** A step, by the aim it was made at and the winner's cosine, between two aims of that cosine. */
export const testOf = (
  step: Aim,
  winner: number,
  aimA: Aim,
  aimC: Aim,
  cosine: number
): readonly [a: number, c: number, rest: number, most: number] => {
  const { a, c, rest } = between(step.unit, aimA.unit, aimC.unit, cosine)
  return [a, c, rest + 2.5e-6, winner + margin]
}

/** Whether some of the tests, one behind the other, can't rule out a row. */
export const isSuspect = (tests: Float64Array, x: number, y: number): boolean => {
  for (let at = 0; at < tests.length; at += 4) {
    const low = (tests[at] as number) * x + (tests[at + 1] as number) * y - (tests[at + 2] as number)
    if (low <= (tests[at + 3] as number)) return true
  }
  return false
}
