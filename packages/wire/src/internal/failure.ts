/** What is said of failures that have no words of the vendor. */
import * as ModelError from "@consortium/core/ModelError"
import * as Predicate from "effect/Predicate"
import type { Redact } from "../Redaction.js"
import type { Trouble } from "./body.js"

export const malformed = new ModelError.MalformedOutput({})
export const badKey = new ModelError.Authentication({})

/** The most of an error's body that is read. */
export const maxErrorBytes = 1024 * 1024
const maxDetail = 500
/** The most of a text that is searched for keys; far more than is shown, so that no key is cut before it is found. */
const maxRedacted = 64 * 1024

/** Redacted first, so that a cut never leaves half a key. */
export const detail = (text: string, redact: Redact): string => {
  const clean = redact(text.slice(0, maxRedacted)).trim()
  return clean.length > maxDetail ? `${clean.slice(0, maxDetail)}…` : clean
}

/** An error body of no known shape: its text, or the title of a page that some gateway sent. */
export const plain = (body: unknown): string => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  const title = /^\s*</.test(text) ? /<title[^>]*>([^<]*)/i.exec(text)?.[1]?.trim() : undefined
  return title ?? text
}

/** Why a text is no JSON. */
export const notJson = (text: string): string =>
  text.trim() === "" ? "an empty answer where JSON was expected" : `not JSON: ${text}`

/** The innermost words of an error: clients wrap "connect ECONNREFUSED …" in "fetch failed". */
const causeOf = (error: unknown, depth = 0): string => {
  if (!Predicate.isObject(error)) return typeof error === "string" ? error : ""
  const deeper = depth < 4 ? causeOf(error.cause, depth + 1) : ""
  if (deeper !== "") return deeper
  const first = Array.isArray(error.errors) && depth < 4 ? causeOf(error.errors[0], depth + 1) : ""
  if (first !== "") return first
  const message = typeof error.message === "string" ? error.message : ""
  const code = typeof error.code === "string" && !message.includes(error.code) ? error.code : ""
  return [message, code].filter((it) => it !== "").join(" ")
}

/** How undici names a body beyond the client's own bound. */
const tooLargeCode = "UND_ERR_RES_EXCEEDED_MAX_SIZE"

/** What the client's own errors mean. */
export const ofClient = (trouble: Trouble): { readonly reason: ModelError.Reason; readonly detail: string } => {
  if (trouble._tag === "TooLarge")
    return { reason: malformed, detail: `the answer is larger than ${trouble.maxBytes} bytes` }
  if (trouble._tag === "Malformed") return { reason: malformed, detail: trouble.detail }
  const { reason } = trouble
  switch (reason._tag) {
    case "InvalidUrlError":
      return { reason: new ModelError.NotFound({}), detail: "the base URL is no URL" }
    case "EncodeError":
      return { reason: new ModelError.InvalidRequest({}), detail: "the request could not be encoded" }
    case "EmptyBodyError":
      return { reason: malformed, detail: notJson("") }
    default: {
      const cause = causeOf("cause" in reason ? reason.cause : undefined)
      if (cause.includes(tooLargeCode))
        return { reason: malformed, detail: "the answer is larger than the client allows" }
      return { reason: new ModelError.Network({}), detail: cause === "" ? "the connection failed" : cause }
    }
  }
}
