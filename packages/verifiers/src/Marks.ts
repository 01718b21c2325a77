/** Rules that need no reference: an answer that was refused, cut off, or given in another language than the question. */
import * as Completion from "@consortium/core/Completion"
import { type Prompt, textOf } from "@consortium/core/Prompt"
import { type Detected, detector } from "@consortium/curation/Language"
import type { CheckRule } from "@consortium/sampling/CheckRule"
import * as Effect from "effect/Effect"

/** The vendor ended the answer at its length limit. */
export const truncated: CheckRule = {
  by: "truncated",
  check: ({ outcome: { success } }) =>
    Effect.succeed(
      success.finish.kind === "length"
        ? { passed: false, note: "the answer was cut off at its length limit" }
        : { passed: true }
    )
}

/** Longer answers that begin with an apology mostly go on with an answer. */
const refusalLength = 600

/** How models of several vendors begin to refuse; English, German, French, Spanish, Italian, Portuguese. */
const refusals: ReadonlyArray<RegExp> = [
  /^(?:(?:i['’]?m|i am) (?:so |very |really )?sorry|sorry|i apologi[sz]e|unfortunately|as an ai(?: language)?(?: model| assistant)?)?[\s,.;:—-]*(?:but |however,? )?i(?:['’]m| am)? (?:cannot|can['’]?t|can not|won['’]?t|will not|(?:not )?unable to|not able to|must decline|have to decline|do not feel comfortable|don['’]t feel comfortable|not comfortable) ?(?:to )?(?:help(?! but\b)|assist|provide|comply|fulfil|create|generate|answer|do (?:that|this)|discuss|engage|support|write|continue|respond|give|share|offer|produce|participate|with|creating|writing|providing|helping)/i,
  /^(?:es )?(?:tut mir leid|entschuldigung|leider)[^.!?\n]{0,40}(?:kann|darf|werde) ich[^.!?\n]{0,80}\b(?:nicht|keine?n?)\b/i,
  /^(?:(?:je suis )?désolée?|malheureusement|excusez-moi)[^.!?\n]{0,40}je ne (?:peux|suis)[^.!?\n]{0,40}(?:pas|en mesure)/i,
  /^(?:lo siento|lamentablemente|perdón|disculpa)[^.!?\n]{0,40}no (?:puedo|me es posible|estoy)/i,
  /^(?:mi dispiace|purtroppo)[^.!?\n]{0,40}non (?:posso|sono in grado)/i,
  /^(?:desculpe|lamento|infelizmente)[^.!?\n]{0,40}não (?:posso|consigo)/i
]

/** The vendor's filter ended the answer, or a short answer begins as refusals do. */
export const refused: CheckRule = {
  by: "refused",
  check: ({ outcome: { success } }) =>
    Effect.sync(() => {
      if (success.finish.kind === "content-filter")
        return { passed: false, note: "the vendor's filter ended the answer" }
      const text = Completion.text(success).trim()
      const isRefusal = text.length <= refusalLength && refusals.some((pattern) => pattern.test(text))
      return isRefusal ? { passed: false, note: "the answer begins as a refusal" } : { passed: true }
    })
}

/** Letters of prose from which on a language can be told. */
const prose = 60

/** Without code, quotations and addresses, whose language says nothing. */
const proseOf = (text: string): string =>
  text
    .replaceAll(/```[\s\S]*?(?:```|$)/g, " ")
    .replaceAll(/`[^`\n]*`/g, " ")
    .replaceAll(/"[^"\n]*"|“[^”\n]*”|«[^»\n]*»|„[^“”\n]*[“”]/g, " ")
    .replaceAll(/https?:\/\/\S+/g, " ")
    .replaceAll(/\$\$[\s\S]*?\$\$|\$[^$\n]*\$/g, " ")

const letters = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0

/** How a language is called in English, in itself, and in the language of the question. */
const namesOf = (code: string, spoken: string): ReadonlyArray<string> =>
  ["en", code, spoken].flatMap((locale) => {
    const name = new Intl.DisplayNames([locale], { type: "language", fallback: "none" }).of(code)
    return name === undefined ? [] : [name.toLowerCase()]
  })

const near: ReadonlyMap<string, string> = new Map([
  ["no", "da"],
  ["ms", "id"],
  ["hr", "sr"]
])
const family = (code: string): string => near.get(code) ?? code

const judged = (detect: (text: string) => Detected, text: string, prompt: Prompt) => {
  const question = prompt.messages
    .filter(({ role }) => role === "user")
    .map(textOf)
    .join("\n")
  const own = proseOf(text)
  if (letters(own) < prose || letters(proseOf(question)) < prose / 3) return { passed: true }
  const [asked, given] = [detect(proseOf(question)), detect(own)]
  if (!asked.reliable || !given.reliable || family(asked.language) === family(given.language)) return { passed: true }
  const said = prompt.messages.map(textOf).join("\n").toLowerCase()
  // A question may ask for another language, or hold a text in it.
  if (namesOf(given.language, asked.language).some((name) => said.includes(name))) return { passed: true }
  return { passed: false, note: `asked in ${asked.language}, answered in ${given.language}` }
}

/**
 * The answer's prose is reliably in another language than the question's, which does not name that language. What is too
 * short to tell passes. The patterns of 60 languages are loaded for the first answer.
 */
export const language: Effect.Effect<CheckRule> = Effect.map(Effect.cached(detector), (loaded) => ({
  by: "language",
  check: ({ outcome }, prompt) =>
    Effect.map(loaded, (detect) => judged(detect, Completion.text(outcome.success), prompt))
}))
