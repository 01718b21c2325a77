/** A consortium by the names of its models: for Effect programs, and for those that only know promises. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { Seed } from "@consortium/core/Seed"
import * as Ensemble from "@consortium/ensemble/Consortium"
import { type PromiseConsortium, promises } from "@consortium/ensemble/Promises"
import type { Judge } from "@consortium/core/Judge"
import type { JudgePrompt } from "@consortium/judge-strategies/JudgePrompt"
import type { ChatRef, JudgeSpec, MemberSpec, Of } from "./Config.js"
import { environment } from "./internal/environment.js"
import * as Registry from "./Registry.js"
import { prices, seatsOf } from "./Resolve.js"

export interface Options extends Omit<Ensemble.Options, "members" | "judges"> {
  /** Who answers, `vendor/model`; for a cascade the cheapest first. */
  readonly members: NonEmpty<ChatRef | MemberSpec>
  /** Who ranks. */
  readonly judges: NonEmpty<ChatRef | JudgeSpec | Of<Judge>>
  /** Answers of each member. @default 1 */
  readonly samples?: number
  /** System prompt of every member. */
  readonly system?: string
  /** What judges are told. @default JudgePrompt.listwise */
  readonly judgePrompt?: JudgePrompt
}

/** The consortium, for as long as the scope is open. Names that can't be resolved are a `UsageError`. */
export const make = Effect.fnUntraced(function* (options: Options) {
  const { judgePrompt, judges: _judges, members: _members, samples, system, ...rest } = options
  const seed = options.seed ?? Seed.make(0)
  const registry = yield* Layer.build(Registry.layer(seed))
  const seats = yield* seatsOf({
    members: options.members,
    judges: options.judges,
    samples: samples ?? 1,
    ...(system !== undefined && { system }),
    ...(judgePrompt !== undefined && { judgePrompt })
  }).pipe(Effect.provideContext(registry))
  return Ensemble.make({ ...rest, ...seats, stack: { prices, ...rest.stack } })
})

/** A consortium of promises, which `close` or `await using` gives back. */
export interface OpenConsortium extends PromiseConsortium, AsyncDisposable {
  readonly close: () => Promise<void>
}

/** Opens a consortium; keys come from the environment, then from `.env`. */
export const open = async (options: Options): Promise<OpenConsortium> => {
  const scope = Scope.makeUnsafe()
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  try {
    const made = await Effect.runPromise(make(options).pipe(Effect.provide(environment), Scope.provide(scope)))
    return { ...promises(made), close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}
