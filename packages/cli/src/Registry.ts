/** From names to values: the one place that knows which package serves which vendor. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Config from "effect/Config"
import type { ChatModel } from "@consortium/core/ChatModel"
import type { Embedder } from "@consortium/core/Embedder"
import * as Lexical from "@consortium/embedders-lexical/Lexical"
import * as Embeddings from "@consortium/embedders-openai-compatible/Embeddings"
import { vendors as embedding } from "@consortium/embedders-openai-compatible/Vendors"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import type { Vendor } from "@consortium/providers-openai-compatible/Vendor"
import { vendors as chat } from "@consortium/providers-openai-compatible/Vendors"
import * as Simulated from "@consortium/simulated/Simulated"
import * as HttpClients from "@consortium/wire/HttpClients"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { onlyWire, parse, UnknownRef } from "./Refs.js"
import { simulatedVendor } from "./internal/simulatedVendor.js"

export type RegistryError = UnknownRef | MissingKey | Simulated.SimulatedError

/** A vendor's variables say too little to call it. */
export class MissingKey extends Schema.TaggedError<MissingKey>()("MissingKey", {
  ref: Schema.String,
  variable: Schema.String,
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `${this.ref} has no usable key: set ${this.variable} in the environment or in .env (${this.detail})`
  }
}

type KeyedVendor = { readonly apiKey: { readonly variable: string } }

const explain = (ref: string, { apiKey: { variable } }: KeyedVendor) =>
  Effect.mapError((error: Config.ConfigError) => new MissingKey({ ref, variable, detail: error.message }))

/** Every model is built once for a name and lives as long as the registry. */
export class Registry extends Context.Service<
  Registry,
  {
    readonly chat: (ref: string) => Effect.Effect<ChatModel, RegistryError>
    readonly embedder: (ref: string) => Effect.Effect<Embedder, RegistryError>
  }
>()("@consortium/cli/Registry") {}

const isVendor = <V extends Record<string, unknown>>(vendors: V, name: string): name is keyof V & string =>
  Object.hasOwn(vendors, name)

/** Builds on first use, once, also when two ask at the same time. */
const once = <A, E>(make: (ref: string) => Effect.Effect<A, E, Scope.Scope>, scope: Scope.Scope) => {
  const made = new Map<string, Effect.Effect<A, E>>()
  return (ref: string): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      const known = made.get(ref)
      if (known !== undefined) return known
      const cached = Effect.runSync(Effect.cached(Scope.provide(make(ref), scope)))
      made.set(ref, cached)
      return cached
    })
}

/** @param seed of the simulated members */
export const layer = (seed: number): Layer.Layer<Registry> =>
  Layer.effect(
    Registry,
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const http = yield* Effect.cached(Scope.provide(Layer.build(HttpClients.layer), scope))
      const direct = yield* Effect.cached(Scope.provide(Layer.build(HttpClients.layerDirect), scope))
      const server = yield* Effect.cached(Scope.provide(Simulated.server({ seed }), scope))

      const rehearse = Effect.fnUntraced(function* (model: string) {
        const { url } = yield* server
        return yield* Effect.provideContext(
          ChatCompletions.make({ vendor: simulatedVendor, model, baseUrl: url }),
          yield* direct
        )
      })
      const compatible = Effect.fnUntraced(function* (text: string, vendor: Vendor, model: string) {
        const client = yield* explain(text, vendor)(http)
        return yield* explain(text, vendor)(Effect.provideContext(ChatCompletions.makeConfig({ vendor, model }), client))
      })

      const chatOf = Effect.fnUntraced(function* (text: string) {
        const ref = yield* Effect.fromResult(parse(text, [...Object.keys(chat), simulatedVendor.id]))
        yield* Effect.fromResult(onlyWire(text, ref, ["chat"]))
        if (isVendor(chat, ref.vendor)) return yield* compatible(text, chat[ref.vendor], ref.model)
        return yield* rehearse(ref.model)
      })

      const embedderOf = Effect.fnUntraced(function* (text: string) {
        const ref = yield* Effect.fromResult(parse(text, [...Object.keys(embedding), "lexical"]))
        if (isVendor(embedding, ref.vendor)) {
          const vendor = embedding[ref.vendor]
          const client = yield* explain(text, vendor)(http)
          return yield* explain(text, vendor)(Effect.provideContext(Embeddings.makeConfig({ vendor, model: ref.model }), client))
        }
        if (ref.model !== "default") return yield* new UnknownRef({ ref: text, detail: "the lexical embedder has one model: lexical/default" })
        return Lexical.embedder
      })
      return Registry.of({ chat: once(chatOf, scope), embedder: once(embedderOf, scope) })
    })
  )
