/** A panel that shows each judge every two options in both orders. Each verdict is a vote on two, the others unranked. */
import { arrange, type Sheet } from "@consortium/core/Blind"
import { Failure } from "@consortium/core/Call"
import type { Label } from "@consortium/core/Ids"
import { type Judge, Panel, type Vote } from "@consortium/core/Judge"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import { record } from "@consortium/core/Receipt"
import type { Seed } from "@consortium/core/Seed"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

const inTwos = <A>(all: ReadonlyArray<A>): ReadonlyArray<readonly [A, A]> =>
  all.flatMap((one, at) => all.slice(at + 1).map((other) => [one, other] as const))

export const pairwisePanel = (judges: NonEmpty<Judge>, seed: Seed): Layer.Layer<Panel> => {
  const ask = Effect.fnUntraced(function* (sheet: Sheet, index: number, pass: number, only: NonEmpty<Label>) {
    const judge = judges[index] ?? judges[0]
    const shown = arrange(sheet, seed, { judge: index, judges: judges.length, pass, only })
    const [answer, receipt] = yield* record(judge.judge)(shown.sheet)
    const outcome = Result.flatMap(answer, (ballot) => ballot.restore(sheet, shown.restore))
    return {
      judge: judge.id,
      pass,
      order: shown.order,
      outcome: Result.mapError(outcome, Failure.from),
      receipt
    } satisfies Vote
  })
  return Layer.succeed(Panel, {
    judge: Effect.fnUntraced(function* (sheet: Sheet) {
      const labels = map(sheet.options, (option) => option.label)
      const votes: Array<Vote> = []
      for (const [at, pair] of inTwos(labels).entries()) {
        for (const index of judges.keys()) {
          // A pass and the next one show the same in reverse.
          for (const order of [0, 1]) votes.push(yield* ask(sheet, index, 2 * at + order, pair))
        }
      }
      return { promptId: sheet.promptId, labels, votes }
    })
  })
}
