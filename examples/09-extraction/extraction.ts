/** A typed value out of a text, by majority of several models, with a rule that every answer has to pass first. */
import { make as chatModel } from "@consortium/core/ChatModel"
import { MemberId } from "@consortium/core/Ids"
import * as Completion from "@consortium/core/Completion"
import * as Consortium from "@consortium/ensemble/Consortium"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Invoice = Schema.Struct({ number: Schema.String, total: Schema.Finite })
const text = "Invoice R-17: 12 chairs at 20, 1 table at 60. Total 300."

/** Made-up models that read it more or less well; put real ones here. */
const reads = (id: string, answer: string) => ({
  id: MemberId.make(id),
  samples: 1,
  model: chatModel({
    ref: `example/${id}`,
    complete: () =>
      Effect.succeed<Completion.Completion>({
        parts: [{ _tag: "Text", text: answer }],
        finish: { kind: "stop", raw: null },
        usage: {},
        model: id
      })
  })
})
const reader = reads("careful", '{"number":"R-17","total":300}')
const consortium = Consortium.make({
  members: [reader, reads("hasty", '{"number":"R-17","total":30}'), reads("chatty", "It is R-17, 300.")],
  judges: [{ model: reader.model }],
  mode: "vote",
  enough: 3,
  // Tests go before taste: a total that does not stand in the text is out.
  checks: [
    {
      by: "total-in-text",
      check: (candidate) =>
        Effect.sync(() => {
          const total = /"total":(\d+)/.exec(Completion.text(candidate.outcome.success))?.[1]
          return { passed: total !== undefined && new RegExp(`\\b${total}\\b`).test(text) }
        })
    }
  ]
})

const { asked, value } = await Effect.runPromise(consortium.askAs(Invoice, `Read the invoice: ${text}`))
console.log(value.number, value.total) // R-17 300
for (const { id, state, why } of asked) console.log(id, state, why ?? "")
