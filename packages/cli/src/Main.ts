/** The command line: parses, then hands plain data to the run. */
import { existsSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { type AskFlags, askFlags } from "./internal/askFlags.js"
import { exitCodes, fail } from "./internal/endings.js"
import {
  calibrateFlags,
  flags,
  inspectFlags,
  modelsFlags,
  plain,
  previewFlags,
  rankFlags,
  showFlags
} from "./internal/flags.js"
import { type ExportFlags, exportFlags } from "./internal/exportFlags.js"
import { type SelectFlags, selectFlags } from "./internal/selectFlags.js"
import { version } from "./internal/version.js"
import type { Asked, execute } from "./Run.js"

const configNames = ["consortium.config.ts", "consortium.config.mts", "consortium.config.js", "consortium.config.mjs"]

/**
 * A configuration in code brings its own modules, so the run then stands on the package's plain modules, which share
 * one copy of Effect with it; without one the bundle starts faster.
 */
const loadRun = (shared: boolean): Promise<{ readonly execute: typeof execute }> =>
  shared ? import(new URL("./lib/Run.js", import.meta.url).href) : import("./Run.js")

/** With the configuration that lies in the working directory, where none is named. */
const configured = <A extends { readonly config?: string }>(said: A): A => {
  const config = said.config ?? configNames.find((name) => existsSync(name))
  return config === undefined ? said : { ...said, config }
}

const program = (signal: AbortSignal, report: (code: number) => void) => {
  const executed = (asked: Asked) =>
    Effect.gen(function* () {
      const { config } = asked.flags
      const { execute } = yield* Effect.promise(() => loadRun(config !== undefined && !config.endsWith(".json")))
      // Not interrupted from here: the run itself stops cleanly when it hears the signal.
      report(yield* Effect.promise(() => execute(asked, { signal })))
    })
  const run = Command.make("run", flags, (parsed) => executed({ mode: "run", flags: configured(plain(parsed)) })).pipe(
    Command.withDescription("Select diverse prompts, ask every member, let the judges rank blind, write the dataset"),
    Command.withExamples([
      {
        command:
          "consortium run prompts.jsonl --target 64 --member simulated/a --member simulated/b --judge simulated/c",
        description: "a rehearsal without keys"
      }
    ])
  )
  const plan = Command.make("plan", flags, (parsed) =>
    executed({ mode: "plan", flags: configured(plain(parsed)) })
  ).pipe(Command.withDescription("Say what a run will ask and cost, before anything is paid for"))
  const preview = Command.make("preview", previewFlags, (parsed) =>
    executed({ mode: "preview", flags: configured(plain(parsed)) })
  ).pipe(
    Command.withDescription("Take a few selected prompts down the whole road, and plan the rest by what they took")
  )
  const rank = Command.make("rank", rankFlags, (parsed) =>
    executed({ mode: "rank", flags: configured(plain(parsed)) })
  ).pipe(
    Command.withDescription("Let judges rank answers that are there already, source-blind; nobody else is asked"),
    Command.withExamples([
      {
        command: "consortium rank answers.jsonl --judge simulated/a --judge simulated/b",
        description: "a rehearsal without keys"
      }
    ])
  )
  const calibrate = Command.make("calibrate", calibrateFlags, (parsed) =>
    Effect.gen(function* () {
      const { picks, ...said } = plain(parsed)
      const { execute } = yield* Effect.promise(() => import("./Calibrate.js"))
      report(yield* Effect.promise(() => execute(picks, said)))
    })
  ).pipe(
    Command.withDescription("Learn from your picks which judges of a run to trust, and what their certainty is worth"),
    Command.withExamples([
      {
        command: "consortium calibrate picks.jsonl --out consortium-out",
        description: "then: consortium run … --calibration consortium-out/calibration.json"
      }
    ])
  )
  const verify = Command.make("verify", inspectFlags, (said) =>
    Effect.gen(function* () {
      const { executeVerify } = yield* Effect.promise(() => import("./Inspect.js"))
      report(yield* Effect.promise(() => executeVerify(plain(said))))
    })
  ).pipe(Command.withDescription("Prove from a run's store that every row is accounted for"))
  const show = Command.make("show", showFlags, ({ id, ...said }) =>
    Effect.gen(function* () {
      const { executeShow } = yield* Effect.promise(() => import("./Inspect.js"))
      report(yield* Effect.promise(() => executeShow(id, plain(said))))
    })
  ).pipe(Command.withDescription("Say all that a run knows of one prompt: answers, orders, costs, times"))
  const ask = Command.make("ask", askFlags, (parsed) =>
    Effect.gen(function* () {
      const said: AskFlags = plain(parsed)
      const { execute } = yield* Effect.promise(() => import("./Ask.js"))
      report(yield* Effect.promise(() => execute(said, { signal })))
    })
  ).pipe(
    Command.withDescription(
      "Ask several models one question, and get the answer that judges rank best, with its proof"
    ),
    Command.withExamples([
      {
        command: 'consortium ask "Why is the sky blue?" --member simulated/a --member simulated/b --judge simulated/c',
        description: "a rehearsal without keys"
      }
    ])
  )
  const select = Command.make("select", selectFlags, (parsed) =>
    Effect.gen(function* () {
      const said: SelectFlags = plain(parsed)
      const { execute } = yield* Effect.promise(() => import("./Select.js"))
      report(yield* Effect.promise(() => execute(said, { signal })))
    })
  ).pipe(
    Command.withDescription("Select diverse prompts only, and say how well they stand for all"),
    Command.withExamples([
      {
        command: "consortium select prompts.jsonl --target 1000 --curve",
        description: "which prompts, and where each tripwire would have fired"
      }
    ])
  )
  const exporting = Command.make("export", exportFlags, (parsed) =>
    Effect.gen(function* () {
      const said: ExportFlags = plain(parsed)
      const { execute } = yield* Effect.promise(() => import("./Export.js"))
      report(yield* Effect.promise(() => execute(said, { signal })))
    })
  ).pipe(
    Command.withDescription("Write a run's dataset in the shapes that trainers load"),
    Command.withExamples([
      {
        command: "consortium export consortium-out --format dpo --min-margin 0.1 --validation 0.05",
        description: "preference pairs for TRL, unsure ones left out"
      }
    ])
  )
  const models = Command.make("models", modelsFlags, (parsed) =>
    Effect.gen(function* () {
      const { of, ...said } = plain(parsed)
      const { execute } = yield* Effect.promise(() => import("./Models.js"))
      report(yield* Effect.promise(() => execute(of, said)))
    })
  ).pipe(
    Command.withDescription("Say whose keys are set, which models are known, and what each of them takes and costs"),
    Command.withExamples([
      { command: "consortium models", description: "every vendor that can answer" },
      { command: "consortium models openai/gpt-5.5", description: "all that is known of one model" }
    ])
  )
  const completions = Command.make(
    "completions",
    { shell: Argument.Literals("shell", ["bash", "zsh", "fish"]) },
    ({ shell }) =>
      Effect.gen(function* () {
        const { script } = yield* Effect.promise(() => import("./ShellCompletions.js"))
        process.stdout.write(script(whole(), shell))
      })
  ).pipe(
    Command.withDescription("Print a script that completes commands, flags and vendors in your shell"),
    Command.withExamples([
      { command: "consortium completions bash > ~/.local/share/bash-completion/completions/consortium" }
    ])
  )
  const whole = (): Command.Command.Any => root
  const root = Command.make("consortium").pipe(
    Command.withDescription(
      "Best-of-the-best LLM generations: diverse prompts, many models, blind judges, one ranked dataset"
    ),
    Command.withSubcommands([
      ask,
      run,
      plan,
      preview,
      rank,
      calibrate,
      verify,
      show,
      select,
      exporting,
      models,
      completions
    ])
  )
  return root
}

const commands = [
  "ask",
  "run",
  "plan",
  "preview",
  "rank",
  "calibrate",
  "verify",
  "show",
  "select",
  "export",
  "models",
  "completions"
]

/** Help is what was asked for and goes to stdout; what was said wrongly goes to stderr, without a page of help. */
const presenter = (json: boolean, words: ReadonlyArray<string>): CliOutput.Presenter => ({
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const errors = event.errors.map((error) => error.message.trimEnd())
    return Effect.sync(
      () =>
        void fail(
          json,
          exitCodes.usage,
          "UsageError",
          `${errors.join("\n")}\nsee: consortium ${commands.includes(words[0] ?? "") ? words[0] : "run"} --help`
        )
    )
  }
})

const commandLine = (json: boolean, words: ReadonlyArray<string>) =>
  Layer.mergeAll(
    CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version] }),
    CliOutput.layerPresenter(presenter(json, words)),
    NodeServices.layer
  )

/** The signal of Ctrl-C, of being asked to end, and of a reader who went away; a second Ctrl-C ends at once. */
const stopping = () => {
  const stop = new AbortController()
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted)
    stop.abort()
  }
  const gone = (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
    stop.abort()
  }
  process.on("SIGINT", interrupt)
  process.on("SIGTERM", interrupt)
  process.stdout.on("error", gone)
  // Progress that nobody reads is no reason to stop.
  process.stderr.on("error", () => {})
  return { signal: stop.signal, close: () => void process.off("SIGINT", interrupt).off("SIGTERM", interrupt) }
}

/** Parses the words behind the command's name and runs it; sets the exit code. */
export const main = async (words: ReadonlyArray<string>): Promise<void> => {
  let code: number = exitCodes.done
  const json = words.includes("--json")
  const { signal, close } = stopping()
  const command = program(signal, (reported) => {
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
      Effect.provide(commandLine(json, words))
    )
  )
  close()
  if (Exit.isFailure(exit)) {
    const reasons = exit.cause.reasons.map((reason) => ("defect" in reason ? String(reason.defect) : reason._tag))
    code = fail(json, exitCodes.failed, "Defect", reasons.join("\n"))
  }
  process.exitCode = code
}
