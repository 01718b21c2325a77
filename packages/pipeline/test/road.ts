/** Roads for tests: members and judges on a simulated server over the real wire, prompts from memory, runs in folders. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import type { Member } from "@consortium/core/Candidates"
import type { ChatModel } from "@consortium/core/ChatModel"
import type { Embedder } from "@consortium/core/Embedder"
import { MemberId } from "@consortium/core/Ids"
import { isNonEmpty, map, type NonEmpty } from "@consortium/core/NonEmpty"
import { fromText, type Prompt } from "@consortium/core/Prompt"
import type { PromptSource } from "@consortium/core/PromptSource"
import type { RunEvent } from "@consortium/core/RunEvent"
import { Seed } from "@consortium/core/Seed"
import { embedder } from "@consortium/embedders-lexical/Lexical"
import { listwise } from "@consortium/judge-strategies/Listwise"
import { backoff } from "@consortium/middleware/Retry"
import { buildDataset } from "@consortium/pipeline/BuildDataset"
import { DatasetRow, RejectedRow } from "@consortium/pipeline/DatasetFile"
import type { RunConfig } from "@consortium/pipeline/RunConfig"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { define } from "@consortium/providers-openai-compatible/Vendor"
import * as Fakes from "@consortium/testing/Fakes"
import * as HttpClients from "@consortium/wire/HttpClients"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

export const services = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, HttpClients.layerDirect)

/** A text is the angle in degrees that its number says. */
export const angles: Embedder<never> = {
  ref: "fake/angles",
  maxBatch: 3,
  local: true,
  embed: (texts) =>
    Effect.succeed({
      space: { model: "fake/angles", dimension: 2 },
      data: Float32Array.from(
        texts.flatMap((text) => {
          const angle = (Number(/\d+/.exec(text)?.[0]) * Math.PI) / 180
          return [Math.cos(angle), Math.sin(angle)]
        })
      )
    })
}
/** A source in memory. */
export const sourceOf = (prompts: ReadonlyArray<Prompt>): PromptSource["Service"] => ({
  name: "memory",
  stream: Stream.fromIterable(prompts.map((prompt, index) => ({ _tag: "Prompt", number: index + 1, prompt }) as const))
})

const topics = ["rain", "bread", "primes", "chess", "volcanoes", "sonnets", "taxes", "bees", "tides", "glass"]
export const promptsOf = (count: number): ReadonlyArray<Prompt> =>
  Array.from({ length: count }, (_, i) =>
    fromText(`q${i}`, `Question ${i}: what should I know about ${topics[i % topics.length]} on day ${i * 7}?`)
  )

const vendor = (url: string) =>
  define({ id: "simulated", baseUrl: url, baseUrlVariable: "X", apiKey: { variable: "X", optional: true } })

const modelAt = (url: string, model: string) => ChatCompletions.make({ vendor: vendor(url), model, baseUrl: url })

export const memberOf = (model: ChatModel, samples = 1, id: string = model.ref): Member => ({
  id: MemberId.make(id),
  model,
  samples
})

/** Tries again at once. */
const quickRetry = backoff({ first: "1 millis", cap: "2 millis", times: 4 })

export interface Cast {
  readonly members: NonEmpty<string>
  readonly judges: NonEmpty<string>
  readonly samples?: number
}

const all = <A, B, E, R>(items: NonEmpty<A>, f: (item: A, index: number) => Effect.Effect<B, E, R>) =>
  Effect.flatMap(Effect.forEach(items, f), (made) =>
    isNonEmpty(made) ? Effect.succeed(made) : Effect.die(new Error("a list lost its elements"))
  )

/** A configuration whose models sit on a simulated server. */
export const configOn = Effect.fnUntraced(function* (
  url: string,
  out: string,
  cast: Cast,
  prompts: ReadonlyArray<Prompt>
) {
  const members = yield* all(cast.members, (name) => modelAt(url, name))
  const judges = yield* all(cast.judges, (name) => modelAt(url, name))
  const config: RunConfig<never> = {
    source: sourceOf(prompts),
    out,
    stop: { targetSize: prompts.length },
    seed: Seed.make(7),
    embedder,
    members: map(members, (model, index) => memberOf(model, cast.samples, `${model.ref}#${index}`)),
    judges: map(judges, (model, index) => ({
      model,
      strategy: (wrapped: ChatModel) => listwise(wrapped, { id: `${model.ref}#${index}` })
    })),
    retry: quickRetry,
    timeout: "5 seconds",
    simulated: true
  }
  return config
})

/** A configuration of fakes that answer from memory, with an own judge who likes long answers. */
export const fakeConfig = (out: string, more: Partial<RunConfig> = {}): RunConfig => ({
  source: sourceOf(promptsOf(4)),
  out,
  stop: { targetSize: 4 },
  seed: Seed.make(1),
  embedder,
  members: [
    memberOf(Fakes.chatModel("fake/short", () => "short")),
    memberOf(Fakes.chatModel("fake/long", () => "rather long"))
  ],
  judges: [{ judge: Fakes.judge() }],
  retry: Schedule.recurs(0),
  ...more
})

/** A run with everything that it said and wrote. */
export const run = Effect.fnUntraced(function* (config: RunConfig) {
  const events: Array<RunEvent> = []
  const summary = yield* buildDataset({ ...config, onEvent: (event) => Effect.sync(() => void events.push(event)) })
  return { summary, events, ...(yield* written(config.out)) }
})

const decodeDataset = Schema.decodeUnknownSync(Schema.fromJsonString(DatasetRow), { onExcessProperty: "error" })
const decodeRejected = Schema.decodeUnknownSync(Schema.fromJsonString(RejectedRow), { onExcessProperty: "error" })

/** The files of a run, read as anyone would. */
const written = Effect.fnUntraced(function* (out: string) {
  const files = yield* FileSystem.FileSystem
  const bytes = yield* files.readFileString(`${out}/dataset.jsonl`)
  const refused = yield* files.readFileString(`${out}/rejected.jsonl`)
  const lines = (text: string) => text.split("\n").filter((line) => line !== "")
  return {
    bytes,
    rows: lines(bytes).map((line) => decodeDataset(line)),
    rejected: lines(refused).map((line) => decodeRejected(line))
  }
})

export const folder = FileSystem.FileSystem.use((files) => files.makeTempDirectoryScoped())
