/** `consortium run`: from flags to files, with its progress on stderr, its summary on stdout and its exit code. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { buildDataset, planDataset, type Summary } from "@consortium/pipeline/BuildDataset"
import type { RunEvent } from "@consortium/core/RunEvent"
import type { RunConfig } from "@consortium/pipeline/RunConfig"
import * as ConfigFile from "./ConfigFile.js"
import { consent } from "./internal/consent.js"
import { exitCodes } from "./internal/endings.js"
import { environment } from "./internal/environment.js"
import { ended, remedy } from "./internal/failures.js"
import type { RunFlags, SharedFlags } from "./internal/flags.js"
import * as PlanText from "./PlanText.js"
import * as Progress from "./Progress.js"
import * as Registry from "./Registry.js"
import { resolve, resolveRank } from "./Resolve.js"
import { decide, decideRank } from "./Settings.js"
import * as Report from "./Summary.js"

/** What the command is for: the whole run, what it would cost, a few prompts to know that, or only judging. */
export type Asked =
  | { readonly mode: "run" | "plan" | "preview"; readonly flags: RunFlags }
  | { readonly mode: "rank"; readonly flags: SharedFlags }

const configOf = Effect.fnUntraced(function* (asked: Asked) {
  const file = yield* ConfigFile.load(asked.flags.config)
  if (asked.mode === "rank") {
    const settings = yield* decideRank(asked.flags, file)
    return { seed: settings.seed, config: resolveRank(settings) }
  }
  const settings = yield* decide(asked.flags, file)
  return { seed: settings.seed, config: resolve(settings) }
})

const program = (asked: Asked, hear: (event: RunEvent) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const { flags, mode } = asked
    const made = yield* configOf(asked)
    return yield* Effect.gen(function* () {
      const config: RunConfig = yield* made.config
      if (mode === "plan") return { plan: yield* planDataset(config) }
      const summary = yield* buildDataset({ ...config, onPlan: consent(flags, config), onEvent: hear })
      return mode !== "preview" ? { summary } : { summary, plan: yield* planDataset(config) }
    }).pipe(Effect.provide(Registry.layer(made.seed)))
  }).pipe(Effect.scoped)

/** A run that was brought to its end: what it wrote, and whether there is something left to do. */
const finished = (summary: Summary, json: boolean): number => {
  if (!json) process.stdout.write(Report.render(summary))
  const { ledger, open, outcome, stopped, stoppedBy } = summary
  if (stoppedBy === "guarded")
    process.stderr.write(
      `consortium: ${ledger.selected} prompts were selected, since all others nearly repeat one of them (--guard COS is a threshold of your own, --guard off takes copies too)\n`
    )
  if (outcome === "stopped") {
    process.stderr.write(`consortium: ${stopped?.message ?? "stopped"}; ${remedy}\n`)
    return exitCodes.stopped
  }
  if (ledger.examples > 0 && open > 0) {
    const prompts = open === 1 ? "1 prompt" : `${open} prompts`
    process.stderr.write(
      `consortium: ${prompts} gave no example since calls failed (rejected.jsonl has the reasons); the same command tries again\n`
    )
    return exitCodes.stopped
  }
  if (ledger.selected === 0 || ledger.examples > 0) return exitCodes.done
  process.stderr.write(
    `consortium: no prompt gave an example: rejected.jsonl has the reasons; where calls failed, mend that and run the same command, which tries them again\n`
  )
  return exitCodes.failed
}

/** Runs to an exit code; nothing that happens inside is thrown. */
export const execute = async (asked: Asked, options: { readonly signal: AbortSignal }): Promise<number> => {
  const { flags } = asked
  const progress = Progress.make({
    isTTY: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 80,
    write: (text) => void process.stderr.write(text)
  })
  const hear = (event: RunEvent) =>
    Effect.sync(() => {
      if (flags.json) process.stdout.write(`${JSON.stringify(event)}\n`)
      progress.hear(event)
    })
  const exit = await Effect.runPromiseExit(Effect.provide(program(asked, hear), environment), {
    signal: options.signal
  })
  progress.close()
  if (Exit.isFailure(exit)) return ended(exit.cause, flags.json)
  const { plan, summary } = exit.value
  if (plan !== undefined) {
    process.stdout.write(flags.json ? `${JSON.stringify({ _tag: "Planned", ...plan })}\n` : PlanText.render(plan))
    // A preview stops where it was told to.
    if (summary === undefined || (summary.stopped === undefined && summary.ledger.examples > 0)) return exitCodes.done
  }
  return summary === undefined ? exitCodes.done : finished(summary, flags.json)
}
