/** Completions, requests and errors that no vendor made: drawn by seed, so that what once failed fails again. */
import type { ChatRequest, StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { ModelError, Reason } from "@consortium/core/ModelError"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import { type AssistantPart, type Message, message } from "@consortium/core/Prompt"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"

const words = Schema.String.check(Schema.isMinLength(1))
/** What a header can carry. */
const token = Schema.Literals(["a1", "req_0-9", "toolu-7", "x", "look_up", "Zq9"])
const some = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(schema)
const count = Schema.Literals([0, 1, 7, 12, 345, 67_890])
const cache = some(Schema.Literals(["short", "long"]))

const text = Schema.TaggedStruct("Text", { text: words, signature: some(token) })
const thought = Schema.TaggedStruct("Reasoning", { text: words, id: some(token), signature: some(token) })
const hidden = Schema.TaggedStruct("Reasoning", {
  text: Schema.Literal(""),
  signature: token,
  redacted: Schema.Literal(true)
})
/** Models write JSON of any looks, half of one, or none. */
const written = Schema.Literals([
  "{}",
  '{"at":"sky — 天"}',
  '{ "n": 1.50, "deep": [{ "a": null }] }',
  '{"half": [1,',
  "word"
])
const call = Schema.TaggedStruct("ToolCall", { id: token, name: token, arguments: written, signature: some(token) })

const finish = Schema.Union([
  Schema.Struct({
    kind: Schema.Literals(["stop", "length", "tool-calls", "content-filter", "error", "other"]),
    raw: token
  }),
  Schema.Struct({ kind: Schema.Literal("unknown"), raw: Schema.Null })
])
const usage = Schema.Struct({
  inputTokens: some(count),
  cacheReadTokens: some(count),
  cacheWriteTokens: some(count),
  outputTokens: some(count),
  reasoningTokens: some(count),
  usd: some(Schema.Literals([0, 0.25, 3]))
})
const rest = Schema.Struct({ finish, usage, model: token, id: some(token), requestId: some(token) })

/** A call that stands twice would be one call. */
const numbered = (parts: ReadonlyArray<AssistantPart>): ReadonlyArray<AssistantPart> =>
  parts.map((part, index) => (part._tag === "ToolCall" ? { ...part, id: `${part.id}-${index}` } : part))

/** Objects as everybody makes them, not without a prototype as they are drawn. */
const plain = <A>(value: A): A => structuredClone(value)

/** Any answer that a vendor may give. */
export const completions: Arbitrary.Arbitrary<Completion> = Arbitrary.map(
  Arbitrary.all({
    parts: Arbitrary.array(Arbitrary.schema(Schema.Union([text, thought, hidden, call])), { maxLength: 5 }),
    rest: Arbitrary.schema(rest)
  }),
  (drawn) => plain({ parts: numbered(drawn.parts), ...drawn.rest })
)

/** The same without texts or thoughts that follow each other: a stream says them as one. */
export const apart = (completion: Completion): Completion => ({
  ...completion,
  parts: completion.parts.filter(({ _tag }, index) => _tag === "ToolCall" || completion.parts[index - 1]?._tag !== _tag)
})

const halves = (of: string): ReadonlyArray<string> => {
  const letters = [...of]
  const middle = letters.length >> 1
  return [letters.slice(0, middle).join(""), letters.slice(middle).join("")]
}

/** The parts of a stream of an answer, each in two pieces. */
export const streamed = (completion: Completion): ReadonlyArray<StreamPart> => [
  ...completion.parts.flatMap((part, index): ReadonlyArray<StreamPart> => {
    if (part._tag !== "ToolCall") return halves(part.text).map((delta) => ({ _tag: part._tag, delta }))
    const pieces = halves(part.arguments).map((delta) => ({ _tag: "ToolCall" as const, index, delta }))
    return [{ _tag: "ToolCall", index, id: part.id, name: part.name, delta: "" }, ...pieces]
  }),
  { _tag: "Done", completion }
]

const failed = Schema.Struct({
  reason: Reason,
  detail: words,
  status: some(Schema.Literals([200, 400, 429, 503])),
  requestId: some(token)
})

/** Any failure that a vendor's call can have. */
export const errors: Arbitrary.Arbitrary<ModelError> = Arbitrary.map(
  Arbitrary.schema(failed),
  (fields) => new ModelError({ vendor: "synthetic", model: "m", ...fields })
)

const image = Schema.TaggedStruct("Image", {
  source: Schema.Union([
    Schema.TaggedStruct("Url", { url: Schema.Literal("https://example.com/a.png") }),
    Schema.TaggedStruct("Base64", {
      mediaType: Schema.Literals(["image/png", "image/webp"]),
      data: Schema.Literal("aGk=")
    })
  ]),
  cache
})
const said = Schema.TaggedStruct("Text", { text: words, cache })
const canonical = Schema.Literals(["{}", '{"at":"sky — 天"}', '{"deep":[{"a":null}]}', '{"half": [1,'])
const asked = Schema.TaggedStruct("ToolCall", { id: token, name: token, arguments: canonical, signature: some(token) })
const told = Schema.Struct({ text: Schema.String, isError: some(Schema.Literal(true)) })

interface Turn {
  readonly user: ReadonlyArray<Extract<Message, { role: "user" }>["parts"][number]>
  readonly answer: ReadonlyArray<AssistantPart>
  readonly asked: Extract<AssistantPart, { _tag: "ToolCall" }>
  readonly told: { readonly text: string; readonly isError?: true }
}

/** A turn of every role; each call has its result. */
const spoken = ({ answer, asked: wish, told: result, user }: Turn, index: number): ReadonlyArray<Message> => {
  const id = `${wish.id}-${index}`
  const { name } = wish
  const parts: ReadonlyArray<AssistantPart> = [...answer, { ...wish, id }]
  return [
    ...(isNonEmpty(user) ? [{ role: "user" as const, parts: user }] : []),
    ...(isNonEmpty(parts) ? [{ role: "assistant" as const, parts }] : []),
    { role: "tool", parts: [{ _tag: "ToolResult", id, name, ...result }] }
  ]
}

const turn: Arbitrary.Arbitrary<Turn> = Arbitrary.all({
  user: Arbitrary.array(Arbitrary.schema(Schema.Union([said, image])), { minLength: 1, maxLength: 3 }),
  answer: Arbitrary.array(Arbitrary.schema(Schema.Union([text, thought, hidden])), { maxLength: 3 }),
  asked: Arbitrary.schema(asked),
  told: Arbitrary.schema(told)
})

const tool = Schema.Struct({
  name: token,
  description: some(words),
  parameters: Schema.Literals(["where", "when"])
})

const options = Schema.Struct({
  temperature: some(Schema.Literals([0, 0.5])),
  topP: some(Schema.Literals([0.9])),
  topK: some(Schema.Literals([40])),
  presencePenalty: some(Schema.Literals([0.25])),
  frequencyPenalty: some(Schema.Literals([-0.25])),
  maxTokens: some(Schema.Literals([1, 512])),
  seed: some(Schema.Literals([0, 7])),
  stop: some(Schema.Literals(["END"])),
  reasoningEffort: some(Schema.Literals(["none", "minimal", "low", "medium", "high", "max"])),
  tool: some(tool),
  toolChoice: some(Schema.Union([Schema.Literals(["auto", "none", "required"]), Schema.Struct({ name: token })])),
  wants: some(Schema.Literals(["colour"]))
})

const object = (property: string) => ({
  type: "object",
  properties: { [property]: { type: "string" } },
  required: [property],
  additionalProperties: false
})

/** Any question that can be asked, in the one form that both sides of a bridge can have of it. */
export const requests: Arbitrary.Arbitrary<ChatRequest> = Arbitrary.map(
  Arbitrary.all({
    system: Arbitrary.schema(Schema.NullOr(words)),
    turns: Arbitrary.array(turn, { maxLength: 3 }),
    options: Arbitrary.schema(options)
  }),
  (drawn) => {
    const { stop, tool: offered, toolChoice, wants, ...sampling } = drawn.options
    const before = [...(drawn.system === null ? [] : [message("system", drawn.system)]), ...drawn.turns.flatMap(spoken)]
    const [first, ...more] = [...before, message("user", "and now?")]
    return plain({
      messages: [first ?? message("user", "and now?"), ...more],
      ...sampling,
      ...(stop !== undefined && { stop: [stop] }),
      ...(offered !== undefined && {
        tools: [{ ...offered, parameters: object(offered.parameters) }],
        ...(toolChoice !== undefined && {
          toolChoice: typeof toolChoice === "string" ? toolChoice : { name: offered.name }
        })
      }),
      ...(wants !== undefined && { responseSchema: { name: "answer", schema: object(wants) } })
    })
  }
)
