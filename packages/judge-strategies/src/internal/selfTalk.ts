/** What a model says of itself, and the phrases around an answer that are no part of it. */
import { modelNames } from "./modelNames.js"

const name = `(?:${modelNames.join("|")})(?:[ -]?(?:\\d[\\w.]*|[a-z]+-\\d[\\w.]*|pro|flash|mini|nano|turbo|opus|sonnet|haiku|max|plus|large|small))*`
const machine = "an? (?:\\w+ ){0,2}?(?:ai|artificial intelligence|(?:large )?language model|chatbot|virtual assistant)"
const trained = "(?:trained|developed|created|made|built|designed) by"

const iAm = "\\bI(?:'m| am)"
/** A sentence that says who speaks. Names need a boundary that a longer word has not. */
const identifies = new RegExp(
  [
    `${iAm} (?:just |only |actually |called |named )?${machine}\\b`,
    `${iAm} (?:just |only |actually |called |named )?(?:${name})(?=[\\s,.!?;:]|$)`,
    `\\bmy name is (?:${name})(?=[\\s,.!?;:]|$)`,
    `\\bI (?:was|am|have been) ${trained} (?:${name})(?=[\\s,.!?;:]|$)`
  ].join("|"),
  "i"
)
/** "As an AI language model, I think ..." loses the clause only: what follows is the answer. */
const leadingClause = new RegExp(
  `(^|[.!?]\\s+|\\n[ \\t]*)as ${machine}(?: (?:assistant|model|system|tool))?(?: (?:${trained}) [\\w ]{1,30})?, ?`,
  "gi"
)
const innerClause = new RegExp(`, as ${machine}(?: (?:assistant|model|system|tool))?,`, "gi")
const speaker = new RegExp(`^(?:${name}|ai|assistant|ai assistant):[ \\t]*`, "i")

const opener =
  /^(?:sure(?: thing)?|certainly|of course|absolutely|definitely|great question|good question|okay|ok|got it)[!,.:]+\s+/i
const presents = /^here(?:'s| is| are)[^.!?\n]{0,200}:\s*(?=\S)/i
const signOff = new RegExp(
  [
    "^(?:i )?hope (?:this|that|it) helps\\b",
    "^(?:please )?(?:feel free to|don't hesitate to) (?:ask|reach out|let me know)\\b",
    "^(?:please )?let me know if (?:you|there|this|i)\\b",
    "^if you have any (?:other |further |more |additional )?questions\\b",
    "^is there anything else\\b",
    "^(?:would you like|do you want) me to\\b",
    "^i'(?:m|d be) happy to (?:help|assist)\\b"
  ].join("|"),
  "i"
)

/** Sentences of one line with the space behind them; joined they are the line again. */
const sentences = (line: string): ReadonlyArray<string> => line.match(/.+?(?:[.!?]+["')\]]*(?:\s+|$)|$)/g) ?? [line]

const withoutIdentity = (line: string): string => {
  if (!identifies.test(line)) return line
  return sentences(line)
    .filter((sentence) => !identifies.test(sentence))
    .join("")
    .trimEnd()
}

const withoutSignOff = (text: string): string => {
  let left = text.trimEnd()
  for (;;) {
    const start = left.lastIndexOf("\n") + 1
    const last = sentences(left.slice(start))
    const end = last[last.length - 1] ?? ""
    if (end.trim() === "" || !signOff.test(end.trim())) return left
    left = left.slice(0, left.length - end.length).trimEnd()
  }
}

/** The text without self-identification, openers and sign-offs. */
export const withoutSelf = (text: string): string => {
  const opened = text.replace(speaker, "").replace(opener, "").replace(opener, "").replace(presents, "")
  const named = opened
    .replace(leadingClause, "$1")
    .replace(innerClause, "")
    .split("\n")
    .map(withoutIdentity)
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
  return withoutSignOff(named)
}
