/**
 * One surface for all candidates, so that judges don't recognise an author by bullets or bold: unifies the form, cuts
 * what a model says of itself, and leaves code, maths and quoted text as they are. It never paraphrases.
 */
import { type Prompt, textOf } from "@consortium/core/Prompt"
import { withoutSelf } from "./internal/selfTalk.js"

// Code blocks, maths, inline code, block quotes and quoted text, in the order in which they are tried.
const verbatim = new RegExp(
  [
    "^[ \\t]*```[\\s\\S]*?(?:^[ \\t]*```[^\\n]*$|(?![\\s\\S]))",
    "^[ \\t]*~~~[\\s\\S]*?(?:^[ \\t]*~~~[^\\n]*$|(?![\\s\\S]))",
    "\\$\\$[\\s\\S]{1,4000}?\\$\\$",
    "\\\\\\[[\\s\\S]{1,4000}?\\\\\\]",
    "\\\\\\([^\\n]{1,1000}?\\\\\\)",
    "``[^\\n]{1,1000}?``",
    "`[^`\\n]{1,1000}`",
    "\\$(?![\\s$])[^$\\n]{1,500}(?<!\\s)\\$(?![\\d$])",
    "^[ \\t]*>[^\\n]*$",
    '"[^"\\n]{1,1000}"',
    "“[^”\\n]{1,1000}”"
  ].join("|"),
  "gm"
)

/** A character that the text does not use, to stand for what is kept. */
const unusedMark = (text: string): string | undefined => {
  for (let code = 0xe000; code <= 0xf8ff; code++) {
    const mark = String.fromCharCode(code)
    if (!text.includes(mark)) return mark
  }
  return undefined
}

const unifyLine = (line: string): string =>
  line
    .trimEnd()
    .replace(/^\s*(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$/, "---")
    .replace(/^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*$/, "# $1")
    .replace(/^([ \t]*)[*+•◦▪●‣][ \t]+(?=\S)/, "$1- ")
    .replace(/^([ \t]*)(?:\((\d{1,3})\)|(\d{1,3})\))[ \t]+(?=\S)/, "$1$2$3. ")
    .replace(/^\*\*([^*\n]{1,200})\*\*:?$/, "# $1")
    .replace(/(?<![\w*])\*\*(?=[^\s*])([^*\n]*[^\s*])\*\*(?![\w*])/g, "$1")
    .replace(/(?<!\w)__(?=[^\s_])([^_\n]* [^_\n]*[^\s_])__(?!\w)/g, "$1")

const unify = (text: string): string =>
  text
    .replace(/^(?=[^\n]*\w)(?! *(?:[-*+>#]|\d+[.)]))([^\n]{1,200})\n(?:={3,}|-{3,})[ \t]*$/gm, "# $1")
    .split("\n")
    .map(unifyLine)
    .join("\n")
    .replace(/[“”„‟]/g, '"')
    .replace(/[‘’‚‛]/g, "'")
    .replace(/\n{3,}/g, "\n\n")

const clean = (text: string, cut: (text: string) => string): string => {
  const even = text.replace(/\r\n?/g, "\n").trim()
  const mark = unusedMark(even)
  if (mark === undefined) return even
  const kept: Array<string> = []
  const open = even.replace(verbatim, (part) => `${mark}${kept.push(part.replace(/^“([^]*)”$/, '"$1"')) - 1}${mark}`)
  const unified = unify(open)
  const said = cut(unified).trim()
  // An answer that is nothing but self-talk is an answer all the same.
  const left = said === "" ? unified : said
  return left.replace(new RegExp(`${mark}(\\d+)${mark}`, "g"), (_, index: string) => kept[Number(index)] ?? "").trim()
}

/** The text as judges see it: the same form for all, without what a model says of itself. For `Blind.seal`. */
export const surface = (text: string): string => clean(text, withoutSelf)

/** Only the form: nothing is cut. */
export const form = (text: string): string => clean(text, (whole) => whole)

const asksAboutModel = new RegExp(
  [
    "\\b(?:who|what) (?:exactly )?are you\\b",
    "\\b(?:introduce|describe|tell me about) yourself\\b",
    "\\bare you (?:an? |the )?(?:ai|bot|chatbot|robot|human|person|machine|(?:language )?model|llm|conscious|sentient|real)\\b",
    "\\byour (?:name|model|version|creators?|developers?|makers?|training|knowledge cut-?off|system prompt|identity)\\b",
    "\\bwho (?:made|created|trained|built|developed) you\\b",
    "\\b(?:what|which) (?:ai|llm|(?:language )?model) (?:is this|are you|am i)\\b",
    "\\bas an? (?:ai|(?:large )?language model)\\b"
  ].join("|"),
  "i"
)

/** The surface for the answers to one prompt: a prompt that asks about the model itself keeps what is said of it. */
export const surfaceFor = (prompt: Prompt): ((text: string) => string) =>
  prompt.messages.some((one) => asksAboutModel.test(textOf(one))) ? form : surface
