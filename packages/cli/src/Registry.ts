/** From names to values: the one place that knows which package serves which vendor. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Config from "effect/Config"
import type { ChatModel } from "@consortium/core/ChatModel"
import type { Embedder } from "@consortium/core/Embedder"
import * as Lexical from "@consortium/embedders-lexical/Lexical"
import * as Embeddings from "@consortium/embedders-openai-compatible/Embeddings"
import { vendors as embedding } from "@consortium/embedders-openai-compatible/Vendors"
import * as Transformers from "@consortium/embedders-transformers/Transformers"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { vendors as chat } from "@consortium/providers-openai-compatible/Vendors"
import * as Simulated from "@consortium/simulated/Simulated"
import * as HttpClients from "@consortium/wire/HttpClients"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import type { TokenError } from "@consortium/providers-google/AccessToken"
import type { LlamaCppError } from "@consortium/providers-llama-cpp/LlamaCppError"
import { localModels } from "./internal/localModels.js"
import { type EmbedderDoor, ownEmbedders } from "./internal/ownEmbedders.js"
import { openVariable } from "./internal/openVariable.js"
import { type Door, ownWires } from "./internal/ownWires.js"
import { profiled } from "./internal/profiled.js"
import { onlyWire, parse, UnknownRef } from "./Refs.js"
import { simulatedVendor } from "./internal/simulatedVendor.js"

export type RegistryError = UnknownRef | BadVariable | Simulated.SimulatedError | LlamaCppError

/** A vendor's variables say too little to call it, or something that can't be used. */
export class BadVariable extends Schema.TaggedError<BadVariable>()("BadVariable", {
  ref: Schema.String,
  variable: Schema.String,
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `${this.ref}: ${this.variable} ${this.detail}: set it in the environment or in .env`
  }
}

type Remote = {
  readonly apiKey: { readonly variable: string }
  readonly baseUrl?: string
  readonly baseUrlVariable: string
}

const addresses = (vendor: Remote) =>
  Config.all([
    Config.map(HttpClients.proxies, ({ httpProxy, httpsProxy }) => [
      ["HTTP_PROXY", httpProxy],
      ["HTTPS_PROXY", httpsProxy]
    ]),
    Config.map(Config.option(Config.NonEmptyString(vendor.baseUrlVariable)), (url) => [
      [vendor.baseUrlVariable, Option.getOrUndefined(url)]
    ])
  ]).pipe(Config.map((found) => found.flat()))

/** Looks at addresses before a connection would trip over one. They may hold passwords, so they are not shown. */
const usable = Effect.fnUntraced(function* (ref: string, vendor: Remote) {
  for (const [variable = "", value] of yield* addresses(vendor)) {
    if (value !== undefined && !URL.canParse(value))
      return yield* new BadVariable({ ref, variable, detail: "is no address like http://127.0.0.1:8080" })
  }
  const missing = yield* openVariable(vendor)
  if (missing !== undefined)
    return yield* new BadVariable({ ref, variable: missing, detail: "is not set, and is part of the address" })
})

/** The variable that the error names, where it is another one than the key's. */
const missing = (ref: string, key: string, error: Config.ConfigError) => {
  const [, variable = key] = /at \["(\w+)"\]/.exec(error.message) ?? []
  return new BadVariable({ ref, variable, detail: variable === key ? "holds no key" : "says nothing" })
}

/** The vendor's model by its variables, over a client that knows the proxies. The key is the one that has to be there. */
const remote = Effect.fnUntraced(function* <A>(
  ref: string,
  vendor: Remote,
  client: Effect.Effect<Context.Context<HttpClients.HttpClient>, Config.ConfigError>,
  make: Effect.Effect<A, Config.ConfigError | TokenError, HttpClients.HttpClient>
) {
  const { variable } = vendor.apiKey
  const whole = Effect.andThen(
    usable(ref, vendor),
    Effect.flatMap(client, (context) => Effect.provideContext(make, context))
  )
  return yield* whole.pipe(
    Effect.catchTag("ConfigError", (error) => Effect.fail(missing(ref, variable, error))),
    Effect.catchTag("TokenError", (error) =>
      Effect.fail(
        new BadVariable({
          ref,
          variable: "GOOGLE_APPLICATION_CREDENTIALS",
          detail: `gives no token (${error.message})`
        })
      )
    )
  )
})

/** Every model is built once for a name and lives as long as the registry. */
export class Registry extends Context.Service<
  Registry,
  {
    readonly chat: (ref: string) => Effect.Effect<ChatModel, RegistryError>
    readonly embedder: (ref: string) => Effect.Effect<Embedder, RegistryError>
  }
>()("@consortium/cli/Registry") {}

const sorted = (...names: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(names)].sort()
/** Whose models can answer and judge. */
export const chatVendors = sorted(...[chat, ownWires, localModels].flatMap(Object.keys), simulatedVendor.id)
/** Whose models can embed. */
export const embedderVendors = sorted(
  ...Object.keys(ownEmbedders),
  ...Object.keys(embedding),
  "lexical",
  "transformers"
)

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

      const address = Config.option(Config.NonEmptyString(simulatedVendor.baseUrlVariable))
      const rehearse = Effect.fnUntraced(function* (text: string, model: string) {
        // A server that stands elsewhere is used as any vendor's; without one, this process serves.
        if (Option.isSome(yield* Effect.orElseSucceed(address, Option.none)))
          return yield* remote(
            text,
            simulatedVendor,
            direct,
            ChatCompletions.makeConfig({ vendor: simulatedVendor, model })
          )
        const { url } = yield* server
        return yield* Effect.provideContext(
          ChatCompletions.make({ vendor: simulatedVendor, model, baseUrl: url }),
          yield* direct
        )
      })
      const chatOf = Effect.fnUntraced(function* (text: string) {
        const ref = yield* Effect.fromResult(parse(text, chatVendors))
        if (isVendor(localModels, ref.vendor)) {
          yield* Effect.fromResult(onlyWire(text, ref, ["file"]))
          return yield* localModels[ref.vendor](ref.model)
        }
        if (isVendor(ownWires, ref.vendor)) {
          const door: Door = ownWires[ref.vendor]
          const wires = Object.keys(door.wires)
          yield* Effect.fromResult(onlyWire(text, ref, wires))
          const make = door.wires[ref.wire ?? wires[0] ?? ""]
          if (make !== undefined) return yield* remote(text, door, http, make(ref.model))
        }
        yield* Effect.fromResult(onlyWire(text, ref, ["chat"]))
        if (!isVendor(chat, ref.vendor)) return yield* rehearse(text, ref.model)
        const vendor = yield* profiled(chat[ref.vendor], text)
        return yield* remote(text, vendor, http, ChatCompletions.makeConfig({ vendor, model: ref.model }))
      })

      const embedderOf = Effect.fnUntraced(function* (text: string) {
        const ref = yield* Effect.fromResult(parse(text, embedderVendors))
        if (isVendor(ownEmbedders, ref.vendor)) {
          const door: EmbedderDoor = ownEmbedders[ref.vendor]
          const wires = Object.keys(door.wires)
          yield* Effect.fromResult(onlyWire(text, ref, wires))
          const make = door.wires[ref.wire ?? wires[0] ?? ""]
          if (make !== undefined) return yield* remote(text, door, http, make(ref.model))
        }
        if (isVendor(embedding, ref.vendor)) {
          const vendor = embedding[ref.vendor]
          return yield* remote(text, vendor, http, Embeddings.makeConfig<string>({ vendor, model: ref.model }))
        }
        if (ref.vendor === "transformers")
          return yield* Effect.mapError(
            Transformers.make({ model: ref.model }),
            ({ message }) => new UnknownRef({ ref: text, detail: message })
          )
        if (ref.model !== "default")
          return yield* new UnknownRef({ ref: text, detail: "the lexical embedder has one model: lexical/default" })
        return Lexical.embedder
      })
      return Registry.of({ chat: once(chatOf, scope), embedder: once(embedderOf, scope) })
    })
  )
