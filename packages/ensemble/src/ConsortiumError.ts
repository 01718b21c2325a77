/** Nobody gave an answer that could be returned, and what each of them said instead. */
import * as Schema from "effect/Schema"

/** What became of one who was asked. */
export const Trouble = Schema.Struct({
  id: Schema.String,
  role: Schema.Literals(["member", "judge"]),
  /** The error's tag, or the check that the answer did not pass. */
  what: Schema.String,
  message: Schema.String
})
export type Trouble = typeof Trouble.Type

export class ConsortiumError extends Schema.TaggedError<ConsortiumError>()("ConsortiumError", {
  why: Schema.Literals(["no-answer", "unacceptable", "deadline", "budget"]),
  troubles: Schema.Array(Trouble),
  /** Whether one of the failures is worth another try. */
  isRetryable: Schema.Boolean
}) {
  override get message(): string {
    const said = this.troubles.map(({ id, message }) => `${id}: ${message}`).join("; ")
    const whats = {
      "no-answer": "no member gave an answer",
      unacceptable: "the judges found no answer acceptable",
      deadline: "nobody answered in time: allow more time",
      budget: "the question's budget was spent before an answer: raise it"
    }
    return said === "" ? whats[this.why] : `${whats[this.why]} (${said})`
  }
}
