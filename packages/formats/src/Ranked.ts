/** What every writer takes: a prompt with its answers, ranked. A row of a run's `dataset.jsonl` is one. */
import * as Schema from "effect/Schema"
import { ChatMessage } from "./ChatFormat.js"

const Ids = Schema.Array(Schema.String)

/** Names what writers read; whatever else a row has is left alone. */
export const Ranked = Schema.Struct({
  id: Schema.String,
  /** The text of the last message. */
  prompt: Schema.String,
  /** The whole conversation, where it is more than one user text. */
  messages: Schema.optionalKey(Schema.Array(ChatMessage)),
  chosen: Schema.Struct({ candidate: Schema.String }),
  /** The chance of the best to be the best, under the model that ranked. */
  pBest: Schema.Struct({ value: Schema.Finite }),
  /** Judges that put the chosen first, of those that gave an order. */
  agreement: Schema.Struct({ first: Schema.Int, of: Schema.Int }),
  /** False where there was one answer only, which nobody compared. */
  judged: Schema.Boolean,
  /** Best first; ids of one place have the same text. */
  ranking: Schema.Array(
    Schema.Struct({ candidates: Ids, score: Schema.Finite, pBest: Schema.Finite, acceptable: Schema.Boolean })
  ),
  /** Who said what: orders in groups of ids, best first; those called unacceptable are below all of them. */
  judges: Schema.Array(
    Schema.Struct({
      judge: Schema.String,
      order: Schema.optionalKey(Schema.Array(Ids)),
      unacceptable: Schema.optionalKey(Ids)
    })
  ),
  candidates: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      member: Schema.String,
      model: Schema.optionalKey(Schema.String),
      text: Schema.optionalKey(Schema.String)
    })
  ),
  seed: Schema.Int,
  version: Schema.String,
  simulated: Schema.Boolean
})
export type Ranked = typeof Ranked.Type

/** A line of `dataset.jsonl`; fails with what is missing. */
export const decodeLine = Schema.decodeUnknownEffect(Schema.fromJsonString(Ranked))

/** One distinct text among the answers to a prompt. */
export interface Answer {
  /** Of the first candidate with this text. */
  readonly id: string
  readonly member: string
  readonly model: string | null
  readonly text: string
  readonly score: number
  readonly pBest: number
  readonly acceptable: boolean
}

/** Best first. A place whose text is not in the row is left out. */
export const answersOf = (row: Ranked): ReadonlyArray<Answer> => {
  const byId = new Map(row.candidates.map((candidate) => [candidate.id, candidate]))
  return row.ranking.flatMap(({ candidates: [id = ""], acceptable, pBest, score }) => {
    const candidate = byId.get(id)
    return candidate?.text === undefined
      ? []
      : [
          {
            id,
            member: candidate.member,
            model: candidate.model ?? null,
            text: candidate.text,
            score,
            pBest,
            acceptable
          }
        ]
  })
}

/** The conversation that was answered. */
export const messagesOf = (row: Ranked): ReadonlyArray<ChatMessage> =>
  row.messages ?? [{ role: "user", content: row.prompt }]

/** How far the best is ahead of the second, in score; null where there is no second. */
export const marginOf = (answers: ReadonlyArray<Answer>): number | null => {
  const [first, second] = answers
  return first === undefined || second === undefined ? null : first.score - second.score
}
