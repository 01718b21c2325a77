/** Takes secrets and personal data out of texts before anybody else sees them. Finds forms, not meanings: names and addresses of people stay. */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { map } from "@consortium/core/NonEmpty"
import type { Message, Prompt, TextPart } from "@consortium/core/Prompt"
import { keyFormats } from "./internal/keyFormats.js"
import { personalIn, type Span } from "./internal/personal.js"
import { loadPhones } from "./internal/phones.js"
import { loadSecrets } from "./internal/secrets.js"

export interface Options {
  /** ISO 3166 code of the country whose phone numbers stand without a code. @default none: only numbers with + are found */
  readonly country?: string
  /** Kinds that stay, "ipv4" for instance. @default none */
  readonly keep?: ReadonlyArray<string>
}

/** What was replaced: never the value, which stands in the input at this place. */
export interface Replaced {
  readonly kind: string
  /** Units of UTF-16, from 0. */
  readonly start: number
  readonly length: number
}

export interface Scrubbed {
  /** With `[kind-1]` where something was; the same value of one text has the same number. */
  readonly text: string
  readonly replaced: ReadonlyArray<Replaced>
}

export interface Scrubber {
  readonly text: (text: string) => Promise<Scrubbed>
  /** All texts of a prompt and of its carried fields, and what was replaced in them, field by field. */
  readonly prompt: (
    prompt: Prompt
  ) => Promise<{ readonly prompt: Prompt; readonly replaced: ReadonlyArray<Replaced & { readonly field: string }> }>
}

const keysIn = (text: string): ReadonlyArray<Span> =>
  keyFormats.flatMap(({ kind, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({ kind, start: match.index, end: match.index + match[0].length }))
  )

/** One after another: of those that overlap the one that begins first, and of these the longest. */
const apart = (spans: ReadonlyArray<Span>): ReadonlyArray<Span> => {
  const kept: Array<Span> = []
  let end = 0
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (span.start < end || span.end <= span.start) continue
    kept.push(span)
    end = span.end
  }
  return kept
}

const replace = (text: string, spans: ReadonlyArray<Span>, names: Map<string, string>): Scrubbed => {
  let out = ""
  let from = 0
  for (const { end, kind, start } of spans) {
    const value = `${kind}:${text.slice(start, end)}`
    const name = names.get(value) ?? `[${kind}-${names.size + 1}]`
    names.set(value, name)
    out += `${text.slice(from, start)}${name}`
    from = end
  }
  return {
    text: out + text.slice(from),
    replaced: spans.map(({ end, kind, start }) => ({ kind, start, length: end - start }))
  }
}

type Part = Message["parts"][number]

const textIn = (part: Part): string =>
  part._tag === "ToolCall" ? part.arguments : part._tag === "Image" ? "" : part.text

/** The message with other texts in its parts. */
const rewritten = (said: Message, of: (part: Part) => string): Message => {
  const text = (part: TextPart): TextPart => ({ ...part, text: of(part) })
  switch (said.role) {
    case "system":
      return { ...said, parts: map(said.parts, text) }
    case "user":
      return { ...said, parts: map(said.parts, (part) => (part._tag === "Text" ? text(part) : part)) }
    case "assistant":
      return {
        ...said,
        parts: map(said.parts, (part) =>
          part._tag === "ToolCall" ? { ...part, arguments: of(part) } : { ...part, text: of(part) }
        )
      }
    case "tool":
      return { ...said, parts: map(said.parts, (part) => ({ ...part, text: of(part) })) }
  }
}

/** Loads the detectors, once; they keep nothing of what they see. */
export const make = (options: Options = {}): Effect.Effect<Scrubber> =>
  Effect.promise(async () => {
    const [secretsIn, phonesIn] = await Promise.all([loadSecrets(), loadPhones(options.country)])
    const keep = new Set(options.keep)
    const find = async (text: string): Promise<ReadonlyArray<Span>> => {
      if (text === "") return []
      const all = [...(await secretsIn(text)), ...keysIn(text), ...personalIn(text), ...phonesIn(text)]
      return apart(all.filter(({ kind }) => !keep.has(kind)))
    }
    const one = async (text: string, names: Map<string, string>): Promise<Scrubbed> =>
      replace(text, await find(text), names)

    return { text: (text) => one(text, new Map()), prompt: (prompt) => scrubPrompt(prompt, one) }
  })

/** Rewrites every text of a JSON value. */
const within = async (value: Schema.Json, mend: (text: string) => Promise<string>): Promise<Schema.Json> => {
  if (typeof value === "string") return mend(value)
  if (typeof value !== "object" || value === null) return value
  if (isList(value)) {
    const items: Array<Schema.Json> = []
    for (const item of value) items.push(await within(item, mend))
    return items
  }
  const fields: Array<readonly [string, Schema.Json]> = []
  for (const [name, field] of Object.entries(value)) fields.push([name, await within(field, mend)])
  return Object.fromEntries(fields)
}

const isList = (value: object): value is ReadonlyArray<Schema.Json> => Array.isArray(value)

const scrubPrompt = async (
  prompt: Prompt,
  one: (text: string, names: Map<string, string>) => Promise<Scrubbed>
): ReturnType<Scrubber["prompt"]> => {
  const names = new Map<string, string>()
  const replaced: Array<Replaced & { readonly field: string }> = []
  const mend = (field: string) => async (text: string) => {
    const scrubbed = await one(text, names)
    for (const what of scrubbed.replaced) replaced.push({ field, ...what })
    return scrubbed.text
  }
  const texts = new Map<Part, string>()
  for (const [at, said] of prompt.messages.entries()) {
    for (const part of said.parts) texts.set(part, await mend(`messages[${at}]`)(textIn(part)))
  }
  const carried: Array<readonly [string, Schema.Json]> = []
  for (const [name, value] of Object.entries(prompt.carried ?? {}))
    carried.push([name, await within(value, mend(name))])
  if (replaced.length === 0) return { prompt, replaced }
  const messages = map(prompt.messages, (said) => rewritten(said, (part) => texts.get(part) ?? ""))
  const rest = prompt.carried === undefined ? {} : { carried: Object.fromEntries(carried) }
  return { prompt: { ...prompt, messages, ...rest }, replaced }
}
