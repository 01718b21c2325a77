/**
 * What a certainty is worth, learnt from labels: one temperature (Guo et al. 2017) and the expected calibration error
 * (Naeini et al. 2015).
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** Too few labelled certainties to learn from. */
export class TooFewLabels extends Schema.TaggedError<TooFewLabels>()("TooFewLabels", {
  labels: Schema.Int,
  needed: Schema.Int
}) {
  readonly isRetryable = false
  override get message(): string {
    return `${this.labels} labels where ${this.needed} are needed: label more, and show the agreement of judges until then`
  }
}

/** A learnt temperature: above 1 where certainties were too high. */
export interface Calibration {
  readonly temperature: number
  /** What it was learnt from. */
  readonly labels: number
}

/** A certainty, 0 to 1, and whether what it was about was right: 1, 0, or 0.5 for half right. */
export interface Outcome {
  readonly certainty: number
  readonly right: number
}

export const defaults = { labels: 40, bins: 10 } as const

/** As many draws as a chance of being best is counted in can't tell 1 from this. */
const edge = 1 / 800
const inside = (p: number): number => Math.min(1 - edge, Math.max(edge, p))

/** A chance at a temperature: σ(logit p / T). */
export const scale = (p: number, { temperature }: Pick<Calibration, "temperature">): number => {
  const q = inside(p)
  return 1 / (1 + Math.exp(-Math.log(q / (1 - q)) / temperature))
}

/** Chances of several things of which one is true, at a temperature; their sum is 1 again. */
export const scaleAll = (
  chances: ReadonlyArray<number>,
  { temperature }: Pick<Calibration, "temperature">
): ReadonlyArray<number> => {
  const powers = chances.map((p) => inside(p) ** (1 / temperature))
  const sum = powers.reduce((all, power) => all + power, 0)
  return powers.map((power) => power / sum)
}

const loss = (outcomes: ReadonlyArray<Outcome>, logTemperature: number): number => {
  const at = { temperature: Math.exp(logTemperature) }
  let sum = 0
  for (const { certainty, right } of outcomes) {
    const p = scale(certainty, at)
    sum -= right * Math.log(p) + (1 - right) * Math.log(1 - p)
  }
  return sum
}

/** The temperature of least log loss between 1/20 and 20, by golden section. @param needed labels @default 40 */
export const fit = (
  outcomes: ReadonlyArray<Outcome>,
  needed: number = defaults.labels
): Result.Result<Calibration, TooFewLabels> => {
  if (outcomes.length < needed) return Result.fail(new TooFewLabels({ labels: outcomes.length, needed }))
  const golden = (Math.sqrt(5) - 1) / 2
  let low = -Math.log(20)
  let high = Math.log(20)
  while (high - low > 1e-7) {
    const left = high - golden * (high - low)
    const right = low + golden * (high - low)
    if (loss(outcomes, left) <= loss(outcomes, right)) high = right
    else low = left
  }
  return Result.succeed({ temperature: Math.exp((low + high) / 2), labels: outcomes.length })
}

/** Expected calibration error over bins of equal width: how far certainties are from what came true, 0 to 1. */
export const error = (outcomes: ReadonlyArray<Outcome>, bins: number = defaults.bins): number => {
  const certainty = new Float64Array(bins)
  const right = new Float64Array(bins)
  for (const outcome of outcomes) {
    const bin = Math.min(bins - 1, Math.floor(outcome.certainty * bins))
    certainty[bin] = (certainty[bin] as number) + outcome.certainty
    right[bin] = (right[bin] as number) + outcome.right
  }
  let sum = 0
  for (let bin = 0; bin < bins; bin++) sum += Math.abs((certainty[bin] as number) - (right[bin] as number))
  return outcomes.length === 0 ? Number.NaN : sum / outcomes.length
}
