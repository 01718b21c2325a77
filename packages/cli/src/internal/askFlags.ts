/** Each flag of `ask`, once. */
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import { flags } from "./flags.js"

const modes = ["best", "fuse", "vote", "cascade", "first"] as const

export const askFlags = {
  question: Argument.String("question").pipe(
    Argument.withDescription("the question, @FILE for a file's text, or - for standard input"),
    Argument.withDefault("-")
  ),
  member: flags.member,
  judge: flags.judge,
  mode: Flag.Literals("mode", modes).pipe(
    Flag.withDefault("best"),
    Flag.withDescription(
      "best (judges rank), fuse (besides, one made of all), vote (what most say), cascade (the first member alone where it will do), first (who is quickest)"
    )
  ),
  schema: Flag.String("schema").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("a JSON Schema that the answer has to fit; the answer is JSON then"),
    Flag.optional
  ),
  samples: flags.samples,
  system: flags.system,
  deadline: Flag.Finite("deadline").pipe(
    Flag.withSchema(Schema.Finite.check(Schema.isGreaterThan(0))),
    Flag.withMetavar("SECONDS"),
    Flag.withDescription("after this the best answer known is given, judged or not"),
    Flag.optional
  ),
  budget: Flag.String("budget").pipe(
    Flag.withMetavar("AMOUNT"),
    Flag.withDescription('hard limit: "0.05 usd", "20000 tokens", "12 calls", or several with commas'),
    Flag.optional
  ),
  seed: flags.seed,
  json: Flag.Boolean("json").pipe(
    Flag.withDefault(false),
    Flag.withDescription("print one JSON event a line on stdout; the last is Answered, or Failed")
  )
}

/** The flags of `ask` as plain data. */
export interface AskFlags {
  readonly question: string
  readonly member: ReadonlyArray<string>
  readonly judge: ReadonlyArray<string>
  readonly mode: (typeof modes)[number]
  readonly schema?: string
  readonly samples?: number
  readonly system?: string
  readonly deadline?: number
  readonly budget?: string
  readonly seed?: number
  readonly json: boolean
}
