/** One row of an input, as people and tools write them, to a prompt or to what is wrong with it. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { PromptId } from "@consortium/core/Ids"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import { type ImagePart, Message, message, type Prompt, type TextPart } from "@consortium/core/Prompt"
import { contentKey } from "./contentKey.js"

/** What is wrong with a row, and in which field. */
export interface Trouble {
  readonly field?: string
  readonly reason: string
}

type Read<A> = Result.Result<A, Trouble>
const fail = (reason: string, field?: string): Read<never> => Result.fail({ reason, ...(field !== undefined && { field }) })
const kind = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "a list" : typeof value)
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const reserved = new Set(["prompt", "messages", "system", "id"])
const decodeMessage = Schema.decodeUnknownResult(Message)
const isJson = Schema.is(Schema.Json)

const pictureOf = (url: string): ImagePart => {
  const inline = /^data:([^;,]+);base64,(.*)$/s.exec(url)
  return inline === null
    ? { _tag: "Image", source: { _tag: "Url", url } }
    : { _tag: "Image", source: { _tag: "Base64", mediaType: inline[1] ?? "", data: inline[2] ?? "" } }
}

/** A part as OpenAI's chat format writes it. */
const partOf = (part: unknown, field: string): Read<TextPart | ImagePart> => {
  if (!isRecord(part)) return fail(`a part must be an object, not ${kind(part)}`, field)
  if (part.type === "text" && typeof part.text === "string") return Result.succeed({ _tag: "Text", text: part.text })
  const image = part.type === "image_url" ? part.image_url : undefined
  const url = isRecord(image) ? image.url : image
  if (typeof url === "string") return Result.succeed(pictureOf(url))
  return fail(`a part of type ${JSON.stringify(part.type ?? null)} can't be read: use "text" or "image_url"`, field)
}

const roles = ["system", "developer", "user", "assistant"] as const

const messageOf = (value: unknown, index: number): Read<Message> => {
  const field = `messages[${index}]`
  if (!isRecord(value)) return fail(`must be an object with role and content, not ${kind(value)}`, field)
  const role = roles.find((known) => known === value.role)
  if (role === undefined) {
    return fail(`the role ${JSON.stringify(value.role ?? null)} is unknown: use ${roles.join(", ")}`, `${field}.role`)
  }
  const said = role === "developer" ? "system" : role
  if (typeof value.content === "string") {
    return value.content.trim() === "" ? fail("is empty", `${field}.content`) : Result.succeed(message(said, value.content))
  }
  if (!Array.isArray(value.content) || value.content.length === 0) {
    return fail(`must be a text or a list of parts, not ${kind(value.content)}`, `${field}.content`)
  }
  const parts: Array<TextPart | ImagePart> = []
  for (const [at, part] of value.content.entries()) {
    const read = partOf(part, `${field}.content[${at}]`)
    if (Result.isFailure(read)) return Result.fail(read.failure)
    parts.push(read.success)
  }
  return Result.mapError(decodeMessage({ role: said, parts }), () => ({
    field: `${field}.content`,
    reason: `a ${said} message can't hold pictures`
  }))
}

const messagesOf = (value: unknown): Read<ReadonlyArray<Message>> => {
  if (!Array.isArray(value) || value.length === 0) return fail(`must be a list of messages, not ${kind(value)}`, "messages")
  const messages: Array<Message> = []
  for (const [index, one] of value.entries()) {
    const read = messageOf(one, index)
    if (Result.isFailure(read)) return Result.fail(read.failure)
    messages.push(read.success)
  }
  if (messages.at(-1)?.role !== "user") return fail("must end with a user's message, which is to be answered", "messages")
  return Result.succeed(messages)
}

const asked = (row: Readonly<Record<string, unknown>>): Read<ReadonlyArray<Message>> => {
  const { prompt, messages, system } = row
  if (system !== undefined && typeof system !== "string") return fail(`must be a text, not ${kind(system)}`, "system")
  if (prompt !== undefined && messages !== undefined) return fail("give either prompt or messages, not both")
  const own =
    messages !== undefined
      ? messagesOf(messages)
      : typeof prompt !== "string"
        ? fail(prompt === undefined ? "is missing: give a prompt or messages" : `must be a text, not ${kind(prompt)}`, "prompt")
        : prompt.trim() === ""
          ? fail("is empty", "prompt")
          : Result.succeed([message("user", prompt)])
  return Result.map(own, (said) => (system === undefined || system === "" ? said : [message("system", system), ...said]))
}

const idOf = (id: unknown, messages: Prompt["messages"]): Read<PromptId> => {
  if (id === undefined || id === null) return Result.succeed(PromptId.make(`p-${contentKey({ messages }).slice(0, 12)}`))
  if (typeof id === "number" && Number.isFinite(id)) return Result.succeed(PromptId.make(String(id)))
  if (typeof id === "string" && id.trim() !== "") return Result.succeed(PromptId.make(id))
  return fail(`must be a text or a number, not ${id === "" ? "empty" : kind(id)}`, "id")
}

/** A row as a value: an object with `prompt` or `messages`, or the prompt itself. */
export const fromValue = (value: unknown): Read<Prompt> => {
  const row = typeof value === "string" ? { prompt: value } : value
  if (!isRecord(row)) return fail(`a row must be an object or a text, not ${kind(value)}`)
  return Result.flatMap(asked(row), (messages) => {
    if (!isNonEmpty(messages)) return fail("holds no message", "messages")
    return Result.map(idOf(row.id, messages), (id) => {
      const carried = Object.entries(row).flatMap(([name, field]) => (!reserved.has(name) && isJson(field) ? [[name, field] as const] : []))
      return { id, messages, ...(carried.length > 0 && { carried: Object.fromEntries(carried) }) }
    })
  })
}

/** A row as JSON text. */
export const fromJson = (text: string): Read<Prompt> => {
  try {
    return fromValue(JSON.parse(text))
  } catch (cause) {
    return fail(`broken JSON (${cause instanceof Error ? cause.message : String(cause)})`)
  }
}
