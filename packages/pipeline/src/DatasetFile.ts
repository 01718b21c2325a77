/** The rows of a run's files, as plain data: fields in a fixed order, nothing that differs between two equal runs. */
import { scaleAll } from "@consortium/aggregation/Calibration"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Candidate, Check } from "@consortium/core/Candidates"
import * as Completion from "@consortium/core/Completion"
import type { Example, Rejected } from "@consortium/core/Example"
import type { CandidateId, Label } from "@consortium/core/Ids"
import type { Vote } from "@consortium/core/Judge"
import { type Prompt, textOf } from "@consortium/core/Prompt"
import type { Ranking, Verdict } from "@consortium/core/Ranking"
import type { Failure } from "@consortium/core/Call"
import type { Pick } from "@consortium/store/Rows"
import { ChatMessage, chatMessages } from "@consortium/formats/ChatFormat"

const Usd = Schema.NullOr(Schema.Finite)
const Ids = Schema.Array(Schema.String)
const Failed = Schema.Struct({ tag: Schema.String, reason: Schema.optionalKey(Schema.String) })

/** One answer, good or failed. */
export const CandidateRow = Schema.Struct({
  id: Schema.String,
  member: Schema.String,
  sample: Schema.Int,
  /** The model's name as its vendor returned it. */
  model: Schema.optionalKey(Schema.String),
  text: Schema.optionalKey(Schema.String),
  reasoning: Schema.optionalKey(Schema.String),
  finish: Schema.optionalKey(Completion.Finish),
  usage: Schema.optionalKey(Completion.Usage),
  /** US dollars by the tokens it took; null where no price is known. */
  usd: Usd,
  checks: Schema.optionalKey(Schema.Array(Check)),
  failure: Schema.optionalKey(Failed)
})
export type CandidateRow = typeof CandidateRow.Type

/** One judge's order in one pass, in candidates' ids; or that it gave none. Candidates of one text stand together. */
export const OrderRow = Schema.Struct({
  judge: Schema.String,
  pass: Schema.Int,
  /** Best first; ids of one group are tied. */
  order: Schema.optionalKey(Schema.Array(Ids)),
  unranked: Schema.optionalKey(Ids),
  unacceptable: Schema.optionalKey(Ids),
  confidence: Schema.optionalKey(Schema.Finite),
  reasons: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  mended: Schema.optionalKey(Schema.Array(Schema.String)),
  /** The candidates in the order in which the judge saw them. */
  shown: Ids,
  absent: Schema.optionalKey(Failed)
})
export type OrderRow = typeof OrderRow.Type

const Asked = {
  id: Schema.String,
  /** The text of its last message. */
  prompt: Schema.String,
  /** The whole conversation in OpenAI's chat format, where it is more than one user text. */
  messages: Schema.optionalKey(Schema.Array(ChatMessage)),
  carried: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
}
const Run = { seed: Schema.Int, version: Schema.String, simulated: Schema.Boolean }

/** A row of `dataset.jsonl`. */
export const DatasetRow = Schema.Struct({
  schema: Schema.Literal("consortium.dataset/1"),
  ...Asked,
  /** The chosen answer, without its reasoning. */
  completion: Schema.String,
  chosen: Schema.Struct({ candidate: Schema.String, member: Schema.String, model: Schema.String }),
  /** Weighted mean preference over the other answers, 0 to 1. */
  score: Schema.Finite,
  /** The chance of being the best under the aggregator's model; calibrated where the run had a temperature from labels. */
  pBest: Schema.Struct({ value: Schema.Finite, calibrated: Schema.Boolean }),
  /** Judges that put the chosen first, of those that gave an order. */
  agreement: Schema.Struct({ first: Schema.Int, of: Schema.Int }),
  /** False where there was only one distinct answer, which is not judged. */
  judged: Schema.Boolean,
  /** Best first; answers of one text stand together. */
  ranking: Schema.Array(
    Schema.Struct({ candidates: Ids, score: Schema.Finite, pBest: Schema.Finite, acceptable: Schema.Boolean })
  ),
  judges: Schema.Array(OrderRow),
  candidates: Schema.Array(CandidateRow),
  ...Run
})
export type DatasetRow = typeof DatasetRow.Type

/** A row of `rejected.jsonl`. */
export const RejectedRow = Schema.Struct({
  schema: Schema.Literal("consortium.rejected/1"),
  ...Asked,
  why: Schema.Literals(["no-candidate", "no-quorum", "unacceptable"]),
  judges: Schema.Array(OrderRow),
  candidates: Schema.Array(CandidateRow),
  ...Run
})
export type RejectedRow = typeof RejectedRow.Type

/** A row of `selection.jsonl`. */
export const SelectionRow = Schema.Struct({
  schema: Schema.Literal("consortium.selection/1"),
  rank: Schema.Int,
  id: Schema.String,
  /** To the average of the prompts before it; null for one that had none. */
  cosine: Schema.NullOr(Schema.Finite)
})
export type SelectionRow = typeof SelectionRow.Type

/** What all rows of a run share. */
export interface Context {
  readonly seed: number
  readonly version: string
  readonly simulated: boolean
  /** What `pBest` is divided by as log odds. @default it is no probability */
  readonly temperature?: number
  /** By tokens, not by receipt: a stored answer has a price too. */
  readonly usd: (candidate: Candidate) => number | null
}

/** In one order, however the vendor's answer or the store had it; what is unknown stays away. */
const usageRow = (usage: Completion.Usage): Completion.Usage => ({
  ...(usage.inputTokens !== undefined && { inputTokens: usage.inputTokens }),
  ...(usage.cacheReadTokens !== undefined && { cacheReadTokens: usage.cacheReadTokens }),
  ...(usage.cacheWriteTokens !== undefined && { cacheWriteTokens: usage.cacheWriteTokens }),
  ...(usage.outputTokens !== undefined && { outputTokens: usage.outputTokens }),
  ...(usage.reasoningTokens !== undefined && { reasoningTokens: usage.reasoningTokens }),
  ...(usage.usd !== undefined && { usd: usage.usd })
})

/** Only what two tries of one call have in common: a vendor's words may hold a request id. */
const failed = (failure: Failure) => ({
  tag: failure.tag,
  ...(failure.reason !== undefined && { reason: failure.reason })
})

const asked = (prompt: Prompt) => {
  const last = prompt.messages.at(-1) ?? prompt.messages[0]
  const plain = prompt.messages.length === 1 && last.role === "user" && last.parts.every((part) => part._tag === "Text")
  return {
    id: prompt.id,
    prompt: textOf(last),
    ...(!plain && { messages: prompt.messages.flatMap(chatMessages) }),
    ...(prompt.carried !== undefined && { carried: prompt.carried })
  }
}

const run = ({ seed, version, simulated }: Context) => ({ seed, version, simulated })

const checkRow = ({ by, passed, note }: Check): Check => ({ by, passed, ...(note !== undefined && { note }) })

const candidateRow = (candidate: Candidate, context: Context): CandidateRow => {
  const { id, member, sample, outcome, checks } = candidate
  if (Result.isFailure(outcome)) return { id, member, sample, usd: null, failure: failed(outcome.failure) }
  const { model, finish, usage } = outcome.success
  const reasoning = Completion.reasoning(outcome.success)
  return {
    id,
    member,
    sample,
    model,
    text: Completion.text(outcome.success),
    ...(reasoning !== "" && { reasoning }),
    finish: { kind: finish.kind, raw: finish.raw },
    usage: usageRow(usage),
    usd: context.usd(candidate),
    ...(checks.length > 0 && { checks: checks.map(checkRow) })
  }
}

type IdsOf = (label: Label) => ReadonlyArray<CandidateId>

const orderRow = (vote: Vote, idsOf: IdsOf): OrderRow => {
  const { judge, pass, outcome } = vote
  const ids = (labels: ReadonlyArray<Label>) => labels.flatMap(idsOf)
  const shown = ids(vote.order)
  if (Result.isFailure(outcome)) return { judge, pass, shown, absent: failed(outcome.failure) }
  const { tiers, unranked, unacceptable, confidence, reasons, mended } = outcome.success
  const why = [...reasons].map(([label, text]) => [idsOf(label)[0] ?? label, text] as const)
  return {
    judge,
    pass,
    order: tiers.map(ids),
    ...(unranked.length > 0 && { unranked: ids(unranked) }),
    ...(unacceptable.length > 0 && { unacceptable: ids(unacceptable) }),
    ...(confidence !== undefined && { confidence }),
    ...(why.length > 0 && { reasons: Object.fromEntries(why) }),
    ...(mended.length > 0 && { mended }),
    shown
  }
}

const idsBy = (verdict: Verdict): IdsOf => {
  const byLabel = new Map(verdict.places.map((place) => [place.label, place.candidates]))
  return (label) => byLabel.get(label) ?? []
}

/** Chances of being best at a temperature, where there is one and judges spoke. */
const chancesOf = <A extends { readonly pBest: number }>(
  places: NonEmpty<A>,
  temperature: number | undefined
): NonEmpty<A> => {
  if (temperature === undefined || places.length < 2) return places
  const scaled = scaleAll(
    places.map(({ pBest }) => pBest),
    { temperature }
  )
  return map(places, (place, at) => ({ ...place, pBest: scaled[at] ?? place.pBest }))
}

export const datasetRow = (example: Example, context: Context): DatasetRow => {
  const { prompt, chosen, verdict, candidates, ballots } = example
  const { temperature } = context
  const places = chancesOf(verdict.places, temperature)
  const [best] = places
  return {
    schema: "consortium.dataset/1",
    ...asked(prompt),
    completion: Completion.text(chosen.outcome.success),
    chosen: { candidate: chosen.id, member: chosen.member, model: chosen.outcome.success.model },
    score: best.score,
    pBest: { value: best.pBest, calibrated: temperature !== undefined && places.length > 1 },
    agreement: { first: verdict.agree, of: verdict.judges },
    judged: places.length > 1,
    ranking: places.map(({ candidates: ids, score, pBest, acceptable }) => ({
      candidates: ids,
      score,
      pBest,
      acceptable
    })),
    judges: ballots.votes.map((vote) => orderRow(vote, idsBy(verdict))),
    candidates: candidates.all.map((candidate) => candidateRow(candidate, context)),
    ...run(context)
  }
}

/** A row of the dataset, or of the rejected ones, as it is kept. */
export interface KeptRow {
  readonly kind: "example" | "rejected"
  readonly json: string
}

type Kept = Omit<
  DatasetRow,
  "schema" | "completion" | "chosen" | "score" | "pBest" | "agreement" | "judged" | "ranking"
>

const parseKept = (json: string): Kept & { readonly chosen?: DatasetRow["chosen"] } => JSON.parse(json)

/** Characters of each answer, by candidate. */
export const lengthsOf = (kept: KeptRow): ReadonlyMap<string, number> =>
  new Map(parseKept(kept.json).candidates.map(({ id, text }) => [id, text?.length ?? 0]))

/** The row again when its votes were counted again: another order of candidates, and maybe another fate. */
export const recounted = (
  kept: KeptRow,
  ranking: Ranking,
  idsOf: (label: Label) => ReadonlyArray<string>,
  temperature?: number
): { readonly row: KeptRow; readonly isOther: boolean } => {
  const before = parseKept(kept.json)
  const { candidates, carried, id, judges, messages, prompt, seed, simulated, version } = before
  const asked = { id, prompt, ...(messages !== undefined && { messages }), ...(carried !== undefined && { carried }) }
  const places = chancesOf(ranking.places, temperature)
  const [best] = places
  const chosen = candidates.find((candidate) => candidate.id === idsOf(best.label)[0])
  const isOther = before.chosen?.candidate !== (best.acceptable ? chosen?.id : undefined)
  if (chosen === undefined) throw new Error(`${id}: the best candidate is not in its row`)
  const row: DatasetRow | RejectedRow = best.acceptable
    ? {
        schema: "consortium.dataset/1",
        ...asked,
        completion: chosen.text ?? "",
        chosen: { candidate: chosen.id, member: chosen.member, model: chosen.model ?? "" },
        score: best.score,
        pBest: { value: best.pBest, calibrated: temperature !== undefined && places.length > 1 },
        agreement: { first: ranking.agree, of: ranking.judges },
        judged: places.length > 1,
        ranking: places.map(({ acceptable, label, pBest, score }) => ({
          candidates: idsOf(label),
          score,
          pBest,
          acceptable
        })),
        judges,
        candidates,
        seed,
        version,
        simulated
      }
    : { schema: "consortium.rejected/1", ...asked, why: "unacceptable", judges, candidates, seed, version, simulated }
  return { row: { kind: best.acceptable ? "example" : "rejected", json: JSON.stringify(row) }, isOther }
}

/** @param idsOf the candidates behind a label, where a sheet was judged */
export const rejectedRow = (rejected: Rejected, context: Context, idsOf: IdsOf): RejectedRow => ({
  schema: "consortium.rejected/1",
  ...asked(rejected.prompt),
  why: rejected.why,
  judges: (rejected.ballots?.votes ?? []).map((vote) => orderRow(vote, idsOf)),
  candidates: rejected.candidates.map((candidate) => candidateRow(candidate, context)),
  ...run(context)
})

export const selectionRow = (pick: Pick): SelectionRow => ({
  schema: "consortium.selection/1",
  rank: pick.rank,
  id: pick.id,
  cosine: pick.cosine
})
