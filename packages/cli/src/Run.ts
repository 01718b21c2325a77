/** `consortium run`: from flags to files, with its progress on stderr, its summary on stdout and its exit code. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { buildDataset, type Summary } from "@consortium/pipeline/BuildDataset"
import { RunConflict } from "@consortium/pipeline/RunConfig"
import type { RunEvent } from "@consortium/core/RunEvent"
import * as ConfigFile from "./ConfigFile.js"
import { agreed, Declined } from "./internal/consent.js"
import { exitCodes, fail } from "./internal/endings.js"
import type { RunFlags } from "./internal/flags.js"
import * as Progress from "./Progress.js"
import * as Registry from "./Registry.js"
import { resolve } from "./Resolve.js"
import { decide, UsageError } from "./Settings.js"
import * as Report from "./Summary.js"

/** Keys and addresses: the environment, then `.env` in the working directory. */
const environment = ConfigProvider.layer(
  Effect.gen(function* () {
    const env = ConfigProvider.fromEnv()
    const file = yield* Effect.option(ConfigProvider.fromDotEnv())
    return file._tag === "Some" ? ConfigProvider.orElse(env, file.value) : env
  })
)

const program = (flags: RunFlags, hear: (event: RunEvent) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const file = yield* ConfigFile.load(flags.config)
    const settings = yield* decide(flags, file)
    return yield* Effect.gen(function* () {
      const config = yield* resolve(settings)
      yield* agreed(flags, config)
      return yield* buildDataset({ ...config, onEvent: hear })
    }).pipe(Effect.provide(Registry.layer(settings.seed)))
  }).pipe(Effect.scoped)

const remedy = "the same command goes on where it stopped"

/** A run that was brought to its end: what it wrote, and whether there is something left to do. */
const finished = (summary: Summary, json: boolean): number => {
  if (!json) process.stdout.write(Report.render(summary))
  const { ledger, open, outcome, stopped } = summary
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

const ended = (cause: Cause.Cause<{ readonly _tag: string; readonly message: string }>, json: boolean): number => {
  if (Cause.hasInterruptsOnly(cause)) return fail(json, exitCodes.interrupted, "Interrupted", `interrupted; ${remedy}`)
  const error = Cause.findErrorOption(cause)
  if (error._tag === "None") {
    return fail(json, exitCodes.failed, "Defect", `a defect of consortium, please report it:\n${Cause.pretty(cause)}`)
  }
  const { _tag, message } = error.value
  if (error.value instanceof Declined) return fail(json, exitCodes.interrupted, _tag, message)
  const usage = error.value instanceof UsageError || error.value instanceof RunConflict
  return fail(json, usage ? exitCodes.usage : exitCodes.failed, _tag, message)
}

/** Runs to an exit code; nothing that happens inside is thrown. */
export const execute = async (flags: RunFlags, options: { readonly signal: AbortSignal }): Promise<number> => {
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
  const services = Layer.mergeAll(NodeServices.layer, Layer.provide(environment, NodeServices.layer))
  const exit = await Effect.runPromiseExit(program(flags, hear).pipe(Effect.provide(services)), {
    signal: options.signal
  })
  progress.close()
  return Exit.isSuccess(exit) ? finished(exit.value, flags.json) : ended(exit.cause, flags.json)
}
