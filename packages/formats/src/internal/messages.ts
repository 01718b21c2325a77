/** Messages as OpenAI's chat format writes them (platform.openai.com/docs/api-reference/chat/create). */
import * as Result from "effect/Result"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import { type ImagePart, type Message, type TextPart, type ToolCallPart } from "@consortium/core/Prompt"
import { fail, isGiven, isRecord, kind, type Read } from "./trouble.js"

/** Reads every item of a list, up to the first that can't be read. */
const each = <A>(
  items: ReadonlyArray<unknown>,
  read: (item: unknown, index: number) => Read<A>
): Read<ReadonlyArray<A>> => {
  const all: Array<A> = []
  for (const [index, item] of items.entries()) {
    const one = read(item, index)
    if (Result.isFailure(one)) return Result.fail(one.failure)
    all.push(one.success)
  }
  return Result.succeed(all)
}

const pictureOf = (url: string): ImagePart => {
  const inline = /^data:([^;,]+);base64,(.*)$/s.exec(url)
  return inline === null
    ? { _tag: "Image", source: { _tag: "Url", url } }
    : { _tag: "Image", source: { _tag: "Base64", mediaType: inline[1] ?? "", data: inline[2] ?? "" } }
}

const partOf = (part: unknown, field: string): Read<TextPart | ImagePart> => {
  if (!isRecord(part)) return fail(`a part must be an object, not ${kind(part)}`, field)
  if (part.type === "text") {
    if (typeof part.text !== "string") return fail(`must be a text, not ${kind(part.text)}`, `${field}.text`)
    return part.text.trim() === ""
      ? fail("is empty", `${field}.text`)
      : Result.succeed({ _tag: "Text", text: part.text })
  }
  if (part.type === "image_url") {
    const url = isRecord(part.image_url) ? part.image_url.url : part.image_url
    return typeof url === "string" && url !== ""
      ? Result.succeed(pictureOf(url))
      : fail("must be an address or a data: URL", `${field}.image_url.url`)
  }
  return fail(`a part of type ${JSON.stringify(part.type ?? null)} can't be read: use "text" or "image_url"`, field)
}

const partsOf = (content: unknown, field: string): Read<ReadonlyArray<TextPart | ImagePart>> => {
  if (typeof content === "string") {
    return content.trim() === "" ? fail("is empty", field) : Result.succeed([{ _tag: "Text", text: content }])
  }
  if (!isGiven(content)) return fail("is missing: give a text or a list of parts", field)
  if (!Array.isArray(content)) return fail(`must be a text or a list of parts, not ${kind(content)}`, field)
  if (content.length === 0) return fail("is empty", field)
  return each(content, (part, at) => partOf(part, `${field}[${at}]`))
}

const isText = (part: TextPart | ImagePart): part is TextPart => part._tag === "Text"

const textsOf = (role: string, content: unknown, field: string): Read<ReadonlyArray<TextPart>> =>
  Result.flatMap(partsOf(content, field), (parts) =>
    parts.every(isText) ? Result.succeed(parts) : fail(`a ${role} message can't hold pictures`, field)
  )

const callOf = (call: unknown, field: string): Read<ToolCallPart> => {
  const said = isRecord(call) ? call.function : undefined
  if (!isRecord(call) || typeof call.id !== "string" || !isRecord(said) || typeof said.name !== "string") {
    return fail("must be an object with an id and a function that has a name", field)
  }
  if (typeof said.arguments !== "string") {
    return fail(`must be JSON as a text, not ${kind(said.arguments)}`, `${field}.function.arguments`)
  }
  return Result.succeed({ _tag: "ToolCall", id: call.id, name: said.name, arguments: said.arguments })
}

type Said = Readonly<Record<string, unknown>>

const assistant = (said: Said, field: string): Read<Message> => {
  const { content, tool_calls: calls = [] } = said
  if (isGiven(calls) && !Array.isArray(calls)) return fail(`must be a list, not ${kind(calls)}`, `${field}.tool_calls`)
  const called: ReadonlyArray<unknown> = Array.isArray(calls) ? calls : []
  const silent = called.length > 0 && (!isGiven(content) || content === "")
  const texts = silent ? Result.succeed([]) : textsOf("assistant", content, `${field}.content`)
  return Result.flatMap(texts, (before) =>
    Result.flatMap(
      each(called, (call, at) => callOf(call, `${field}.tool_calls[${at}]`)),
      (after) => {
        const parts = [...before, ...after]
        return isNonEmpty(parts) ? Result.succeed({ role: "assistant", parts }) : fail("is empty", `${field}.content`)
      }
    )
  )
}

const tool = (said: Said, field: string): Read<Message> => {
  const { tool_call_id: id, name, content } = said
  if (typeof id !== "string" || id === "")
    return fail("must be the id of the call that it answers", `${field}.tool_call_id`)
  // A tool may well have nothing to say.
  const texts = content === "" ? Result.succeed([]) : textsOf("tool", content, `${field}.content`)
  return Result.flatMap(texts, (parts) => {
    const text = parts.map((part) => part.text).join("\n")
    return Result.succeed({
      role: "tool",
      parts: [{ _tag: "ToolResult", id, ...(typeof name === "string" && { name }), text }]
    })
  })
}

const roles = ["system", "developer", "user", "assistant", "tool"] as const

const messageOf = (said: unknown, field: string): Read<Message> => {
  const content = `${field}.content`
  if (!isRecord(said)) return fail(`must be an object with role and content, not ${kind(said)}`, field)
  const role = roles.find((known) => known === said.role)
  switch (role) {
    case undefined:
      return isGiven(said.role)
        ? fail(`${JSON.stringify(said.role)} is unknown: use ${roles.join(", ")}`, `${field}.role`)
        : fail(`is missing: use ${roles.join(", ")}`, `${field}.role`)
    case "assistant":
      return assistant(said, field)
    case "tool":
      return tool(said, field)
    case "user":
      return Result.flatMap(partsOf(said.content, content), (parts) =>
        isNonEmpty(parts) ? Result.succeed({ role, parts }) : fail("is empty", content)
      )
    case "system":
    case "developer":
      return Result.flatMap(textsOf(role, said.content, content), (parts) =>
        isNonEmpty(parts) ? Result.succeed({ role: "system", parts }) : fail("is empty", content)
      )
  }
}

const waits = ({ role }: Message): boolean => role === "user" || role === "tool"

/** A conversation up to the last message that waits for an answer: what was answered to it is cut off. */
export const messagesOf = (said: unknown, name = "messages"): Read<ReadonlyArray<Message>> => {
  if (!Array.isArray(said)) return fail(`must be a list of messages, not ${kind(said)}`, name)
  if (said.length === 0) return fail("is empty: give at least a user's message", name)
  // Only what is kept has to be readable: an answer that is cut off may be of any kind.
  const end = said.findLastIndex((one) => !isRecord(one) || one.role !== "assistant") + 1
  return Result.flatMap(
    each(said.slice(0, end), (one, index) => messageOf(one, `${name}[${index}]`)),
    (messages) => {
      const last = messages.at(-1)
      return last !== undefined && waits(last)
        ? Result.succeed(messages)
        : fail("must hold a message of the user or a tool, which is to be answered, behind those of the system", name)
    }
  )
}
