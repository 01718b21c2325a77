#!/usr/bin/env node
/** Runs `Main` until SIGINT or SIGTERM. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { main, usage } from "./Main.js"

const args = process.argv.slice(2)
const print = (line: string): void => void process.stdout.write(`${line}\n`)

if (args.includes("--help")) print(usage)
else {
  const fiber = Effect.runFork(
    main(args, print).pipe(
      Effect.catch((error) =>
        Effect.sync(() => {
          process.stderr.write(`${error.message}\n`)
          process.exitCode = 1
        })
      )
    )
  )
  const stop = () => Effect.runFork(Fiber.interrupt(fiber))
  process.once("SIGINT", stop)
  process.once("SIGTERM", stop)
}
