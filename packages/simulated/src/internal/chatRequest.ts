/** Reads the body of a request as far as the server uses it. Hand-written rather than a schema: this runs for every call of a load test. */
import { hash } from "node:crypto"

/** What the server uses of a chat-completions request. */
export interface ChatBody {
  readonly member: string
  /** Names the member and the request, whether it is streamed or not. */
  readonly digest: string
  /** What is asked: the text of all messages but the system's. */
  readonly prompt: string
  /** The texts of the user's messages, latest first. */
  readonly user: ReadonlyArray<string>
  /** Characters of all messages. */
  readonly length: number
  readonly stream: boolean
  readonly includeUsage: boolean
  readonly maxTokens: number | undefined
  readonly stop: ReadonlyArray<string>
  /** Whether a JSON Schema or JSON mode binds the answer. */
  readonly format: "text" | "json_object" | "json_schema"
}

/** Why a body can't be used: the message and `param` of the error that is sent back. */
export interface Refusal {
  readonly refused: string
  readonly param: string | null
}

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const fields = (value: unknown): Fields | undefined => (isFields(value) ? value : undefined)

/** The name without its vendor, and without characters that a header can't carry. */
const memberOf = (model: string): string => model.replace(/^simulated\//, "").replace(/[^\x21-\x7e]/g, "_")

const textOf = (content: unknown): string => {
  if (typeof content === "string") return content
  if (!Array.isArray(content)) return ""
  return content
    .map((part) => fields(part)?.text)
    .filter((text) => typeof text === "string")
    .join("\n")
}

const numberOf = (value: unknown): number | undefined => (typeof value === "number" && value > 0 ? value : undefined)

const stopsOf = (value: unknown): ReadonlyArray<string> =>
  (Array.isArray(value) ? value : [value]).filter((stop): stop is string => typeof stop === "string" && stop !== "")

const formatOf = (value: unknown): ChatBody["format"] => {
  const type = fields(value)?.type
  return type === "json_object" || type === "json_schema" ? type : "text"
}

/** Parses JSON of an object; nothing where it is none. */
export const parseFields = (body: string): Fields | undefined => {
  try {
    return fields(JSON.parse(body))
  } catch {
    return undefined
  }
}

/** 128 bits of a SHA-256, in hex. */
export const digestOf = (value: unknown): string => hash("sha256", JSON.stringify(value), "hex").slice(0, 32)

export const modelOf = (body: Fields): string | undefined =>
  typeof body.model === "string" && body.model !== "" ? memberOf(body.model) : undefined

/** Reads a chat-completions body. */
export const readChat = (text: string): ChatBody | Refusal => {
  const body = parseFields(text)
  if (body === undefined) return { refused: "We could not parse the JSON body of your request.", param: null }
  const member = modelOf(body)
  if (member === undefined) return { refused: "you must provide a model parameter", param: "model" }
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    return { refused: "Missing required parameter: 'messages'.", param: "messages" }
  }
  if (body.n !== undefined && body.n !== null && body.n !== 1) {
    return { refused: "Only n = 1 is supported; send the request again with another seed.", param: "n" }
  }
  const { stream, stream_options, model: _, ...asked } = body
  const messages = body.messages.map((message) => ({
    role: fields(message)?.role,
    text: textOf(fields(message)?.content)
  }))
  const said = messages.filter((message) => message.role !== "system" && message.role !== "developer")
  return {
    member,
    digest: digestOf([member, asked]),
    prompt: (said.length > 0 ? said : messages).map((message) => message.text).join("\n"),
    user: messages.flatMap((message) => (message.role === "user" ? [message.text] : [])).reverse(),
    length: messages.reduce((sum, message) => sum + message.text.length, 0),
    stream: stream === true,
    includeUsage: fields(stream_options)?.include_usage === true,
    maxTokens: numberOf(body.max_completion_tokens) ?? numberOf(body.max_tokens),
    stop: stopsOf(body.stop),
    format: formatOf(body.response_format)
  }
}
