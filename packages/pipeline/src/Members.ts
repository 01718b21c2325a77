/** Members and judges with the run's middleware around their models. */
import type * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Ballot } from "@consortium/core/Ballot"
import type { CallFailure } from "@consortium/core/Call"
import { callKey } from "@consortium/core/CallJournal"
import type { Sampler } from "@consortium/core/Candidates"
import { Label } from "@consortium/core/Ids"
import type { Judge, Panel } from "@consortium/core/Judge"
import { map } from "@consortium/core/NonEmpty"
import { journal, type Store } from "@consortium/middleware/Journal"
import { type ChatOptions, chatStack } from "@consortium/middleware/Stack"
import * as Panels from "@consortium/panel/Panel"
import * as Samplers from "@consortium/sampling/Sampler"
import type { limiters } from "./KeyLimits.js"
import type { JudgeSeat, RunConfig } from "./RunConfig.js"

type Stack = ChatOptions & {
  readonly journal: Store
  /** What the key of a model shares with its other models. */
  readonly limitOf: ReturnType<typeof limiters>
}

const Said = Schema.fromJsonString(
  Schema.Struct({
    tiers: Schema.Array(Schema.Array(Label)),
    unranked: Schema.Array(Label),
    unacceptable: Schema.Array(Label),
    confidence: Schema.optionalKey(Schema.Finite),
    reasons: Schema.Array(Schema.Tuple([Label, Schema.String])),
    mended: Schema.Array(Schema.String)
  })
)
const encodeSaid = Schema.encodeSync(Said)
const decodeSaid = Schema.decodeUnknownResult(Said)

/** An own judge keeps its orders instead of its model's calls; each is made anew from what was kept. */
const kept = (store: Store, judge: Judge): Judge => ({
  ...judge,
  judge: journal<Parameters<Judge["judge"]>[0], Ballot>(store, {
    ref: judge.id,
    purpose: "judge",
    key: (sheet) => callKey("chat", "judge", judge.id, sheet),
    encode: ({ tiers, unranked, unacceptable, confidence, reasons, mended }) => ({
      json: encodeSaid({
        tiers,
        unranked,
        unacceptable,
        reasons: [...reasons],
        mended,
        ...(confidence !== undefined && { confidence })
      })
    }),
    decode: (entry, sheet) =>
      Result.flatMap(
        Result.mapError(decodeSaid(entry.json), (error) => error.message),
        (said) =>
          Result.mapError(Ballot.make(sheet, { ...said, reasons: new Map(said.reasons) }), (error) => error.message)
      )
  })(judge.judge)
})

const judgeOf = (stack: Stack, seat: JudgeSeat): Judge =>
  "judge" in seat
    ? kept(stack.journal, seat.judge)
    : seat.strategy(chatStack({ ...stack, ...stack.limitOf(seat.model.ref), purpose: "judge" })(seat.model))

/** Stage 3 with the run's members. */
export const sampler = <E extends CallFailure>(
  config: RunConfig<E>,
  stack: Stack,
  onCandidate: NonNullable<Samplers.Options["onCandidate"]>
): Layer.Layer<Sampler> =>
  Samplers.layer({
    members: map(config.members, (member) => ({
      ...member,
      model: chatStack({ ...stack, ...stack.limitOf(member.model.ref), purpose: "sample" })(member.model)
    })),
    seed: config.seed,
    onCandidate,
    ...(config.checks !== undefined && { checks: config.checks }),
    ...(config.quorum !== undefined && { quorum: config.quorum })
  })

/** Stage 5 with the run's judges. */
export const panel = <E extends CallFailure>(
  config: RunConfig<E>,
  stack: Stack,
  onVote: NonNullable<Panels.Options["onVote"]>
): Layer.Layer<Panel> => {
  const { stopTemperature, weights } = config
  return Panels.layer({
    judges: map(config.judges, (seat) => judgeOf(stack, seat)),
    seed: config.seed,
    onVote,
    ...(stopTemperature !== undefined && { calibration: { temperature: stopTemperature } }),
    ...(weights !== undefined && { weighting: { weight: (judge) => weights.get(judge) ?? 1 } })
  })
}
