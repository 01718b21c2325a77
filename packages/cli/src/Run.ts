/** `consortium run`: from flags to files, with its progress on stderr, its summary on stdout and its exit code. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Prompt from "effect/cli/Prompt"
import { buildDataset, type Summary } from "@consortium/pipeline/BuildDataset"
import { RunConflict, type RunConfig } from "@consortium/pipeline/RunConfig"
import type { RunEvent } from "@consortium/core/RunEvent"
import * as ConfigFile from "./ConfigFile.js"
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

/** On a terminal real models are not called before a yes. */
const agreed = Effect.fnUntraced(function* (flags: RunFlags, config: RunConfig) {
  if (flags.yes || config.simulated === true || flags.prompts === "-" || !process.stdin.isTTY || !process.stderr.isTTY) return true
  const answers = config.members.reduce((sum, member) => sum + member.samples, 0)
  const orders = config.judges.length * 2
  const prompts = config.stop.targetSize
  const most = prompts === undefined ? "for each selected prompt" : `for each of at most ${prompts} prompts`
  return yield* Prompt.run(
    Prompt.Confirm({ message: `${answers} answers and up to ${orders} rankings ${most}: go on?`, initial: false })
  ).pipe(Effect.catchTag("QuitError", () => Effect.succeed(false)))
})

const program = (flags: RunFlags, hear: (event: RunEvent) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const file = yield* ConfigFile.load(flags.config)
    const settings = yield* decide(flags, file)
    return yield* Effect.gen(function* () {
      const config = yield* resolve(settings)
      if (!(yield* agreed(flags, config))) return yield* new UsageError({ detail: "nothing was called; --yes answers for you" })
      return yield* buildDataset({ ...config, onEvent: hear })
    }).pipe(Effect.provide(Registry.layer(settings.seed)))
  }).pipe(Effect.scoped)

const remedy = "the same command goes on where it stopped"

const codeOf = (summary: Summary): number => (summary.outcome === "done" ? 0 : 3)

/** Runs to an exit code: 0 done, 1 failed, 2 bad usage, 3 stopped with work left, 130 interrupted. */
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
  const exit = await Effect.runPromiseExit(program(flags, hear).pipe(Effect.provide(services)), { signal: options.signal })
  progress.close()
  if (Exit.isSuccess(exit)) {
    if (!flags.json) process.stdout.write(Report.render(exit.value))
    if (exit.value.stopped !== undefined) process.stderr.write(`${exit.value.stopped.message}; ${remedy}\n`)
    return codeOf(exit.value)
  }
  if (Cause.hasInterruptsOnly(exit.cause)) {
    process.stderr.write(`interrupted; ${remedy}\n`)
    return 130
  }
  const error = Cause.findErrorOption(exit.cause)
  if (error._tag === "None") {
    process.stderr.write(`a defect of consortium, please report it:\n${Cause.pretty(exit.cause)}\n`)
    return 1
  }
  process.stderr.write(`consortium: ${error.value.message}\n`)
  return error.value instanceof UsageError || error.value instanceof RunConflict ? 2 : 1
}
