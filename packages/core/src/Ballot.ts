/** One judge's order of one sheet: made by `make` only, so that whoever counts ballots never meets rubbish. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Sheet } from "./Blind.js"
import type { Label, PromptId } from "./Ids.js"
import { isNonEmpty, type NonEmpty } from "./NonEmpty.js"

/** What was said is no order of the sheet's labels. */
export class InvalidBallot extends Schema.TaggedError<InvalidBallot>()("InvalidBallot", {
  missing: Schema.Array(Schema.String),
  unknown: Schema.Array(Schema.String),
  repeated: Schema.Array(Schema.String),
  /** Anything else that was wrong, e.g. that there was no order at all. */
  detail: Schema.optionalKey(Schema.String)
}) {
  readonly isRetryable = false
  override get message(): string {
    const said = (word: string, labels: ReadonlyArray<string>) =>
      labels.length > 0 ? [`${word} ${labels.join(", ")}`] : []
    const parts = [
      ...(this.detail === undefined ? [] : [this.detail]),
      ...said("missing", this.missing),
      ...said("unknown", this.unknown),
      ...said("repeated", this.repeated)
    ]
    return `not a valid order: ${parts.join("; ")}`
  }
}

/** What a judge said, before it is checked. */
export interface Said {
  /** Best first; labels in one tier are tied. */
  readonly tiers: ReadonlyArray<ReadonlyArray<Label>>
  /** No verdict on these: neither better, worse nor tied. */
  readonly unranked?: ReadonlyArray<Label>
  /** Not good enough to be used at all: below every ranked one. */
  readonly unacceptable?: ReadonlyArray<Label>
  /** 0 to 1, as the judge states it. */
  readonly confidence?: number
  /** Why, by label, in the judge's words. */
  readonly reasons?: ReadonlyMap<Label, string>
  /** What the parser mended in the judge's words, one phrase each. */
  readonly mended?: ReadonlyArray<string>
}

export class Ballot {
  /** TypeScript is structural: without a private member an object literal would pass. */
  declare private readonly made: never
  readonly promptId: PromptId
  readonly tiers: ReadonlyArray<NonEmpty<Label>>
  readonly unranked: ReadonlyArray<Label>
  readonly unacceptable: ReadonlyArray<Label>
  readonly confidence: number | undefined
  readonly reasons: ReadonlyMap<Label, string>
  readonly mended: ReadonlyArray<string>

  private constructor(promptId: PromptId, tiers: ReadonlyArray<NonEmpty<Label>>, said: Said) {
    this.promptId = promptId
    this.tiers = tiers
    this.unranked = said.unranked ?? []
    this.unacceptable = said.unacceptable ?? []
    this.confidence = said.confidence
    this.reasons = said.reasons ?? new Map()
    this.mended = said.mended ?? []
  }

  /** Tiers, unranked and unacceptable together hold the sheet's labels, once each, and something is said of at least one. */
  static make(sheet: Sheet, said: Said): Result.Result<Ballot, InvalidBallot> {
    const known = new Set(sheet.options.map((option) => option.label))
    const seen = new Set<Label>()
    const unknown: Array<Label> = []
    const repeated: Array<Label> = []
    for (const label of [...said.tiers.flat(), ...(said.unranked ?? []), ...(said.unacceptable ?? [])]) {
      if (!known.has(label)) unknown.push(label)
      else if (seen.has(label)) repeated.push(label)
      else seen.add(label)
    }
    const missing = [...known].filter((label) => !seen.has(label))
    const tiers = said.tiers.filter(isNonEmpty)
    const silent = tiers.length === 0 && (said.unacceptable ?? []).length === 0
    const outside = said.confidence !== undefined && !(said.confidence >= 0 && said.confidence <= 1)
    if (missing.length + unknown.length + repeated.length > 0 || silent || outside) {
      const detail = silent ? "nothing is ranked" : outside ? `a confidence of ${said.confidence}` : undefined
      return Result.fail(new InvalidBallot({ missing, unknown, repeated, ...(detail !== undefined && { detail }) }))
    }
    return Result.succeed(new Ballot(sheet.promptId, tiers, said))
  }

  /** The same order on the sheet that this one was arranged from; labels that were not shown are unranked. */
  restore(sheet: Sheet, back: (shown: Label) => Label | undefined): Result.Result<Ballot, InvalidBallot> {
    const restored = (labels: ReadonlyArray<Label>) => labels.map((label) => back(label) ?? label)
    const tiers = this.tiers.map(restored)
    const unacceptable = restored(this.unacceptable)
    const heard = new Set([...tiers.flat(), ...unacceptable])
    return Ballot.make(sheet, {
      tiers,
      unacceptable,
      unranked: sheet.options.flatMap((option) => (heard.has(option.label) ? [] : [option.label])),
      reasons: new Map([...this.reasons].map(([label, why]) => [back(label) ?? label, why])),
      mended: this.mended,
      ...(this.confidence !== undefined && { confidence: this.confidence })
    })
  }
}
