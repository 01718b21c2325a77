/** What the decoders of recorded bodies share. They read bodies in the canonical form. */
import { ChatRequest } from "@consortium/core/ChatModel"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Fields, fields, isFields, list, text } from "../json.js"

/** Our request has no word for it: the request's side is not covered. */
export class NoWord extends Error {}

const decode = Schema.decodeUnknownResult(ChatRequest)

/** Checked against the contract; a field that is undefined is left out. */
export const request = (made: Fields): ChatRequest => {
  const read = decode(Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)))
  if (Result.isSuccess(read)) return read.success
  throw new NoWord(`what a contract refuses: ${read.failure.message.replace(/\s+/g, " ")}`)
}

/** `cache_control: { type: "ephemeral" }` as our mark. */
export const cacheOf = (part: Fields): Fields => {
  const mark = part.cache_control
  return isFields(mark) ? { cache: mark.ttl === "1h" ? "long" : "short" } : {}
}

const efforts: ReadonlyArray<unknown> = ["none", "minimal", "low", "medium", "high", "max"]
export const isEffort = (word: unknown): boolean => efforts.includes(word)

const picture = /^data:([^;,]+);base64,(.*)$/s
export const imageOf = (url: string): Fields => {
  const [, mediaType, data] = picture.exec(url) ?? []
  const source =
    mediaType === undefined || data === undefined ? { _tag: "Url", url } : { _tag: "Base64", mediaType, data }
  return { _tag: "Image", source }
}

/** The fields of `body` that none of `names` is, as a vendor's own options. */
export const others = (body: Fields, names: ReadonlyArray<string>): Fields | undefined => {
  const rest = Object.entries(body).filter(([name]) => !names.includes(name))
  return rest.length > 0 ? Object.fromEntries(rest) : undefined
}

/** Only these fields may stand in a part of a request. */
export const only = (part: Fields, what: string, ...names: ReadonlyArray<string>): void => {
  const strange = Object.keys(part).find((name) => !names.includes(name))
  if (strange !== undefined) throw new NoWord(`${what} with \`${strange}\``)
}

/** The user's functions. Tools that the vendor runs itself are its own options, but not where both stand side by side. */
export const functions = (tools: unknown, isOurs: (tool: Fields) => boolean): ReadonlyArray<Fields> | undefined => {
  const found = list(tools).map(fields)
  const ours = found.filter(isOurs)
  if (ours.length === 0) return undefined
  if (ours.length < found.length) throw new NoWord("a tool that the vendor runs, beside functions")
  return ours
}

export const textPart = (said: unknown): Fields => ({ _tag: "Text", text: text(said) })
