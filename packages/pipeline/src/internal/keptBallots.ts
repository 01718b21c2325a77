/** What the judges said of one prompt as it is kept: orders by label, and who is behind each label. No words, no times. */
import { Ballot } from "@consortium/core/Ballot"
import type { Sheet } from "@consortium/core/Blind"
import { Failure } from "@consortium/core/Call"
import { CandidateId, JudgeId, Label, type PromptId } from "@consortium/core/Ids"
import type { Ballots, Vote } from "@consortium/core/Judge"
import { map } from "@consortium/core/NonEmpty"
import { message } from "@consortium/core/Prompt"
import { fromEvents } from "@consortium/core/Receipt"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const Labels = Schema.Array(Label)

const Kept = Schema.fromJsonString(
  Schema.Struct({
    options: Schema.NonEmptyArray(Schema.Struct({ label: Label, ids: Schema.NonEmptyArray(CandidateId) })),
    votes: Schema.Array(
      Schema.Struct({
        judge: JudgeId,
        pass: Schema.Int,
        order: Schema.NonEmptyArray(Label),
        said: Schema.optionalKey(
          Schema.Struct({ tiers: Schema.Array(Labels), unranked: Labels, unacceptable: Labels })
        ),
        absent: Schema.optionalKey(Failure)
      })
    )
  })
)
const encodeKept = Schema.encodeSync(Kept)
const decodeKept = Schema.decodeSync(Kept)

type IdsOf = (label: Label) => ReadonlyArray<CandidateId>

export const encode = (ballots: Ballots, idsOf: IdsOf): string =>
  encodeKept({
    options: map(ballots.labels, (label) => {
      const [first, ...rest] = idsOf(label)
      if (first === undefined) throw new Error(`nobody is behind ${label} of ${ballots.promptId}`)
      return { label, ids: [first, ...rest] as const }
    }),
    votes: ballots.votes.map(({ judge, order, outcome, pass }) => {
      if (Result.isFailure(outcome)) return { judge, pass, order, absent: outcome.failure }
      const { tiers, unacceptable, unranked } = outcome.success
      return { judge, pass, order, said: { tiers, unranked, unacceptable } }
    })
  })

const unreadable = new Failure({ tag: "Unreadable", message: "kept, but no order", isRetryable: false })

/** The ballots again, and who is behind each label. */
export const decode = (json: string, promptId: PromptId): { readonly ballots: Ballots; readonly idsOf: IdsOf } => {
  const { options, votes } = decodeKept(json)
  const labels = map(options, ({ label }) => label)
  // The texts are nobody's business here.
  const sheet: Sheet = { promptId, task: [message("user", "")], options: map(labels, (label) => ({ label, text: "" })) }
  const ids = new Map(options.map((option) => [option.label, option.ids]))
  const voteOf = ({ absent, judge, order, pass, said }: (typeof votes)[number]): Vote => ({
    judge,
    pass,
    order,
    outcome:
      said === undefined
        ? Result.fail(absent ?? unreadable)
        : Result.mapError(Ballot.make(sheet, said), () => unreadable),
    receipt: fromEvents([], 0, 0)
  })
  return { ballots: { promptId, labels, votes: votes.map(voteOf) }, idsOf: (label) => ids.get(label) ?? [] }
}
