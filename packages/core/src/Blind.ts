/** The only place that knows both who wrote a candidate and what judges may see. */
import type { Candidates, Eligible } from "./Candidates.js"
import * as Completion from "./Completion.js"
import { type CandidateId, Label, type PromptId } from "./Ids.js"
import { isNonEmpty, map, type NonEmpty } from "./NonEmpty.js"
import type { Message } from "./Prompt.js"
import { type Seed, shuffle } from "./Seed.js"

/** A candidate as a judge sees it. */
export interface Option {
  readonly label: Label
  readonly text: string
}

/** All that a judge ever gets. There is no field in which a model's name could stand. */
export interface Sheet {
  readonly promptId: PromptId
  readonly task: NonEmpty<Message>
  readonly options: NonEmpty<Option>
}

/** Label → the candidates that wrote this text. Its map is a real private field: not printable, not spreadable. */
export class Key {
  readonly #candidates: ReadonlyMap<Label, NonEmpty<CandidateId>>

  constructor(candidates: ReadonlyMap<Label, NonEmpty<CandidateId>>) {
    this.#candidates = candidates
  }

  /** The candidates behind a label: several where they wrote the same text. A label of another sheet is a defect. */
  static open(key: Key, label: Label): NonEmpty<CandidateId> {
    const ids = key.#candidates.get(label)
    if (ids === undefined) throw new Error(`label ${label} is not of this key`)
    return ids
  }

  /** The label that stands for a candidate, or nothing where it was not shown. */
  static labelOf(key: Key, candidate: CandidateId): Label | undefined {
    for (const [label, ids] of key.#candidates) if (ids.includes(candidate)) return label
    return undefined
  }
}

/**
 * Stage 4: takes the names off. Total, because `Candidates` has something to judge. Candidates whose text is the same
 * after `normalise` are shown once. @param normalise the surface for judges only @default trims
 */
export const seal = (
  candidates: Candidates,
  seed: Seed,
  normalise: (text: string) => string = (text) => text.trim()
): readonly [Sheet, Key] => {
  const byText = new Map<string, [Eligible, ...Array<Eligible>]>()
  for (const candidate of shuffle(candidates.eligible, seed, "seal", candidates.prompt.id)) {
    const text = normalise(Completion.said(candidate.outcome.success))
    const twins = byText.get(text)
    if (twins === undefined) byText.set(text, [candidate])
    else twins.push(candidate)
  }
  const groups = [...byText]
  if (!isNonEmpty(groups)) throw new Error("candidates without an eligible one")
  // Among twins the one that was asked first comes first, whatever the order on the sheet.
  const place = new Map(candidates.all.map((candidate, index) => [candidate.id, index]))
  const ids = (twins: NonEmpty<Eligible>): NonEmpty<CandidateId> => {
    const sorted = [...twins].sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0)).map((twin) => twin.id)
    return isNonEmpty(sorted) ? sorted : [twins[0].id]
  }
  const sealed = map(groups, ([text, twins], index) => ({ label: Label.make(`R${index + 1}`), text, ids: ids(twins) }))
  const sheet: Sheet = {
    promptId: candidates.prompt.id,
    task: candidates.prompt.messages,
    options: map(sealed, ({ label, text }) => ({ label, text }))
  }
  return [sheet, new Key(new Map(sealed.map((option) => [option.label, option.ids])))]
}

/** One judge's view of a sheet, and the way back from its letters. */
export interface Arranged {
  readonly sheet: Sheet
  /** The sheet's own label for a letter that the judge was shown. */
  readonly restore: (shown: Label) => Label | undefined
  /** The sheet's own labels in the order in which this judge sees them. */
  readonly order: NonEmpty<Label>
}

export interface Seat {
  /** Which judge, from 0, of how many. */
  readonly judge: number
  readonly judges: number
  /** From 0; odd passes show the reverse of the pass before. */
  readonly pass: number
  /** Shows these labels only, for groups and play-offs. @default all */
  readonly only?: ReadonlyArray<Label>
}

const letter = (index: number): string =>
  index < 26 ? String.fromCharCode(65 + index) : `${letter(Math.floor(index / 26) - 1)}${letter(index % 26)}`

/**
 * The sheet in the order and with the letters of one judge and pass: judge `j` of `k` sees a rotation by `⌊j·n/k⌋` of
 * one seeded permutation, so that over the judges each candidate stands at different places; odd passes are reversed.
 */
export const arrange = (sheet: Sheet, seed: Seed, seat: Seat): Arranged => {
  const shown =
    seat.only === undefined ? sheet.options : sheet.options.filter((option) => seat.only?.includes(option.label))
  if (!isNonEmpty(shown)) throw new Error(`no option of ${sheet.promptId} to show`)
  const base = shuffle(shown, seed, "arrange", sheet.promptId, seat.pass >> 1)
  const by = Math.floor((seat.judge * base.length) / seat.judges) % base.length
  const turned = [...base.slice(by), ...base.slice(0, by)]
  if (seat.pass % 2 === 1) turned.reverse()
  if (!isNonEmpty(turned)) throw new Error("a rotation lost its options")
  const options = map(turned, (option, index) => ({ label: Label.make(letter(index)), text: option.text }))
  const back = new Map(options.map((option, index) => [option.label, (turned[index] as Option).label]))
  return {
    sheet: { promptId: sheet.promptId, task: sheet.task, options },
    restore: (label) => back.get(label),
    order: map(turned, (option) => option.label)
  }
}
