/** A program of one's own that says whether an answer passes, such as a test suite. */
import * as Completion from "@consortium/core/Completion"
import { type Prompt, textOf } from "@consortium/core/Prompt"
import type { CheckRule } from "@consortium/sampling/CheckRule"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ChildProcess from "effect/process/ChildProcess"
import { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"

export interface Options {
  /** The program and its words; no shell is between. */
  readonly run: readonly [program: string, ...words: ReadonlyArray<string>]
  /** Longest run on one answer; then the answer has not passed. @default "1 minute" */
  readonly timeout?: Duration.Input
  /** Programs at a time. @default 4 */
  readonly concurrency?: number
  /** @default where this process stands */
  readonly cwd?: string
  /** Variables that it sees besides `PATH`, `HOME`, `LANG`, `TMPDIR` and Windows' own: keys of vendors are not among them. @default none */
  readonly env?: Readonly<Record<string, string>>
}

const defaults = { timeout: "1 minute", concurrency: 4 } as const

const shared = ["PATH", "HOME", "LANG", "TMPDIR", "SystemRoot", "TEMP", "PATHEXT", "USERPROFILE"]

/** What of a program's words is kept, from their end. */
const kept = 300

const lastOf = (bytes: Stream.Stream<Uint8Array, unknown>): Effect.Effect<string, unknown> =>
  Stream.runFold(
    Stream.decodeText(bytes),
    () => "",
    (end, text) => (end + text).slice(-4 * kept)
  )

const question = (prompt: Prompt) => ({
  id: prompt.id,
  prompt: textOf(prompt.messages.at(-1) ?? prompt.messages[0]),
  messages: prompt.messages.map((message) => ({ role: message.role, content: textOf(message) })),
  carried: prompt.carried ?? {}
})

/**
 * Gives the program one JSON object on stdin: `id`, `prompt`, `messages`, `carried` (the prompt's other fields),
 * `completion`, `member`. Exit code 0 passes; any other does not, with the end of what it wrote as the note.
 */
export const command = Effect.fnUntraced(function* (options: Options, environment: Readonly<Record<string, string>>) {
  const spawner = yield* ChildProcessSpawner
  const { concurrency, run, timeout } = { ...defaults, ...options }
  const [program, ...words] = run
  const permits = yield* Semaphore.make(concurrency)
  const env = {
    ...Object.fromEntries(
      shared.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]))
    ),
    ...options.env
  }
  const ended = (input: string) =>
    Effect.gen(function* () {
      const started = yield* ChildProcess.make(program, words, {
        env,
        extendEnv: false,
        forceKillAfter: "1 second",
        stdin: Stream.make(new TextEncoder().encode(input)),
        ...(options.cwd !== undefined && { cwd: options.cwd })
      })
      const [said, code] = yield* Effect.all([lastOf(started.all), started.exitCode], { concurrency: 2 })
      return { code: Number(code), said }
    }).pipe(Effect.scoped, Effect.provideService(ChildProcessSpawner, spawner))

  const rule: CheckRule = {
    by: `command:${run.join(" ")}`,
    check: (candidate, prompt) => {
      const completion = Completion.text(candidate.outcome.success)
      const input = JSON.stringify({ ...question(prompt), completion, member: candidate.member })
      return permits
        .withPermits(1)(Effect.timeoutOption(ended(input), timeout))
        .pipe(
          Effect.map((end) => {
            if (end._tag === "None")
              return { passed: false, note: `not done after ${Duration.format(Duration.fromInputUnsafe(timeout))}` }
            const { code, said } = end.value
            return code === 0
              ? { passed: true }
              : { passed: false, note: said.trim().slice(-kept) || `exit code ${code}` }
          }),
          Effect.catch(() => Effect.succeed({ passed: false, note: `${program} could not be run` }))
        )
    }
  }
  return rule
})
