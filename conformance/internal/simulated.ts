/** A server of simulated models for the length of a suite; for the command it is a server elsewhere. */
import * as Simulated from "@consortium/simulated/Simulated"
import type { Stats } from "@consortium/simulated/Stats"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"

export interface Server {
  readonly url: string
  readonly stats: () => Stats
  readonly stop: () => Promise<void>
}

export const serve = async (options: Simulated.Options): Promise<Server> => {
  const scope = Scope.makeUnsafe()
  const { stats, url } = await Effect.runPromise(Scope.provide(Simulated.server(options), scope))
  return { url, stats: () => Effect.runSync(stats), stop: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}
