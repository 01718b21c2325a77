/** What OpenAI says of a failure, where the shape or the code is its own. */
import * as ErrorWords from "@consortium/wire/ErrorWords"

/** Codes of a response that failed which are about what was asked; the types of the openai package 7.57 list them. */
const policies = ["bio_policy", "cyber_policy", "misalignment_policy_violation", "image_content_policy_violation"]
const requests = /^invalid_|image|^data_residency_mismatch$/

const typeOf = (code: string): string | undefined => {
  if (policies.includes(code)) return "content_policy_violation"
  return requests.test(code) ? "invalid_request_error" : undefined
}

const wait = /try again in (?:(\d+)m)?(\d+(?:\.\d+)?)(ms|s)\b/i

/** Milliseconds of "Please try again in 6m0s": all that is said of the wait where an error comes in a stream. */
const waitOf = (message: string): number | undefined => {
  const found = wait.exec(message)
  if (found === null) return undefined
  const [, minutes = "0", rest = "0", unit = "s"] = found
  return Number(minutes) * 60_000 + Number(rest) * (unit.toLowerCase() === "ms" ? 1 : 1000)
}

export const readError: ErrorWords.ErrorReader = (body) => {
  const words = ErrorWords.read(body)
  if (words === undefined) return undefined
  const type = words.code === undefined ? undefined : typeOf(words.code)
  const retryAfterMillis = waitOf(words.message)
  return {
    ...words,
    ...(type !== undefined && { type }),
    ...(retryAfterMillis !== undefined && { retryAfterMillis })
  }
}
