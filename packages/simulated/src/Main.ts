/** The server as a program of its own: `consortium-simulated --port 4010 --seed 7 --latency-scale 0 --log`. */
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type Options, server, type SimulatedError } from "./Simulated.js"

/** How the program is called. */
export const usage = "usage: consortium-simulated [--port 0] [--seed 0] [--latency-scale 1] [--log]"

/** An argument is not understood. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", { detail: Schema.String }) {
  override get message(): string {
    return `${this.detail}; ${usage}`
  }
}

const numberOf = (
  name: string,
  text: string | undefined,
  fits: (value: number) => boolean
): Effect.Effect<number | undefined, UsageError> => {
  if (text === undefined) return Effect.succeed(undefined)
  const value = Number(text)
  return text.trim() !== "" && fits(value)
    ? Effect.succeed(value)
    : Effect.fail(new UsageError({ detail: `--${name} can't be ${text}` }))
}

const integerTo = (most: number) => (value: number) => Number.isInteger(value) && value >= 0 && value <= most

const parse = (args: ReadonlyArray<string>) =>
  Effect.try({
    try: () =>
      parseArgs({
        args: [...args],
        options: {
          port: { type: "string" },
          seed: { type: "string" },
          "latency-scale": { type: "string" },
          log: { type: "boolean" }
        }
      }).values,
    catch: (error) => new UsageError({ detail: error instanceof Error ? error.message : String(error) })
  })

const optionsOf = Effect.fnUntraced(function* (args: ReadonlyArray<string>) {
  const said = yield* parse(args)
  const port = yield* numberOf("port", said.port, integerTo(65_535))
  const seed = yield* numberOf("seed", said.seed, integerTo(0xffffffff))
  const latencyScale = yield* numberOf(
    "latency-scale",
    said["latency-scale"],
    (value) => value >= 0 && value < Infinity
  )
  return {
    ...(port !== undefined && { port }),
    ...(seed !== undefined && { seed }),
    ...(latencyScale !== undefined && { latencyScale }),
    ...(said.log === true && { log: true })
  } satisfies Options
})

/** Serves until it is interrupted. Its first and only line is `{"url":"http://127.0.0.1:4010/v1"}`. */
export const main = (
  args: ReadonlyArray<string>,
  print: (line: string) => void
): Effect.Effect<never, UsageError | SimulatedError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const running = yield* server(yield* optionsOf(args))
      print(JSON.stringify({ url: running.url }))
      return yield* Effect.never
    })
  )
