/** A loopback server of simulated members that speaks the real chat-completions wire. Everything it says is labelled simulated. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as Seed from "@consortium/core/Seed"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as handler from "./internal/handler.js"
import type { After } from "./internal/respond.js"
import type { Persona } from "./Persona.js"
import type { Stats } from "./Stats.js"

/** The server could not be started. */
export class SimulatedError extends Schema.TaggedError<SimulatedError>()("SimulatedError", {
  port: Schema.Int,
  detail: Schema.String
}) {
  override get message(): string {
    return `can't listen on 127.0.0.1:${this.port}: ${this.detail}; choose another port, or 0 for any that is free`
  }
}

/** What a server is started with. */
export interface Options {
  /** Every draw comes from it; an integer from 0 to 2^32 - 1. @default 0 */
  readonly seed?: number
  /** @default 0, which takes any that is free */
  readonly port?: number
  /** Personas besides, or instead of, the named ones. @default none */
  readonly personas?: ReadonlyArray<Persona>
  /** Multiplies every wait of an answer and every retry-after of an injected failure; 0 waits for nothing. @default 1 */
  readonly latencyScale?: number
  /** Keeps a line for each request, for `stats`. @default false */
  readonly log?: boolean
}

const defaults = { seed: 0, port: 0, personas: [], latencyScale: 1, log: false } satisfies Required<Options>

/** A server that is running. */
export interface Running {
  /** E.g. `http://127.0.0.1:40001/v1`: the base URL for an OpenAI-compatible client. */
  readonly url: string
  /** What it has seen so far; also at `GET /stats`. */
  readonly stats: Effect.Effect<Stats>
}

/** The tag, for programs that get the server from a layer. */
export class Simulated extends Context.Service<Simulated, Running>()("@consortium/simulated/Simulated") {}

/** Starts a server on 127.0.0.1. When the scope ends it stops listening and every socket is closed. */
export const server = Effect.fnUntraced(function* (
  options: Options = {}
): Effect.fn.Return<Running, SimulatedError, Scope.Scope> {
  const { seed, port, personas, latencyScale, log } = { ...defaults, ...options }
  const clock = yield* Clock.Clock
  const fork = yield* FiberSet.makeRuntime()
  const after: After = (millis, run) => {
    if (millis > 0) fork(Effect.andThen(Effect.sleep(millis), Effect.sync(run)))
    else run()
  }
  const { handle, stats } = handler.make({
    seed: Seed.Seed.make(seed),
    personas: new Map(personas.map((persona) => [persona.name, persona])),
    scale: latencyScale,
    log,
    now: () => clock.currentTimeMillisUnsafe(),
    after
  })
  const listening = yield* Effect.acquireRelease(listen(port, handle), close)
  return { url: `http://127.0.0.1:${listening.port}/v1`, stats: Effect.sync(stats) }
})

/** A server for as long as the layer lives. */
export const layer = (options: Options = {}): Layer.Layer<Simulated, SimulatedError> =>
  Layer.effect(Simulated, server(options))

const listen = (port: number, handle: (request: IncomingMessage, response: ServerResponse) => void) =>
  Effect.callback<{ readonly http: Server; readonly port: number }, SimulatedError>((resume) => {
    // Callers keep their connections: a server that closes idle ones would add resets that nobody asked for.
    const http = createServer({ keepAliveTimeout: 600_000, requestTimeout: 0 }, handle)
    http.once("error", (error) => resume(Effect.fail(new SimulatedError({ port, detail: error.message }))))
    http.listen(port, "127.0.0.1", () => {
      const address: AddressInfo | string | null = http.address()
      resume(Effect.succeed({ http, port: typeof address === "object" && address !== null ? address.port : port }))
    })
  })

const close = ({ http }: { readonly http: Server }): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    http.close(() => resume(Effect.void))
    http.closeAllConnections()
  })
