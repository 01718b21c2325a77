/** Keeps every answer before it is used, and serves what is kept: a run that starts again pays for nothing twice. */
import type { Call, CallFailure, Halted } from "@consortium/core/Call"
import { type CallJournal, type CallKey, callKey, type Entry, type Took } from "@consortium/core/CallJournal"
import { type ChatModel, type ChatRequest, wrap } from "@consortium/core/ChatModel"
import { Completion } from "@consortium/core/Completion"
import type { Batch, Embedder } from "@consortium/core/Embedder"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { type CallEvent, CallLog, fromEvents, tell } from "@consortium/core/Receipt"
import { hash, Seed } from "@consortium/core/Seed"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { waited } from "./internal/waited.js"

/** Where answers are kept, as a value. */
export type Store = CallJournal["Service"]

/** How one kind of call is kept. */
export interface Keeping<in I, in out A> {
  /** Who is asked, as prices and sums know it. */
  readonly ref: string
  /** What for, as sums name it. @default nothing in particular */
  readonly purpose?: string | undefined
  /** What was asked; equal keys are one call. */
  readonly key: (input: I) => CallKey
  readonly encode: (answer: A) => Entry
  /** The answer again, or why the entry holds none; such an entry counts as absent. */
  readonly decode: (entry: Entry, input: I) => Result.Result<A, string>
  /** What the answer says of its tokens. @default nothing */
  readonly tokens?: (answer: A) => Pick<Took, "inputTokens" | "outputTokens">
}

/** Calls in flight by store: two middleware on one store know of each other. */
const flightsByStore = new WeakMap<Store, Map<CallKey, Deferred.Deferred<Option.Option<Entry>>>>()

const flightsOf = (store: Store) => {
  const known = flightsByStore.get(store)
  if (known !== undefined) return known
  const flights = new Map<CallKey, Deferred.Deferred<Option.Option<Entry>>>()
  flightsByStore.set(store, flights)
  return flights
}

const digestSeed = Seed.make(0)
/** Stands for a key in a receipt, which should not hold the whole request once more. */
const digest = (key: CallKey): string => hash(digestSeed, key).toString(16).padStart(8, "0")

/** A call whose events are added up whatever becomes of it: kept with the answer, or counted where there is none. */
const counted = <A, B, E, R, E1>(
  { purpose, ref }: Pick<Took, "ref"> & { readonly purpose?: string | undefined },
  store: Store,
  call: Effect.Effect<A, E, R>,
  keep: (answer: A, took: Took) => Effect.Effect<B, E1>
): Effect.Effect<B, E | E1 | Halted, R> =>
  Effect.withFiber((fiber) => {
    const clock = fiber.getRef(Clock.Clock)
    const startedAt = clock.currentTimeMillisUnsafe()
    const outer = fiber.getRef(CallLog)
    const events: Array<CallEvent> = []
    const took = (): Took => {
      const { attempts, usd } = fromEvents(events, startedAt, clock.currentTimeMillisUnsafe())
      const millis = events.reduce((sum, event) => sum + (event._tag === "Attempt" ? event.millis : 0), 0)
      return {
        ref,
        startedAt,
        millis,
        attempts,
        ...(purpose !== undefined && { purpose }),
        ...(usd !== undefined && { usd })
      }
    }
    return Effect.provideService(call, CallLog, events).pipe(
      Effect.onExit((exit) => {
        outer?.push(...events)
        const lost = Exit.isFailure(exit) && store.lost !== undefined ? took() : undefined
        return lost === undefined || lost.attempts === 0 ? Effect.void : (store.lost?.(lost) ?? Effect.void)
      }),
      Effect.flatMap((answer) => keep(answer, took()))
    )
  })

/**
 * Serves an answer from the store, or makes the call and keeps its answer before anyone sees it. Equal calls at the
 * same time are made once: the others wait for the stored answer, and if it does not come, the next one tries itself.
 * A store that fails is `Halted`. Put it outside of retry.
 */
export const journal =
  <I, A>(store: Store, keeping: Keeping<I, A>) =>
  <E extends CallFailure, R>(call: Call<I, A, E, R>): Call<I, A, E | Halted, R> => {
    const flights = flightsOf(store)
    return (input) =>
      Effect.suspend(() => {
        const key = keeping.key(input)

        const served = (entry: Entry): Effect.Effect<Option.Option<A>> => {
          const decoded = keeping.decode(entry, input)
          return Result.isSuccess(decoded)
            ? Effect.as(
                tell({ _tag: "CacheHit", key: digest(key), ...(entry.took !== undefined && { took: entry.took }) }),
                Option.some(decoded.success)
              )
            : Effect.as(
                tell({ _tag: "Note", source: "journal", data: { unreadable: digest(key), why: decoded.failure } }),
                Option.none()
              )
        }

        const lead: Effect.Effect<A, E | Halted, R> = Effect.uninterruptibleMask((restore) => {
          const flight = Deferred.makeUnsafe<Option.Option<Entry>>()
          let kept: Option.Option<Entry> = Option.none()
          flights.set(key, flight)
          const ask = counted(keeping, store, restore(Effect.suspend(() => call(input))), (answer, took) => {
            const entry = { ...keeping.encode(answer), took: { ...took, ...keeping.tokens?.(answer) } }
            // Not interruptible: what was answered was paid for.
            return Effect.map(store.put(key, entry), () => {
              kept = Option.some(entry)
              return answer
            })
          })
          return restore(store.get(key)).pipe(
            Effect.flatMap((found) => {
              if (Option.isNone(found)) return ask
              return Effect.flatMap(served(found.value), (answer) => {
                if (Option.isNone(answer)) return ask
                kept = found
                return Effect.succeed(answer.value)
              })
            }),
            Effect.ensuring(
              Effect.sync(() => {
                flights.delete(key)
                Deferred.doneUnsafe(flight, Effect.succeed(kept))
              })
            )
          )
        })

        const join: Effect.Effect<A, E | Halted, R> = Effect.suspend(() => {
          const flight = flights.get(key)
          if (flight === undefined) return lead
          return waited("journal", Deferred.await(flight)).pipe(
            Effect.flatMap((kept) => (Option.isNone(kept) ? Effect.succeed(Option.none<A>()) : served(kept.value))),
            Effect.flatMap((answer) => (Option.isNone(answer) ? join : Effect.succeed(answer.value)))
          )
        })
        return join
      })
  }

const decodeCompletion = Schema.decodeUnknownResult(Schema.fromJsonString(Completion))

/** Keeps the answers of a model's calls: for stacks that stand between `attempt` and `ChatModel.wrap`. */
export const chatCalls = (store: Store, model: Pick<ChatModel, "wire" | "ref">, purpose?: string) =>
  journal<ChatRequest, Completion>(store, {
    ref: model.ref,
    purpose,
    tokens: ({ usage: { inputTokens, outputTokens } }) => ({
      ...(inputTokens !== undefined && { inputTokens }),
      ...(outputTokens !== undefined && { outputTokens })
    }),
    key: (request) => callKey("chat", model.wire, model.ref, request),
    // A completion is plain JSON data by its type.
    encode: (completion) => ({ json: JSON.stringify(completion) }),
    decode: (entry) => Result.mapError(decodeCompletion(entry.json), (error) => error.message)
  })

/** A model whose answers are kept, whole and streamed. */
export const chatJournal =
  (store: Store) =>
  <E extends CallFailure>(model: ChatModel<E>): ChatModel<E | Halted> =>
    wrap<E, E | Halted>(model, chatCalls(store, model))

const BatchFacts = Schema.Struct({
  space: Schema.Struct({
    model: Schema.String,
    dimension: Schema.Int.check(Schema.isGreaterThan(0)),
    variant: Schema.optionalKey(Schema.String)
  }),
  inputTokens: Schema.optionalKey(Schema.Finite)
})
const decodeFacts = Schema.decodeUnknownResult(Schema.fromJsonString(BatchFacts))

/** Little-endian on every machine, so that a store can move. */
const toBytes = (data: Float32Array): Uint8Array => {
  const view = new DataView(new ArrayBuffer(data.length * 4))
  for (let i = 0; i < data.length; i++) view.setFloat32(i * 4, data[i] as number, true)
  return new Uint8Array(view.buffer)
}

const fromBytes = (bytes: Uint8Array): Float32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const data = new Float32Array(bytes.byteLength / 4)
  for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(i * 4, true)
  return data
}

const decodeBatch = (entry: Entry, texts: NonEmpty<string>): Result.Result<Batch, string> => {
  const facts = decodeFacts(entry.json)
  if (Result.isFailure(facts)) return Result.fail(facts.failure.message)
  const expected = texts.length * facts.success.space.dimension * 4
  return entry.bytes?.byteLength === expected
    ? Result.succeed({ ...facts.success, data: fromBytes(entry.bytes) })
    : Result.fail(`${entry.bytes?.byteLength ?? 0} bytes where ${expected} are needed`)
}

/** Keeps the batches of an embedder's calls: vectors as float32 bytes, never as JSON. */
export const embedCalls = (store: Store, embedder: Pick<Embedder, "ref" | "wire">) =>
  journal<NonEmpty<string>, Batch>(store, {
    ref: embedder.ref,
    purpose: "embed",
    tokens: ({ inputTokens }) => (inputTokens === undefined ? {} : { inputTokens }),
    key: (texts) => callKey("embed", embedder.wire ?? "", embedder.ref, texts),
    encode: ({ space, data, inputTokens }) => ({
      json: JSON.stringify({ space, inputTokens }),
      bytes: toBytes(data)
    }),
    decode: decodeBatch
  })

/** An embedder whose batches are kept; a local one, being free, stays as it is. */
export const embedJournal =
  (store: Store) =>
  <E extends CallFailure>(embedder: Embedder<E>): Embedder<E | Halted> =>
    embedder.local === true ? embedder : { ...embedder, embed: embedCalls(store, embedder)(embedder.embed) }
