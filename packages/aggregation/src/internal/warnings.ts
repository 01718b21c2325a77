/** What speaks against trusting judges' weights that were learnt without labels. */
import * as FlipRate from "../FlipRate.js"
import type { Votes } from "../Votes.js"

const argmax = (values: ArrayLike<number>): number => {
  let best = 0
  for (let at = 1; at < values.length; at++) if ((values[at] as number) > (values[best] as number)) best = at
  return best
}

/** Sentences; the first always holds. */
export const warningsOf = (
  votes: Votes,
  trust: ArrayLike<number>,
  atBound: (value: number) => boolean
): ReadonlyArray<string> => {
  const out = [
    "learnt without labels: where most judges share an error, the ones that are right look unreliable; check it on 20 labelled groups, or use flip-rate weights"
  ]
  for (const [j, judge] of votes.judges.entries()) {
    if (atBound(trust[j] as number))
      out.push(`${judge} is at the edge of what the model allows: its own number means little`)
  }
  const rates = FlipRate.rates(votes)
  const trusted = rates[argmax(trust)]
  const steadiest = rates
    .filter(({ pairs }) => pairs > 0)
    .reduce<FlipRate.FlipRate | undefined>(
      (best, one) => (best !== undefined && best.instability <= one.instability ? best : one),
      undefined
    )
  if (
    trusted !== undefined &&
    steadiest !== undefined &&
    trusted.pairs > 0 &&
    trusted.instability > steadiest.instability
  ) {
    const share = (rate: FlipRate.FlipRate) => `${Math.round(100 * rate.instability)} %`
    out.push(
      `${trusted.judge} is trusted most though it is unstable on ${share(trusted)} of its pairs, ${steadiest.judge} on ${share(steadiest)}`
    )
  }
  return out
}
