/** What is said, as the wire's turns of blocks. */
import type { Tool } from "@consortium/core/ChatModel"
import type { Message } from "@consortium/core/Prompt"
import type * as Schema from "effect/Schema"
import type { Family } from "../Family.js"

export type Body = Record<string, Schema.Json>
type Part = Message["parts"][number]

export const isBody = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A place to which the vendor keeps the prompt. */
export const mark = (cache: Tool["cache"]): Body =>
  cache === undefined ? {} : { cache_control: { type: "ephemeral", ...(cache === "long" && { ttl: "1h" }) } }

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

/** The wire takes letters, digits, `_` and `-` only; other vendors' ids have more. */
const plainId = (id: string): string => id.replaceAll(/[^\w-]/g, "_")

/** The wire reads addresses of the web only, so a picture inside its own address goes as its bytes. */
const imageSource = (source: Extract<Part, { _tag: "Image" }>["source"]): Body => {
  if (source._tag === "Base64") return { type: "base64", media_type: source.mediaType, data: source.data }
  const inside = /^data:([^;,]+);base64,(.*)$/s.exec(source.url)
  return inside === null
    ? { type: "url", url: source.url }
    : { type: "base64", media_type: inside[1] ?? "", data: inside[2] ?? "" }
}

/** Marks of other wires: OpenAI's items have ids, and JSON is what the chat wire keeps. */
const isForeign = (part: Extract<Part, { _tag: "Reasoning" }>): boolean =>
  part.id !== undefined || part.signature === undefined || part.signature.startsWith("{")

/** One block; thinking without Anthropic's own mark can't go back and is left out. */
const block = (part: Part): ReadonlyArray<Body> => {
  switch (part._tag) {
    case "Text":
      return part.text === "" ? [] : [{ type: "text", text: part.text, ...mark(part.cache) }]
    case "Image":
      return [{ type: "image", source: imageSource(part.source), ...mark(part.cache) }]
    case "ToolCall":
      return [
        { type: "tool_use", id: plainId(part.id), name: part.name, input: parsed(part.arguments), ...mark(part.cache) }
      ]
    case "ToolResult":
      return [
        {
          type: "tool_result",
          tool_use_id: plainId(part.id),
          content: part.text,
          ...(part.isError !== undefined && { is_error: part.isError }),
          ...mark(part.cache)
        }
      ]
    case "Reasoning":
      if (isForeign(part)) return []
      return part.redacted === true
        ? [{ type: "redacted_thinking", data: part.signature ?? "" }]
        : [{ type: "thinking", thinking: part.text, signature: part.signature ?? "" }]
  }
}

interface Turn {
  readonly role: "system" | "user" | "assistant"
  readonly content: ReadonlyArray<Body>
}

/** What each message says; one of which nothing is left is none. Results stand in the user's. */
const turnsOf = (said: ReadonlyArray<Message>): ReadonlyArray<Turn> =>
  said
    .map(({ parts, role }): Turn => ({ role: role === "tool" ? "user" : role, content: parts.flatMap(block) }))
    .filter(({ content }) => content.length > 0)

/** A system may speak in the middle after a user, before an assistant or at the end, to a model that listens there. */
const isMid = (turns: ReadonlyArray<Turn>, at: number, family: Family): boolean =>
  family.midSystem &&
  turns.slice(0, at).findLast(({ role }) => role !== "system")?.role === "user" &&
  turns.slice(at).find(({ role }) => role !== "system")?.role !== "user"

/** Neighbours of one role become one turn, so that roles take turns. */
const merged = (turns: ReadonlyArray<Turn>): ReadonlyArray<Body> => {
  const out: Array<{ role: string; content: Array<Body> }> = []
  for (const { content, role } of turns) {
    const last = out.at(-1)
    if (last?.role === role) last.content.push(...content)
    else out.push({ role, content: [...content] })
  }
  return out
}

/** The last turn may be the beginning of the answer, which must not end in white space. */
const trimmed = (turns: ReadonlyArray<Turn>): ReadonlyArray<Turn> => {
  const last = turns.at(-1)
  const end = last?.content.at(-1)
  if (last?.role !== "assistant" || typeof end?.text !== "string" || end.text.trim() === "") return turns
  const content = [...last.content.slice(0, -1), { ...end, text: end.text.trimEnd() }]
  return [...turns.slice(0, -1), { ...last, content }]
}

/** What is said on top, and the turns. */
export const conversation = (said: ReadonlyArray<Message>, family: Family): Body => {
  const turns = turnsOf(said)
  const isTop = ({ role }: Turn, at: number) => role === "system" && !isMid(turns, at, family)
  const system = turns.filter(isTop).flatMap(({ content }) => content)
  return {
    messages: merged(trimmed(turns.filter((turn, at) => !isTop(turn, at)))),
    ...(system.length > 0 && { system })
  }
}
