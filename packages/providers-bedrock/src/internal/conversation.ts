/** What is said, as Converse's turns of blocks. */
import type { Tool } from "@consortium/core/ChatModel"
import type { ImagePart, Message } from "@consortium/core/Prompt"
import type * as Schema from "effect/Schema"
import type { Family } from "../Family.js"

export type Body = Record<string, Schema.Json>
type Part = Message["parts"][number]

export const isBody = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A block of its own behind what is to be kept. */
export const cachePoint = (cache: Tool["cache"], family: Family): ReadonlyArray<Body> => {
  if (cache === undefined || family.cache === "none") return []
  return [{ cachePoint: { type: "default", ...(cache === "long" && family.cachesHour && { ttl: "1h" }) } }]
}

const parsed = (written: string): Schema.Json => {
  try {
    const value: unknown = JSON.parse(written)
    // The wire takes objects only.
    if (isBody(value)) return value
  } catch {
    // A model may write no valid JSON; it gets its own words back.
  }
  return written.trim() === "" ? {} : { arguments: written }
}

/** `data:image/png;base64,…` */
const inline = /^data:([^;,]+);base64,(.*)$/s

/** Pictures come as bytes or out of S3; a page's address is nothing that the wire reads. */
export const canSend = ({ source }: ImagePart): boolean =>
  source._tag === "Base64" || inline.test(source.url) || source.url.startsWith("s3://")

const formatOf = (mediaType: string): string => {
  const kind = mediaType.toLowerCase().replace(/^image\//, "")
  return kind === "jpg" ? "jpeg" : kind
}

const picture = ({ source }: ImagePart): Body => {
  if (source._tag === "Base64") return { format: formatOf(source.mediaType), source: { bytes: source.data } }
  const [, mediaType, data] = inline.exec(source.url) ?? []
  if (mediaType !== undefined && data !== undefined) return { format: formatOf(mediaType), source: { bytes: data } }
  const end = source.url.slice(source.url.lastIndexOf(".") + 1)
  return { format: formatOf(end), source: { s3Location: { uri: source.url } } }
}

/** Ids as the model takes them; the same one for a call and its result. */
type NameCall = (id: string) => string

const naming = ({ callIds }: Family): NameCall => {
  if (callIds === "any") return (id) => id.replaceAll(/[^\w-]/g, "_").slice(0, 64)
  const named = new Map<string, string>()
  return (id) => {
    if (/^[a-zA-Z0-9]{9}$/.test(id)) return id
    const known = named.get(id) ?? `call${String(named.size).padStart(5, "0")}`
    named.set(id, known)
    return known
  }
}

/** Marks of other wires: OpenAI's items have ids, and JSON is what the chat wire keeps. */
const isForeign = (part: Extract<Part, { _tag: "Reasoning" }>): boolean =>
  part.id !== undefined || part.signature === undefined || part.signature.startsWith("{")

/** The blocks of a part; texts of white space alone are refused, and thinking without its mark can't go back. */
const block = (part: Part, family: Family, nameCall: NameCall): ReadonlyArray<Body> => {
  switch (part._tag) {
    case "Text":
      return part.text.trim() === "" ? [] : [{ text: part.text }, ...cachePoint(part.cache, family)]
    case "Image":
      return [{ image: picture(part) }, ...cachePoint(part.cache, family)]
    case "ToolCall":
      return [
        { toolUse: { toolUseId: nameCall(part.id), name: part.name, input: parsed(part.arguments) } },
        ...cachePoint(part.cache, family)
      ]
    case "ToolResult": {
      const { id, isError, text } = part
      const status = isError === true ? "error" : "success"
      const result = {
        toolUseId: nameCall(id),
        content: text.trim() === "" ? [] : [{ text }],
        ...(isError !== undefined && family.resultStatus && { status })
      }
      return [{ toolResult: result }, ...cachePoint(part.cache, family)]
    }
    case "Reasoning": {
      if (isForeign(part)) return []
      const { redacted, signature = "", text } = part
      return [
        {
          reasoningContent: redacted === true ? { redactedContent: signature } : { reasoningText: { text, signature } }
        }
      ]
    }
  }
}

interface Turn {
  readonly role: "system" | "user" | "assistant"
  readonly content: Array<Body>
}

/** Neighbours of one role become one turn, so that roles take turns. Results stand in the user's. */
const merged = (turns: ReadonlyArray<Turn>): ReadonlyArray<Turn> => {
  const out: Array<Turn> = []
  for (const { content, role } of turns) {
    const last = out.at(-1)
    if (last?.role === role) last.content.push(...content)
    else if (content.length > 0) out.push({ role, content: [...content] })
  }
  return out
}

/** The last turn may be the beginning of the answer, which must not end in white space. */
const trim = (turns: ReadonlyArray<Turn>): void => {
  const last = turns.at(-1)
  const end = last?.content.at(-1)
  if (last?.role === "assistant" && typeof end?.text === "string") end.text = end.text.trimEnd()
}

/** What is said on top, and the turns. */
export const conversation = (said: ReadonlyArray<Message>, family: Family): Body => {
  const nameCall = naming(family)
  const turns = said.map(({ parts, role }): Turn => {
    const content = parts.flatMap((part) => block(part, family, nameCall))
    return { role: role === "tool" ? "user" : role, content }
  })
  const system = turns.flatMap(({ content, role }) => (role === "system" ? content : []))
  const messages = merged(turns.filter(({ role }) => role !== "system"))
  trim(messages)
  return {
    messages: messages.map(({ content, role }) => ({ role, content })),
    ...(system.length > 0 && { system })
  }
}
