/**
 * What Cohere says of a failure, `{ id, message }`, with a code where the status says too little. The words are those of
 * docs.cohere.com/errors-reference and of cohere-ai/cohere-developer-experience, pull request 189 (498: an unsafe request).
 */
import * as ErrorWords from "@consortium/wire/ErrorWords"

const signs: ReadonlyArray<readonly [RegExp, string]> = [
  [/^too many tokens/i, "context_length_exceeded"],
  [/usage guidelines|unsafe request|^blocked (input|output|request)|deny-?listed/i, "content_filter"],
  // Of the month, so that waiting is no use.
  [/\bcalls ?\/ ?month\b/i, "quota_exhausted"]
]

export const readError: ErrorWords.ErrorReader = (body) => {
  const words = ErrorWords.read(body)
  const code = words === undefined ? undefined : signs.find(([says]) => says.test(words.message))?.[1]
  return words === undefined || code === undefined ? words : { ...words, code }
}
