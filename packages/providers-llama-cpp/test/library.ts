/** A library of the shape of node-llama-cpp that says what a test wants, piece by piece, and keeps what it was asked. The real one is proven in conformance/. */
import type { Chunk } from "../src/internal/library.js"

export interface Turn {
  readonly chunks?: ReadonlyArray<Partial<Chunk> & { readonly text: string }>
  readonly stopReason?: string
  /** Thrown in the place of an end. */
  readonly fails?: string
  /** Whether it goes on until it is stopped. */
  readonly hangs?: boolean
}

export interface Fake {
  readonly load: () => Promise<unknown>
  readonly asked: Array<{
    readonly history: ReadonlyArray<object>
    readonly options: Readonly<Record<string, unknown>>
  }>
  readonly grammars: Array<unknown>
  /** What was made and undone, in order. */
  readonly log: Array<string>
  readonly running: { now: number; most: number }
}

/** How many tokens it takes each text for: one a letter. */
const lettersOf = (history: ReadonlyArray<object>): number => JSON.stringify(history).length

export const fake = (turns: ReadonlyArray<Turn>, contextSize = 4096): Fake => {
  const left = [...turns]
  const asked: Fake["asked"] = []
  const grammars: Array<unknown> = []
  const log: Array<string> = []
  const running = { now: 0, most: 0 }

  const thing = (name: string) => {
    log.push(name)
    return { dispose: async () => void log.push(`no ${name}`) }
  }

  class LlamaChat {
    private readonly sequence: { usedInputTokens: number; usedOutputTokens: number }
    readonly chatWrapper = {
      generateContextState: ({ chatHistory }: { readonly chatHistory: ReadonlyArray<object> }) => ({
        contextText: { tokenize: () => ({ length: lettersOf(chatHistory) }) }
      })
    }
    constructor({ contextSequence }: { readonly contextSequence: LlamaChat["sequence"] }) {
      this.sequence = contextSequence
    }
    async generateResponse(
      history: ReadonlyArray<object>,
      options: Readonly<Record<string, unknown>> & {
        readonly signal: AbortSignal
        readonly onResponseChunk: (chunk: Partial<Chunk>) => void
      }
    ) {
      asked.push({ history, options })
      const { chunks = [], fails, hangs, stopReason = "eogToken" } = left.shift() ?? {}
      running.most = Math.max(running.most, ++running.now)
      try {
        this.sequence.usedInputTokens += lettersOf(history)
        for (const chunk of chunks) {
          this.sequence.usedOutputTokens++
          options.onResponseChunk({ type: undefined, tokens: [0], ...chunk })
          await new Promise((resolve) => setImmediate(resolve))
        }
        if (hangs === true) {
          const { signal } = options
          if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve))
          log.push("stopped")
          throw signal.reason
        }
        if (fails !== undefined) throw new Error(fails)
        return { metadata: { stopReason } }
      } finally {
        running.now--
      }
    }
  }

  const context = () => ({
    ...thing("context"),
    getSequence: () => {
      const meter = { usedInputTokens: 100, usedOutputTokens: 100 }
      return Object.assign(meter, {
        contextSize,
        tokenMeter: { getState: () => ({ ...meter }) },
        clearHistory: async () => void log.push("cleared")
      })
    }
  })
  const model = (options: unknown) => ({
    ...thing(`model ${JSON.stringify(options)}`),
    tokenizer: {},
    createContext: async (asked: unknown) => {
      log.push(JSON.stringify(asked))
      return context()
    }
  })
  const llama = () => ({
    ...thing("llama"),
    cpuMathCores: 1,
    loadModel: async (options: unknown) => model(options),
    createGrammarForJsonSchema: async (schema: unknown) => {
      grammars.push(schema)
      return { grammar: grammars.length }
    }
  })
  const load = async () => ({
    LlamaChat,
    getLlama: async (options: unknown) => {
      log.push(JSON.stringify(options))
      return llama()
    }
  })
  return { load, asked, grammars, log, running }
}
