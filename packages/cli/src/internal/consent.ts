/** On a terminal, models that cost something are not called before a yes. */
import { createInterface } from "node:readline"
import * as Effect from "effect/Effect"
import { Declined, type Plan } from "@consortium/pipeline/Plan"
import type { RunConfig } from "@consortium/pipeline/RunConfig"
import { render } from "../PlanText.js"
import { isSimulated } from "../Resolve.js"
import type { RunFlags } from "./flags.js"

/** Nobody outside this machine is asked. */
const isRehearsal = ({ embedder, given, judges, members }: RunConfig): boolean =>
  embedder.local === true &&
  (given !== undefined || members.every((member) => isSimulated(member.model.ref))) &&
  judges.every((seat) => "model" in seat && isSimulated(seat.model.ref))

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

/** Shows the plan, and asks where somebody can answer. */
export const consent =
  (flags: Pick<RunFlags, "yes" | "prompts" | "json">, config: RunConfig) =>
  (plan: Plan): Effect.Effect<void, Declined> =>
    Effect.gen(function* () {
      // A run that goes on shows what is left; a rehearsal costs nothing.
      if (isRehearsal(config)) return
      if (!flags.json) process.stderr.write(render(plan))
      if (flags.yes || flags.prompts === "-" || !process.stdin.isTTY || !process.stderr.isTTY) return
      if (plan.calls.high > 0 && !(yield* ask("go on?"))) return yield* new Declined()
    })
