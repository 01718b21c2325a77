/** On a terminal, models that cost something are not called before a yes. */
import { createInterface } from "node:readline"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { RunConfig } from "@consortium/pipeline/RunConfig"
import { isSimulated } from "../Resolve.js"
import type { RunFlags } from "./flags.js"

/** The answer was not yes. */
export class Declined extends Schema.TaggedError<Declined>()("Declined", {}) {
  readonly isRetryable = false
  override get message(): string {
    return "no model was called; --yes answers for you"
  }
}

/** Nobody outside this machine is asked. */
const isRehearsal = ({ embedder, judges, members }: RunConfig): boolean =>
  embedder.local === true &&
  members.every((member) => isSimulated(member.model.ref)) &&
  judges.every((seat) => "model" in seat && isSimulated(seat.model.ref))

/** What is about to be asked, at most. */
export const question = ({ judges, members, stop }: Pick<RunConfig, "judges" | "members" | "stop">): string => {
  const answers = members.reduce((sum, member) => sum + member.samples, 0)
  const prompts =
    stop.targetSize === undefined ? "for each selected prompt" : `for each of at most ${stop.targetSize} prompts`
  return `${answers} answer${answers === 1 ? "" : "s"} and up to ${judges.length * 2 + 2} rankings ${prompts}: go on?`
}

/** On stderr, since stdout is the summary's; the terminal keeps Ctrl-C for the run. */
const ask = (text: string): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const lines = createInterface({ input: process.stdin, terminal: false })
    process.stderr.write(`${text} [y/N] `)
    lines.once("line", (said) => {
      resume(Effect.succeed(/^\s*y(es)?\s*$/i.test(said)))
      lines.close()
    })
    lines.once("close", () => resume(Effect.succeed(false)))
    return Effect.sync(() => {
      process.stderr.write("\n")
      lines.close()
    })
  })

/** Asks where somebody can answer. */
export const agreed = Effect.fnUntraced(function* (flags: RunFlags, config: RunConfig) {
  if (flags.yes || flags.prompts === "-" || !process.stdin.isTTY || !process.stderr.isTTY || isRehearsal(config)) return
  if (!(yield* ask(question(config)))) return yield* new Declined()
})
