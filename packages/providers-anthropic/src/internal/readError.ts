/** What Anthropic says of a failure, with a code where its one type `invalid_request_error` says too little. */
import * as ErrorWords from "@consortium/wire/ErrorWords"

/** Words of the messages, as the API writes them. */
const signs: ReadonlyArray<readonly [RegExp, string]> = [
  [/exceed context limit/i, "context_window_exceeded"],
  [/blocked by content filtering policy/i, "content_filter"],
  [/reached your specified API usage limits/i, "quota_exhausted"]
]

/** The words with the code that they lack. */
export const withCode = (words: ErrorWords.ErrorWords | undefined): ErrorWords.ErrorWords | undefined => {
  const code = words === undefined ? undefined : signs.find(([says]) => says.test(words.message))?.[1]
  return words === undefined || code === undefined ? words : { ...words, code }
}

export const readError: ErrorWords.ErrorReader = (body) => withCode(ErrorWords.read(body))
