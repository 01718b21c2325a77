/** How often simple cues name the author of an answer, as it was written and as judges see it; recorded answers. */
import { fromText } from "@consortium/core/Prompt"
import { surfaceFor } from "@consortium/judge-strategies/Surface"
import { expect, it } from "vitest"
import { sharedFile } from "./internal/places.js"
import { read } from "./internal/recording.js"
import { print } from "./internal/table.js"

const file = sharedFile("data/judging/prd_vicuna80.dev.jsonl.gz")

/** What a glance tells of an answer, a word each. */
const cues: Readonly<Record<string, (text: string) => string>> = {
  "leading blank": (text) => String(/^\s/.test(text)),
  "trailing blank": (text) => String(/\s$/.test(text)),
  bold: (text) => String(/\*\*|__/.test(text)),
  "bullet sign": (text) => /^\s*([*•-])\s/m.exec(text)?.[1] ?? "",
  numbering: (text) => /^\s*\d+([.)])\s/m.exec(text)?.[1] ?? "",
  headings: (text) => String(/^#{1,6}\s/m.test(text)),
  opener: (text) =>
    /^\s*(as an ai|sure|certainly|here (?:is|are)|i['’]m|of course|there are)\b/i.exec(text)?.[1]?.toLowerCase() ?? "",
  "names itself": (text) =>
    String(/\b(?:as an? (?:ai|language model)|openai|google|anthropic|bard|claude|vicuna)\b/i.test(text)),
  "sign-off": (text) => String(/\b(?:i hope this helps|let me know|feel free)\b/i.test(text.slice(-200))),
  "blank lines": (text) => String(Math.min(3, text.split(/\n\s*\n/).length >> 2)),
  length: (text) => String(Math.round(Math.log2(1 + text.length)))
}

interface Seen {
  readonly group: string
  readonly author: string
  readonly words: ReadonlyArray<string>
}

const wordsOf = (text: string): ReadonlyArray<string> => Object.entries(cues).map(([name, of]) => `${name} ${of(text)}`)

/** Naive Bayes with one more of each count, learnt from all other prompts. */
const named = (all: ReadonlyArray<Seen>): number => {
  const authors = [...new Set(all.map(({ author }) => author))]
  let right = 0
  for (const one of all) {
    const others = all.filter(({ group }) => group !== one.group)
    const score = (author: string) => {
      const own = others.filter((other) => other.author === author)
      return one.words.reduce(
        (sum, word, at) =>
          sum + Math.log((own.filter(({ words }) => words[at] === word).length + 1) / (own.length + 4)),
        Math.log(own.length)
      )
    }
    const guess = authors.reduce((best, author) => (score(author) > score(best) ? author : best))
    if (guess === one.author) right++
  }
  return right / all.length
}

it.skipIf(file === undefined)("simple cues name fewer authors when judges see an answer than as it was written", () => {
  const items = read(file ?? "")
  const seen = (as: (item: (typeof items)[number], text: string) => string) =>
    items.flatMap((item) =>
      item.candidates.map(({ id, text }): Seen => ({ group: item.id, author: id, words: wordsOf(as(item, text)) }))
    )
  const before = named(seen((_, text) => text))
  const after = named(seen((item, text) => surfaceFor(fromText(item.id, item.prompt))(text)))
  const length = named(
    items.flatMap((item) =>
      item.candidates.map(({ id, text }) => ({
        group: item.id,
        author: id,
        words: [String(Math.round(Math.log2(1 + text.length)))]
      }))
    )
  )
  const chance = 1 / (items[0]?.candidates.length ?? 1)
  print(
    `authors named by ${Object.keys(cues).length} cues, ${items.length} prompts`,
    ["", "share"],
    [
      ["as they were written", before],
      ["as judges see them", after],
      ["by length alone, which judges see", length],
      ["chance", chance]
    ]
  )
  expect(after).toBeLessThan(before - 0.1)
})
