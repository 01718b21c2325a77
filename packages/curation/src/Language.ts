/** Which language a text is in, by letter patterns of 60 languages (Nito-ELD). */
import * as Effect from "effect/Effect"

export interface Detected {
  /** ISO 639-1; empty where the text says nothing. */
  readonly language: string
  /** False where the text is too short, or too like several languages, to be sure. */
  readonly reliable: boolean
}

/** Languages that can be told apart. */
export const languages =
  "am ar az be bg bn ca cs da de el en es et eu fa fi fr gu he hi hr hu hy is it ja ka kn ko ku lo lt lv ml mr ms nl no or pa pl pt ro ru sk sl sq sr sv ta te th tl tr uk ur vi yo zh".split(
    " "
  )

/** Loads the patterns, two megabytes; takes some tenths of a second. */
export const detector: Effect.Effect<(text: string) => Detected> = Effect.map(
  Effect.promise(() => import("eld/medium")),
  ({ eld }) =>
    (text) => {
      const found = eld.detect(text)
      return { language: found.language, reliable: found.isReliable() }
    }
)
