/** The command line: parses, then hands plain data to the run. */
import { existsSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { flags, plain, type RunFlags } from "./internal/flags.js"
import { version } from "./internal/version.js"
import type { execute } from "./Run.js"

/** Exit codes of the command. */
export const exitCodes = { done: 0, failed: 1, usage: 2, stopped: 3, interrupted: 130 } as const

const configNames = ["consortium.config.ts", "consortium.config.mts", "consortium.config.js", "consortium.config.mjs"]

/**
 * A configuration brings its own modules, so the run then stands on the package's plain modules, which share one copy
 * of Effect with it; without one the bundle starts faster.
 */
const loadRun = (shared: boolean): Promise<{ readonly execute: typeof execute }> =>
  shared ? import(new URL("./lib/Run.js", import.meta.url).href) : import("./Run.js")

const program = (signal: AbortSignal, report: (code: number) => void) => {
  const run = Command.make("run", flags, (parsed) =>
    Effect.gen(function* () {
      const said = plain(parsed)
      const config = said.config ?? configNames.find((name) => existsSync(name))
      const options: RunFlags = { ...said, ...(config !== undefined && { config }) }
      const { execute } = yield* Effect.promise(() => loadRun(config !== undefined))
      // Not interrupted from here: the run itself stops cleanly when it hears the signal.
      report(yield* Effect.promise(() => execute(options, { signal })))
    })
  ).pipe(
    Command.withDescription("Select diverse prompts, ask every member, let the judges rank blind, write the dataset"),
    Command.withExamples([
      {
        command: "consortium run prompts.jsonl --target 64 --member simulated/a --member simulated/b --judge simulated/c",
        description: "a rehearsal without keys"
      }
    ])
  )
  return Command.make("consortium").pipe(
    Command.withDescription("Best-of-the-best LLM generations: diverse prompts, many models, blind judges, one ranked dataset"),
    Command.withSubcommands([run])
  )
}

/** Help is what was asked for and goes to stdout; what was said wrongly goes to stderr, without a page of help. */
const presenter: CliOutput.Presenter = {
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const errors = event.errors.map((error) => error.message.trimEnd())
    return Effect.sync(() => void process.stderr.write(`consortium: ${errors.join("\n")}\nsee: consortium run --help\n`))
  }
}

const commandLine = Layer.mergeAll(
  CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] }),
  CliOutput.layerPresenter(presenter),
  NodeServices.layer
)

/** Parses the words behind the command's name and runs it; sets the exit code. */
export const main = async (words: ReadonlyArray<string>): Promise<void> => {
  let code: number = exitCodes.done
  const stop = new AbortController()
  const interrupt = () => {
    // A second Ctrl-C does not wait for the first.
    if (stop.signal.aborted) process.exit(exitCodes.interrupted)
    stop.abort()
  }
  process.on("SIGINT", interrupt)
  process.on("SIGTERM", interrupt)
  const command = program(stop.signal, (reported) => {
    code = reported
  })
  const asked = words.length === 0 ? ["--help"] : words
  const exit = await Effect.runPromiseExit(
    Command.runWith(command, { version })(asked).pipe(
      // Asked-for help is no error; what could not be parsed has been presented.
      Effect.catch((error) =>
        Effect.sync(() => {
          if (error._tag !== "ShowHelp" || error.errors.length > 0) code = exitCodes.usage
        })
      ),
      Effect.provide(commandLine)
    )
  )
  process.off("SIGINT", interrupt)
  process.off("SIGTERM", interrupt)
  if (Exit.isFailure(exit)) {
    process.stderr.write(`${exit.cause.reasons.map((reason) => ("defect" in reason ? String(reason.defect) : reason._tag)).join("\n")}\n`)
    code = exitCodes.failed
  }
  process.exitCode = code
}
