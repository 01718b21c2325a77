/** How good an answer really is, computed from its text alone: what a simulated judge tries to see, and what proofs compare with. */
import * as Seed from "@consortium/core/Seed"
import { kinds, things } from "./internal/wordBank.js"

/** Something that an answer can say about a word of the prompt. */
export interface Point {
  /** What it is called, e.g. `narrow margin`: the two words that are looked for in a text. */
  readonly phrase: string
  /** The word of the prompt that it is about. */
  readonly about: string
}

/** What there is to say about a prompt, and what is said of it in error. */
export interface Points {
  readonly right: ReadonlyArray<Point>
  readonly wrong: ReadonlyArray<Point>
}

const counts = { right: 12, wrong: 8 }
/** What all wrong statements together take from an answer. */
const wrongWeight = 0.5

const world = Seed.Seed.make(0)
/** Words that prompts wear rather than mean; role names may be put around a task by whoever shows it to a judge. */
const worn = new Set([
  "user",
  "assistant",
  "system",
  "tool",
  "this",
  "that",
  "with",
  "from",
  "what",
  "which",
  "your",
  "have",
  "will",
  "would",
  "there",
  "their",
  "about",
  "please"
])

/**
 * The prompt's words that points are about: those with the lowest hashes, so that a role name or a cut end changes few
 * of them.
 */
const topics = (prompt: string): ReadonlyArray<string> => {
  const all = new Set(prompt.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
  const long = [...all].filter((word) => word.length >= 4 && !worn.has(word))
  const words = long.length > 0 ? long : [...all]
  if (words.length === 0) return ["this"]
  return words
    .map((word) => ({ word, hash: Seed.hash(world, "topic", word) }))
    .sort((a, b) => a.hash - b.hash)
    .slice(0, counts.right)
    .map((one) => one.word)
}

const remembered = new Map<string, Points>()
const rememberedAtMost = 512

const compute = (prompt: string): Points => {
  const words = topics(prompt)
  const taken = new Set<string>()
  const draw = (kind: "right" | "wrong", count: number): ReadonlyArray<Point> => {
    const points: Array<Point> = []
    for (let i = 0; points.length < count; i++) {
      const about = words[i % words.length] ?? "this"
      const hash = Seed.hash(world, kind, about, Math.floor(i / words.length))
      const phrase = `${kinds[hash % kinds.length]} ${things[(hash >>> 12) % things.length]}`
      if (taken.has(phrase)) continue
      taken.add(phrase)
      points.push({ phrase, about })
    }
    return points
  }
  return { right: draw("right", counts.right), wrong: draw("wrong", counts.wrong) }
}

/** What there is to say about a prompt: 12 right points and 8 wrong ones, always the same for the same words. */
export const pointsOf = (prompt: string): Points => {
  const known = remembered.get(prompt)
  if (known !== undefined) return known
  const points = compute(prompt)
  if (remembered.size >= rememberedAtMost) remembered.clear()
  remembered.set(prompt, points)
  return points
}

/** How good a text is as an answer to a prompt, 0 to 1: the share of right points that it makes, less half the share of wrong ones. */
export const qualityOf = (prompt: string, text: string): number => {
  const points = pointsOf(prompt)
  const plain = text.toLowerCase().replace(/\s+/g, " ")
  const made = (some: ReadonlyArray<Point>) => {
    let count = 0
    for (const point of some) if (plain.includes(point.phrase)) count++
    return count / some.length
  }
  return Math.max(0, made(points.right) - wrongWeight * made(points.wrong))
}
