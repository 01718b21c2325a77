/** A consortium by the names of its models: for Effect programs, and for those that only know promises. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { ChatModel } from "@consortium/core/ChatModel"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { Seed } from "@consortium/core/Seed"
import * as Ensemble from "@consortium/ensemble/Consortium"
import * as ConsortiumModel from "@consortium/ensemble/ConsortiumModel"
import { type PromiseConsortium, promises } from "@consortium/ensemble/Promises"
import type { Judge } from "@consortium/core/Judge"
import { makeLanes } from "@consortium/middleware/Lane"
import { chatStack } from "@consortium/middleware/Stack"
import type { JudgePrompt } from "@consortium/judge-strategies/JudgePrompt"
import type { ChatRef, JudgeSpec, MemberSpec, Of } from "./Config.js"
import { environment } from "./internal/environment.js"
import * as Registry from "./Registry.js"
import { prices, seatsOf } from "./Resolve.js"

export interface Options extends Omit<Ensemble.Options, "members" | "judges"> {
  /** Who answers, `vendor/model` or a model as a value; for a cascade the cheapest first. */
  readonly members: NonEmpty<ChatRef | MemberSpec | Of<ChatModel>>
  /** Who ranks. */
  readonly judges: NonEmpty<ChatRef | JudgeSpec | Of<ChatModel | Judge>>
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

/** What `close` or `await using` gives back. */
export interface Open extends AsyncDisposable {
  readonly close: () => Promise<void>
}

/** Opens something for as long as it is not closed; keys come from the environment, then from `.env`. */
const opened = async <A, E>(made: Effect.Effect<A, E, Scope.Scope>): Promise<A & Open> => {
  const scope = Scope.makeUnsafe()
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  try {
    const value = await Effect.runPromise(made.pipe(Effect.provide(environment), Scope.provide(scope)))
    return Object.assign({}, value, { close, [Symbol.asyncDispose]: close })
  } catch (error) {
    await close()
    throw error
  }
}

/** A consortium of promises. */
export interface OpenConsortium extends PromiseConsortium, Open {
  /** The whole of it as one chat model, for bridges. */
  readonly model: ChatModel
}

/** Opens a consortium. */
export const open = (options: Options): Promise<OpenConsortium> =>
  opened(Effect.map(make(options), (made) => ({ ...promises(made), model: ConsortiumModel.make(made) })))

/** Chat models by their names. */
export interface OpenModels<Ref extends string> extends Open {
  readonly models: Readonly<Record<Ref, ChatModel>>
}

/** Opens models with the default middleware around each: retries, limits, hedged calls, prices. */
export const openModels = <const Ref extends ChatRef>(...refs: NonEmpty<Ref>): Promise<OpenModels<Ref>> =>
  opened(
    Effect.gen(function* () {
      const registry = yield* Layer.build(Registry.layer(0))
      const stack = chatStack({ prices, lanes: makeLanes({ hedge: {} }) })
      const chats = yield* Effect.forEach(refs, (ref) =>
        Effect.map(Context.get(registry, Registry.Registry).chat(ref), (model) => [ref, stack(model)] as const)
      )
      return { models: Object.fromEntries(chats) as Record<Ref, ChatModel> }
    })
  )
