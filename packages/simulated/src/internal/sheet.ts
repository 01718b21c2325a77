/** Reads a judge's prompt by its fences, and writes a verdict on it. It sees the candidates' texts and nothing else of them. */
import * as Seed from "@consortium/core/Seed"
import type { Persona } from "../Persona.js"
import { qualityOf } from "../Quality.js"
import { soundsLike } from "./answer.js"
import { normal, one } from "./chance.js"
import { critiques, rubbish } from "./wordBank.js"

interface Shown {
  readonly id: string
  readonly text: string
}

/** What a judge is shown: the task and the candidates, in order. */
export interface ShownSheet {
  readonly task: string
  readonly candidates: ReadonlyArray<Shown>
}

/** Answers are about what was asked, which is not the system's message. */
const asked = (task: string): string => task.replace(/^\[system\]\n[\s\S]*?\n\n(?=\[(?:user|assistant|tool)\]\n)/, "")

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** The sheet that a message shows between its fence lines; nothing where it shows none. */
export const readSheet = (message: string): ShownSheet | undefined => {
  if (!message.includes('<candidate id="')) return undefined
  const task = /^<task fence="([^"\n]+)">\n([\s\S]*?)\n?^<\/task fence="\1">$/m.exec(message)
  if (task?.[1] === undefined) return undefined
  const fence = escaped(task[1])
  const candidate = new RegExp(
    `^<candidate id="([^"\\n]+)" fence="${fence}">\\n([\\s\\S]*?)\\n?^</candidate id="\\1" fence="${fence}">$`,
    "gm"
  )
  const candidates = [...message.matchAll(candidate)].map((found) => ({ id: found[1] ?? "", text: found[2] ?? "" }))
  return candidates.length === 0 ? undefined : { task: asked(task[2] ?? ""), candidates }
}

/** What a text says that is addressed to its judge. */
const commands = /\b(?:rank|rate|choose|prefer|pick) (?:this|me|it)\b|\bignore (?:all|the|any|previous|other)\b/i

interface Estimate extends Shown {
  readonly value: number
}

/** -1 for the shortest to 1 for the longest, by rank. */
const lengthRanks = (candidates: ReadonlyArray<Shown>): ReadonlyMap<Shown, number> => {
  const sorted = [...candidates].sort((a, b) => a.text.length - b.text.length)
  return new Map(sorted.map((shown, rank) => [shown, spread(rank, sorted.length)]))
}
const spread = (rank: number, of: number): number => (of < 2 ? 0 : (2 * rank) / (of - 1) - 1)

const estimates = (seed: Seed.Seed, persona: Persona, sheet: ShownSheet, digest: string): ReadonlyArray<Estimate> => {
  const { judging } = persona
  const ranks = lengthRanks(sheet.candidates)
  return sheet.candidates.map((shown, place) => {
    // Taste is about the text, so that it stays when the order changes; noise is about this very verdict.
    const taste = Seed.draws(seed, "taste", persona.name, shown.text)()
    const noise = normal(Seed.draws(seed, "noise", persona.name, digest, shown.id))
    const value =
      judging.reads * qualityOf(sheet.task, shown.text) +
      (1 - judging.reads) * taste +
      judging.noise * noise -
      judging.positionBias * spread(place, sheet.candidates.length) +
      judging.lengthBias * (ranks.get(shown) ?? 0) +
      (judging.selfPreference > 0 && soundsLike(persona.style, shown.text) ? judging.selfPreference : 0) +
      (judging.gullible > 0 && commands.test(shown.text) ? judging.gullible : 0)
    return { ...shown, value }
  })
}

/** Estimates that are closer than this are tied; those under the floor are no answers. */
const closeness = 0.015
const floor = 0.06

const tiersOf = (sorted: ReadonlyArray<Estimate>): ReadonlyArray<ReadonlyArray<string>> => {
  const tiers: Array<Array<string>> = []
  let last: number | undefined
  for (const { id, value } of sorted) {
    if (last !== undefined && last - value < closeness) tiers[tiers.length - 1]?.push(id)
    else tiers.push([id])
    last = value
  }
  return tiers
}

const critiqueOf = (value: number): string => critiques[Math.min(4, Math.max(0, Math.floor((1 - value) * 5)))] ?? ""

/** Of one candidate alone: a whole number from 1 to 10. */
const rating = (value: number) => ({
  critique: critiqueOf(value),
  score: Math.round(1 + 9 * Math.min(1, Math.max(0, value))),
  acceptable: value >= floor
})

/** A judge's answer to a sheet: JSON, as its prompt asks for; words around it where the persona is chatty and no schema binds it. */
export const verdict = (
  seed: Seed.Seed,
  persona: Persona,
  sheet: ShownSheet,
  digest: string,
  bound: boolean
): string => {
  const draw = Seed.draws(seed, "verdict", persona.name, digest)
  if (draw() < persona.judging.rubbishRate) return one(draw, rubbish) ?? ""
  const all = estimates(seed, persona, sheet, digest)
  const sorted = [...all].sort((a, b) => b.value - a.value)
  const best = sorted[0]?.value ?? 0
  const ranked = sorted.filter((estimate) => estimate.value >= Math.min(floor, best))
  const gap = best - (sorted[1]?.value ?? 0)
  const criteria = ["covers what the task calls for", "says nothing wrong"]
  const [alone] = all
  if (all.length === 1 && alone !== undefined)
    return JSON.stringify({ criteria, reference: "", ...rating(alone.value) })
  const json = JSON.stringify({
    criteria,
    reference: "",
    critiques: all.map(({ id, value }) => ({ id, text: critiqueOf(value) })),
    ranking: tiersOf(ranked),
    unacceptable: sorted.slice(ranked.length).map((estimate) => estimate.id),
    confidence: Math.round(100 * Math.min(0.99, 0.5 + 1.5 * gap)) / 100
  })
  return persona.judging.chatty && !bound
    ? `I compared the candidates one by one.\n\n\`\`\`json\n${json}\n\`\`\`\n\nThat is how I see it.`
    : json
}
