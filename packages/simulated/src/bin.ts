#!/usr/bin/env node
/** Runs `Main` until SIGINT or SIGTERM. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { main } from "./Main.js"

const fiber = Effect.runFork(
  main(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`)).pipe(
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
