/** What of an input is kept: one source of prompts made of another, with every row that is left out and why. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Message, type Prompt, textOf } from "@consortium/core/Prompt"
import { type PromptSource, SourceError, type SourceRow } from "@consortium/core/PromptSource"
import * as HeldOut from "./HeldOut.js"
import { type Detected, detector } from "./Language.js"
import * as MinHash from "./MinHash.js"
import * as Scrub from "./Scrub.js"
import { normalised } from "./Shingles.js"

export interface Options {
  /**
   * Which repetitions are dropped besides prompts that are the same but for white space: those of one text when case
   * and punctuation are no matter, or those nearly alike too. @default none
   */
  readonly dedupe?: "normalised" | "near"
  /** The least Jaccard index of nearly alike prompts. @default 0.8 */
  readonly alike?: number
  /** Inputs that must not be learnt from. @default none */
  readonly heldOut?: ReadonlyArray<PromptSource["Service"]>
  /** Words of a piece, and which share of a held-out text's pieces makes a leak. @default 8 words, 0.5 */
  readonly leak?: HeldOut.Options
  /** Whether a leak is left out, or noted in the ledger. @default "drop" */
  readonly onLeak?: "drop" | "report"
  /** Takes secrets and personal data out; `true` stands for no options. @default false */
  readonly scrub?: boolean | Scrub.Options
  /** Of all texts of a prompt, in characters. @default none */
  readonly minLength?: number
  readonly maxLength?: number
  /** ISO 639-1 codes of the languages that are kept; a prompt too short to be sure of is kept. @default all */
  readonly languages?: ReadonlyArray<string>
}

type Of = Extract<SourceRow, { readonly _tag: "Prompt" }>
type Why = Extract<SourceRow, { readonly _tag: "Dropped" }>["why"]

const dropped = (row: Of, why: Why, detail: string, of?: string): SourceRow => ({
  _tag: "Dropped",
  number: row.number,
  prompt: row.prompt,
  why,
  ...(of !== undefined && { of }),
  detail
})

const withNote = (row: Of, note: string): Of => ({
  ...row,
  note: row.note === undefined ? note : `${row.note}; ${note}`
})

/** A row that goes on, or one that is left out. */
type Step = (row: Of) => SourceRow

const partOf = (part: Message["parts"][number]): string => {
  switch (part._tag) {
    case "Text":
    case "Reasoning":
    case "ToolResult":
      return part.text
    case "ToolCall":
      return `${part.name} ${part.arguments}`
    case "Image":
      return part.source._tag === "Url" ? part.source.url : part.source.data
  }
}

/** All that is said to a model, with who says it: two prompts of one question and two systems are two. */
const askedOf = ({ messages }: Prompt): string =>
  messages.map((said) => `${said.role === "user" ? "" : said.role} ${said.parts.map(partOf).join(" ")}`).join("\n")

/** What is written in a prompt. */
const textsOf = ({ messages }: Prompt): string => messages.map(textOf).join("\n")

const byLength =
  ({ maxLength = Infinity, minLength = 0 }: Options): Step =>
  (row) => {
    const { length } = textsOf(row.prompt)
    return length < minLength || length > maxLength ? dropped(row, "length", `${length} characters`) : row
  }

const byLanguage =
  (languages: ReadonlySet<string>, detect: (text: string) => Detected): Step =>
  (row) => {
    const { language, reliable } = detect(textsOf(row.prompt))
    return reliable && !languages.has(language) ? dropped(row, "language", language) : row
  }

const byLeak =
  (held: HeldOut.HeldOut, onLeak: "drop" | "report"): Step =>
  (row) => {
    const leak = held.check(textsOf(row.prompt))
    if (leak === undefined) return row
    const detail = leak.how === "exact" ? "exact" : `${Math.round(leak.share * 100)}% of its pieces`
    return onLeak === "drop"
      ? dropped(row, "leak", detail, leak.where)
      : withNote(row, `leak of ${leak.where}, ${detail}`)
  }

const byRepetition = ({ alike, dedupe }: Options): Step => {
  const ids: Array<string> = []
  const same = new Map<string, string>()
  const near = dedupe === "near" ? MinHash.make(alike === undefined ? {} : { threshold: alike }) : undefined
  return (row) => {
    const asked = askedOf(row.prompt)
    const said = normalised(asked)
    // A text of nothing but signs is normalised to nothing, and says something all the same.
    const key = said === "" ? asked : said
    const first = same.get(key)
    if (first !== undefined) return dropped(row, "duplicate", "normalised", first)
    const found = said === "" ? undefined : near?.add(asked)
    const of = found === undefined ? undefined : ids[found.row]
    // What repeats this row again repeats the one that is kept.
    same.set(key, of ?? row.prompt.id)
    if (found !== undefined) return dropped(row, "duplicate", `${found.similarity.toFixed(2)} alike`, of)
    if (said !== "") ids.push(row.prompt.id)
    return row
  }
}

/** `email 12+19 in messages[0]`: kind, place and length. */
const scrubNote = (replaced: Awaited<ReturnType<Scrub.Scrubber["prompt"]>>["replaced"]): string =>
  `scrubbed ${replaced.map(({ field, kind, length, start }) => `${kind} ${start}+${length} in ${field}`).join(", ")}`

const holding = Effect.fnUntraced(function* (
  sources: ReadonlyArray<PromptSource["Service"]>,
  options?: HeldOut.Options
) {
  const held = HeldOut.make(options)
  for (const source of sources) {
    yield* Stream.runForEach(source.stream, (row) => {
      if (row._tag === "Invalid") return Effect.fail(row.error)
      return Effect.sync(() => held.hold({ where: `${source.name}:${row.number}`, text: textsOf(row.prompt) }))
    })
  }
  return held
})

/** All steps in order: what costs least comes first, and what is left out is never looked at again. */
const stepsOf = Effect.fnUntraced(function* (options: Options) {
  const before: Array<Step> = []
  const { heldOut = [], languages, onLeak = "drop", scrub = false } = options
  if (options.minLength !== undefined || options.maxLength !== undefined) before.push(byLength(options))
  if (languages !== undefined) before.push(byLanguage(new Set(languages), yield* detector))
  if (heldOut.length > 0) before.push(byLeak(yield* holding(heldOut, options.leak), onLeak))
  const after: Array<Step> = options.dedupe === undefined ? [] : [byRepetition(options)]
  const scrubber = scrub === false ? undefined : yield* Scrub.make(scrub === true ? {} : scrub)
  return { before, scrubber, after }
})

const through = (row: SourceRow, steps: ReadonlyArray<Step>): SourceRow => {
  let at = row
  for (const step of steps) {
    if (at._tag !== "Prompt") return at
    at = step(at)
  }
  return at
}

/** Curates a stream of rows. */
export const stream = (
  rows: Stream.Stream<SourceRow, SourceError>,
  options: Options
): Stream.Stream<SourceRow, SourceError> =>
  Stream.unwrap(
    Effect.map(stepsOf(options), ({ after, before, scrubber }) => {
      const first = Stream.map(rows, (row) => through(row, before))
      const scrubbed =
        scrubber === undefined
          ? first
          : Stream.mapEffect(first, (row) =>
              row._tag !== "Prompt"
                ? Effect.succeed(row)
                : Effect.map(
                    Effect.promise(() => scrubber.prompt(row.prompt)),
                    ({ prompt, replaced }): SourceRow =>
                      replaced.length === 0 ? row : withNote({ ...row, prompt }, scrubNote(replaced))
                  )
            )
      return Stream.map(scrubbed, (row) => through(row, after))
    })
  )

/** A source of what is kept; nothing is done before it is read. */
export const source = (of: PromptSource["Service"], options: Options): PromptSource["Service"] => ({
  name: of.name,
  stream: stream(of.stream, options),
  // What is held out may change while the input stays.
  ...(of.stamp !== undefined && (options.heldOut ?? []).length === 0 && { stamp: of.stamp })
})

/** The same for programs that do not write Effect; throws the `SourceError` of an input that can't be read. */
export const rows = (of: AsyncIterable<SourceRow>, options: Options): AsyncIterable<SourceRow> =>
  Stream.toAsyncIterable(
    stream(
      Stream.fromAsyncIterable(of, (cause) =>
        cause instanceof SourceError ? cause : new SourceError({ file: "rows", reason: String(cause) })
      ),
      options
    )
  )
