/** Writes an answer of known quality in a persona's style. It never says who wrote it. */
import * as Seed from "@consortium/core/Seed"
import type { Persona, Style } from "../Persona.js"
import { type Point, pointsOf } from "../Quality.js"
import { normal, one } from "./chance.js"
import { padding, statements } from "./wordBank.js"

/** The turns of phrase by which a style is known, also when its marks are taken off. */
interface Voice {
  readonly openers: ReadonlyArray<string>
  readonly joins: ReadonlyArray<string>
  readonly closers: ReadonlyArray<string>
  /** Sentences without content for each point. */
  readonly padding: number
  readonly layout: (opener: string, lines: ReadonlyArray<string>, closer: string) => string
}

const chunk = (lines: ReadonlyArray<string>, size: number): ReadonlyArray<ReadonlyArray<string>> =>
  Array.from({ length: Math.ceil(lines.length / size) }, (_, i) => lines.slice(i * size, (i + 1) * size))

const paragraphs = (size: number) => (opener: string, lines: ReadonlyArray<string>, closer: string) => {
  const [first = [], ...rest] = chunk(lines, size)
  return [[opener, ...first].join(" "), ...rest.map((part) => part.join(" ")), closer]
    .filter((part) => part !== "")
    .join("\n\n")
}
const itemised = (mark: (index: number) => string) => (opener: string, lines: ReadonlyArray<string>, closer: string) =>
  `${opener}\n\n${lines.map((line, index) => `${mark(index)}${line}`).join("\n")}\n\n${closer}`.trim()
const headings = ["Background", "What matters", "Details", "Limits", "Consequences", "Further points"]

const voices: Record<Style, Voice> = {
  headings: {
    openers: [
      "The subject has several parts, taken in turn below.",
      "Below, each part of the subject is taken in turn."
    ],
    joins: ["In particular, ", "More precisely, ", ""],
    closers: ["Taken together, these parts answer what was asked."],
    padding: 0,
    layout: (opener, lines, closer) =>
      [opener, ...chunk(lines, 3).map((part, i) => `## ${headings[i] ?? "Notes"}\n\n${part.join(" ")}`), closer].join(
        "\n\n"
      )
  },
  bullets: {
    openers: ["These are the points to consider:", "Here is what to keep in view:"],
    joins: ["", "Note: ", "Likewise, "],
    closers: ["Going through the list once is worth the time."],
    padding: 0,
    layout: itemised(() => "- ")
  },
  prose: {
    openers: ["There are a few things to say here.", "A short answer needs a little room."],
    joins: ["", "Also, ", "Then again, "],
    closers: ["That is the heart of the matter."],
    padding: 0.1,
    layout: paragraphs(4)
  },
  terse: {
    openers: ["In brief:", "Shortly:"],
    joins: [""],
    closers: [""],
    padding: 0,
    layout: paragraphs(20)
  },
  rambling: {
    openers: ["Well, where to begin with such a question.", "So, this is something one could talk about for hours."],
    joins: ["And by the way, ", "Anyway, ", "Now, as it happens, "],
    closers: ["But then, who can say for sure."],
    padding: 1.2,
    layout: paragraphs(6)
  },
  numbered: {
    openers: ["ok so:", "some thoughts:"],
    joins: ["", "i think ", "basically, "],
    closers: ["hope that does it"],
    padding: 0.2,
    layout: itemised((index) => `${index + 1}) `)
  }
}

/** Whether a text is in a style's voice, by the phrases that open, join and close. */
export const soundsLike = (style: Style, text: string): boolean => {
  const voice = voices[style]
  return [...voice.openers, ...voice.closers, ...voice.joins].some(
    (phrase) => phrase.length > 8 && text.includes(phrase.trim())
  )
}

const say = (draw: () => number, point: Point, join: string): string => {
  const statement = (one(draw, statements) ?? "").replace("#", point.phrase).replace("@", point.about)
  return `${join}${join === "" ? statement : statement.charAt(0).toLowerCase() + statement.slice(1)}.`
}

/** The answer's text: a function of the seed, the member, the prompt and the request's digest, never of the attempt. */
export const write = (seed: Seed.Seed, persona: Persona, prompt: string, digest: string): string => {
  const voice = voices[persona.style]
  const draw = Seed.draws(seed, "answer", persona.name, digest)
  // A good member has bad days, and some prompts suit one member more than another.
  const level = Math.min(1, Math.max(0, persona.quality + 0.1 * normal(draw)))
  const points = pointsOf(prompt)
  const said: Array<Point> = []
  for (const point of points.right) if (draw() < 0.05 + 0.93 * level) said.push(point)
  for (const point of points.wrong)
    if (draw() < 0.6 * (1 - level)) said.splice(Math.floor(draw() * (said.length + 1)), 0, point)
  const lines = said.map((point) => {
    const line = say(draw, point, one(draw, voice.joins) ?? "")
    return draw() < voice.padding ? `${line} ${one(draw, padding)}.` : line
  })
  if (lines.length === 0) lines.push(`${one(draw, padding)}.`)
  return voice.layout(one(draw, voice.openers) ?? "", lines, one(draw, voice.closers) ?? "")
}
