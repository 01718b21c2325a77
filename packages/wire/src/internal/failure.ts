/** What is said of failures that have no words of the vendor. */
import * as ModelError from "@consortium/core/ModelError"
import * as Predicate from "effect/Predicate"
import type { Trouble } from "./transport.js"

export const malformed = new ModelError.MalformedOutput({})
export const badKey = new ModelError.Authentication({})

/** Why a text is no JSON, or none that is read. */
export const notJson = (text: string): string => {
  if (text.trim() === "") return "an empty answer where JSON was expected"
  return `${isNested(text) ? "JSON nested too deep" : "not JSON"}: ${text}`
}

const isNested = (text: string): boolean => {
  try {
    return JSON.parse(text) !== null
  } catch {
    return false
  }
}

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

/** What failures below the vendor's words mean. */
export const ofTransport = (trouble: Trouble): { readonly reason: ModelError.Reason; readonly detail: string } => {
  switch (trouble._tag) {
    case "TooLarge":
      return { reason: malformed, detail: `the answer is larger than ${trouble.maxBytes} bytes` }
    case "Malformed":
      return { reason: malformed, detail: trouble.detail }
    case "NoAddress":
      return { reason: new ModelError.NotFound({}), detail: "the base URL is no URL" }
    case "Broken": {
      const cause = causeOf(trouble.cause)
      if (cause.includes(tooLargeCode))
        return { reason: malformed, detail: "the answer is larger than the client allows" }
      return { reason: new ModelError.Network({}), detail: cause === "" ? "the connection failed" : cause }
    }
  }
}
