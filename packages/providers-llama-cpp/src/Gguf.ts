/** A chat model of a GGUF file, run in this process by node-llama-cpp. */
import { ChatModel, type ChatRequest, type StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { ContextOverflow, InvalidRequest, ModelError, type Reason, Unknown } from "@consortium/core/ModelError"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { availableParallelism } from "node:os"
import { Draft } from "./internal/draft.js"
import { adapt, Refused } from "./internal/grammarSchema.js"
import { history, unsayable } from "./internal/history.js"
import * as Library from "./internal/library.js"
import { sampling } from "./internal/sampling.js"
import { seats } from "./internal/seats.js"
import { LlamaCppError } from "./LlamaCppError.js"

/** The name of this way, in `ChatModel.wire`. */
export const wire = "llama-cpp"

/** As users name it in `vendor/model`. */
export const vendor = "gguf"

export interface Options {
  /** The file. */
  readonly path: string
  /** How many answers are written at once; each has a context of its own, which takes memory. @default 1 */
  readonly parallel?: number
  /** How many tokens a prompt and its answer may have together, as far as the model and memory allow. @default 8192 */
  readonly contextTokens?: number
  /** What computes: a graphics card that is found, one that is named, or the CPU alone. @default "auto" */
  readonly gpu?: "auto" | "metal" | "cuda" | "vulkan" | false
  /** How many layers are given to the graphics card. @default as many as fit */
  readonly gpuLayers?: number
  /** How many cores compute; they wait for each other, so fewer than there are where others compute too. @default all that this process may use */
  readonly threads?: number
  /** Brings the library. @default node-llama-cpp, where it is to be found from this package */
  readonly load?: Library.Load
}

const defaults = { parallel: 1, contextTokens: 8192, gpu: "auto", load: Library.load } satisfies Partial<Options>

/** Tokens that the engine may add by itself, such as the end of a thought. */
const margin = 16

/** Grammars are made once for a schema; judges ask with few. */
const maxGrammars = 64

/** A sequence and the chat over it. */
interface Seat {
  readonly sequence: Library.Sequence
  readonly chat: Library.Chat
}

type Say = (part: StreamPart) => void

/** What a loaded file says, one call at a time and seat. */
class Engine {
  private readonly llama: Library.Llama
  private readonly model: Library.Model
  private readonly path: string
  private readonly name: string
  private readonly grammars = new Map<string, Promise<unknown>>()

  constructor(llama: Library.Llama, model: Library.Model, path: string) {
    this.llama = llama
    this.model = model
    this.path = path
    this.name = path.split(/[/\\]/).at(-1) ?? path
  }

  private error(reason: Reason, detail: string): ModelError {
    return new ModelError({ vendor, model: this.path, reason, detail })
  }

  private grammar(schema: Schema.Json): Promise<unknown> {
    const adapted = adapt(schema)
    const key = JSON.stringify(adapted)
    const known = this.grammars.get(key) ?? this.llama.createGrammarForJsonSchema(adapted)
    if (this.grammars.size >= maxGrammars) this.grammars.clear()
    this.grammars.set(key, known)
    return known
  }

  private grammarOf({ responseSchema }: ChatRequest): Effect.Effect<object, ModelError> {
    if (responseSchema === undefined) return Effect.succeed({})
    return Effect.tryPromise({
      try: async () => ({ grammar: await this.grammar(responseSchema.schema) }),
      catch: (error) => {
        const words = Library.wordsOf(error)
        return this.error(new InvalidRequest({}), error instanceof Refused ? words : `no grammar: ${words}`)
      }
    })
  }

  /** How many tokens are left for an answer. The library would forget the beginning of what does not fit. */
  private room({ chat, sequence }: Seat, said: ReadonlyArray<object>): number | ModelError {
    const { contextText } = chat.chatWrapper.generateContextState({ chatHistory: said })
    const tokens = contextText.tokenize(this.model.tokenizer).length
    const room = sequence.contextSize - tokens - margin
    return room > 0
      ? room
      : this.error(
          new ContextOverflow({}),
          `a prompt of ${tokens} tokens, where the context has ${sequence.contextSize}`
        )
  }

  /** Interruption stops the engine, and waits until it has stopped: the seat is free then. */
  private run(seat: Seat, said: ReadonlyArray<object>, options: object, draft: Draft, say: Say) {
    return Effect.callback<string, ModelError>((resume) => {
      const stop = new AbortController()
      const onResponseChunk = (chunk: Library.Chunk) => {
        const part = stop.signal.aborted ? undefined : draft.add(chunk)
        if (part !== undefined) say(part)
      }
      const done = seat.chat.generateResponse(said, { ...options, signal: stop.signal, onResponseChunk }).then(
        ({ metadata }) => resume(Effect.succeed(metadata.stopReason)),
        (error) => resume(Effect.fail(this.error(new Unknown({}), Library.wordsOf(error))))
      )
      return Effect.promise(() => {
        stop.abort()
        return done
      })
    })
  }

  answer(seat: Seat, request: ChatRequest, say: Say): Effect.Effect<Completion, ModelError> {
    return Effect.gen({ self: this }, function* () {
      const why = unsayable(request)
      if (why !== undefined) return yield* this.error(new InvalidRequest({}), why)
      const grammar = yield* this.grammarOf(request)
      const said = history(request.messages)
      const room = this.room(seat, said)
      if (room instanceof ModelError) return yield* room
      const { sequence } = seat
      // So that no answer depends on what was asked before.
      yield* Effect.uninterruptible(Effect.promise(() => sequence.clearHistory()))
      const before = sequence.tokenMeter.getState()
      const options = { ...sampling(request, room, yield* Random.nextInt), ...grammar }
      const draft = new Draft(request.responseSchema !== undefined)
      const raw = yield* this.run(seat, said, options, draft, say)
      return draft.completion(this.name, raw, before, sequence.tokenMeter.getState())
    })
  }
}

/**
 * The model as a value, loaded until the scope closes: as a member and as a judge it is one model in memory. At most
 * `parallel` answers are written at once, others wait for their turn.
 */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, LlamaCppError, Scope.Scope> =>
  Effect.gen(function* () {
    const { contextTokens, gpu, gpuLayers, load, parallel, path } = { ...defaults, ...options }
    // The library counts the machine's, of which a container may use a few.
    const cores = options.threads ?? availableParallelism()
    const library = yield* Library.library(load)
    // It neither compiles nor downloads, and says nothing.
    const quiet = { build: "never", skipDownload: true, progressLogs: false, logLevel: "disabled" }
    const llama = yield* Library.held("no-binary", () => library.getLlama({ gpu, ...quiet, maxThreads: cores }))
    const model = yield* Library.held("no-model", () =>
      llama.loadModel({ modelPath: path, ...(gpuLayers !== undefined && { gpuLayers }) })
    )
    const threads = options.threads ?? Math.min(cores, llama.cpuMathCores)
    const context = yield* Library.held("no-context", () =>
      model.createContext({ sequences: parallel, contextSize: { max: contextTokens }, threads })
    )
    const all = Array.from({ length: parallel }, (): Seat => {
      const sequence = context.getSequence()
      return { sequence, chat: new library.LlamaChat({ contextSequence: sequence }) }
    })
    if (!isNonEmpty(all))
      return yield* new LlamaCppError({ why: "no-context", detail: `parallel is ${parallel}, and has to be 1 or more` })
    const use = yield* seats(all)
    const engine = new Engine(llama, model, path)
    const answer = (request: ChatRequest, say: Say) => use((seat) => engine.answer(seat, request, say))
    return {
      ref: `${vendor}/${path}`,
      wire,
      complete: (request: ChatRequest) => answer(request, () => {}),
      stream: (request: ChatRequest) =>
        Stream.callback<StreamPart, ModelError>((queue) =>
          answer(request, (part) => Queue.offerUnsafe(queue, part)).pipe(
            Effect.matchCauseEffect({
              onFailure: (cause) => Queue.failCause(queue, cause),
              onSuccess: (completion) =>
                Effect.andThen(Queue.offer(queue, { _tag: "Done", completion }), Queue.end(queue))
            })
          )
        )
    }
  })

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, LlamaCppError> => Layer.effect(ChatModel, make(options))
