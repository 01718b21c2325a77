import { Ballot } from "@consortium/core/Ballot"
import { seal } from "@consortium/core/Blind"
import { Failure } from "@consortium/core/Call"
import { type Candidate, Candidates } from "@consortium/core/Candidates"
import type { Completion } from "@consortium/core/Completion"
import { type Example, example } from "@consortium/core/Example"
import { candidateId, JudgeId, type Label, MemberId } from "@consortium/core/Ids"
import type { Ballots, Vote } from "@consortium/core/Judge"
import { isNonEmpty, map, type NonEmpty } from "@consortium/core/NonEmpty"
import { fromText, message, type Prompt } from "@consortium/core/Prompt"
import { open } from "@consortium/core/Ranking"
import type { Receipt } from "@consortium/core/Receipt"
import { Seed } from "@consortium/core/Seed"
import * as DatasetFile from "@consortium/pipeline/DatasetFile"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const seed = Seed.make(7)
const context: DatasetFile.Context = { seed: 7, version: "1", simulated: true, usd: () => 0.25 }
const question = fromText("p1", "Why?")
const down = new Failure({ tag: "ModelError", reason: "Overloaded", message: "request 123 failed", isRetryable: true })

const receiptAt = (startedAt: number): Receipt => ({
  startedAt,
  millis: startedAt / 2,
  attempts: 1,
  waitedMillis: 0,
  cached: startedAt > 0,
  usd: startedAt,
  events: []
})

const completion = (text: string): Completion => ({
  parts: [
    { _tag: "Reasoning", text: `thinking of ${text}` },
    { _tag: "Text", text }
  ],
  finish: { kind: "stop", raw: "end" },
  usage: { inputTokens: 3, outputTokens: 5 },
  model: "m-1",
  requestId: "r-1"
})

/** One answer for each text of members `m0`, `m1`, …, and a failure for `null`. */
const candidatesOf = (prompt: Prompt, texts: NonEmpty<string | null>, startedAt = 0): Candidates =>
  Result.getOrThrow(
    Candidates.make(
      prompt,
      map(texts, (text, index): Candidate => {
        const member = MemberId.make(`m${index}`)
        return {
          id: candidateId(prompt.id, member, 0),
          member,
          sample: 0,
          outcome: text === null ? Result.fail(down) : Result.succeed(completion(text)),
          checks: [],
          receipt: receiptAt(startedAt)
        }
      })
    )
  )

/**
 * The road from answers to an example: judge `j0` orders by the length of texts, longest first, and judge `j1` is away.
 */
const exampleOf = (prompt: Prompt, texts: NonEmpty<string | null>, startedAt = 0): Example => {
  const candidates = candidatesOf(prompt, texts, startedAt)
  const [sheet, key] = seal(candidates, seed)
  const sorted = [...sheet.options].sort((a, b) => b.text.length - a.text.length).map((option) => option.label)
  const [first, ...rest] = sorted
  if (first === undefined) throw new Error("no option")
  const labels: NonEmpty<Label> = [first, ...rest]
  const lastOf = sorted.at(-1) ?? first
  const receipt = receiptAt(startedAt)
  const ballot = Result.getOrThrow(
    Ballot.make(sheet, {
      tiers: labels.slice(0, -1).map((label) => [label]),
      unacceptable: [lastOf],
      confidence: 0.5,
      reasons: new Map([[first, "longest"]]),
      mended: ["a fence removed"]
    })
  )
  const votes: ReadonlyArray<Vote> =
    labels.length === 1
      ? []
      : [
          { judge: JudgeId.make("j0"), pass: 0, order: labels, outcome: Result.succeed(ballot), receipt },
          { judge: JudgeId.make("j1"), pass: 0, order: labels, outcome: Result.fail(down), receipt }
        ]
  const ballots: Ballots = { promptId: prompt.id, labels, votes }
  const places = map(labels, (label, index) => ({
    label,
    score: 1 - index / labels.length,
    pBest: index === 0 ? 0.75 : 0.25,
    acceptable: label !== lastOf || labels.length === 1
  }))
  const judges = votes.length === 0 ? 0 : 1
  return example(candidates, ballots, open(key, { promptId: prompt.id, places, judges, agree: judges }))
}

const strict = { onExcessProperty: "error" } as const
const decodeDataset = Schema.decodeUnknownSync(DatasetFile.DatasetRow, strict)
const decodeRejected = Schema.decodeUnknownSync(DatasetFile.RejectedRow, strict)
const decodeSelection = Schema.decodeUnknownSync(DatasetFile.SelectionRow, strict)
const written = (row: unknown): unknown => JSON.parse(JSON.stringify(row))

describe("a row of the dataset", () => {
  const row = DatasetFile.datasetRow(exampleOf(question, ["short", null, "longest one", "longest one "]), context)

  it("has the answer, who gave it, and how sure that is", () => {
    assert.deepInclude(row, {
      schema: "consortium.dataset/1",
      id: "p1",
      prompt: "Why?",
      completion: "longest one",
      chosen: { candidate: "p1/m2/0", member: "m2", model: "m-1" },
      score: 1,
      pBest: { value: 0.75, calibrated: false },
      agreement: { first: 1, of: 1 },
      judged: true,
      seed: 7,
      version: "1",
      simulated: true
    })
    assert.deepStrictEqual<unknown>(row.ranking, [
      { candidates: ["p1/m2/0", "p1/m3/0"], score: 1, pBest: 0.75, acceptable: true },
      { candidates: ["p1/m0/0"], score: 0.5, pBest: 0.25, acceptable: false }
    ])
  })

  it("has every judge's order in the candidates' ids, and none of a sheet's labels", () => {
    const shown = ["p1/m2/0", "p1/m3/0", "p1/m0/0"]
    assert.deepStrictEqual<unknown>(row.judges, [
      {
        judge: "j0",
        pass: 0,
        order: [["p1/m2/0", "p1/m3/0"]],
        unacceptable: ["p1/m0/0"],
        confidence: 0.5,
        reasons: { "p1/m2/0": "longest" },
        mended: ["a fence removed"],
        shown
      },
      { judge: "j1", pass: 0, shown, absent: { tag: "ModelError", reason: "Overloaded" } }
    ])
    assert.notMatch(JSON.stringify(row), /"R\d"/)
  })

  it("has every candidate, the failed ones too, and prices by the tokens", () => {
    assert.deepStrictEqual<unknown>(row.candidates.slice(0, 2), [
      {
        id: "p1/m0/0",
        member: "m0",
        sample: 0,
        model: "m-1",
        text: "short",
        reasoning: "thinking of short",
        finish: { kind: "stop", raw: "end" },
        usage: { inputTokens: 3, outputTokens: 5 },
        usd: 0.25
      },
      { id: "p1/m1/0", member: "m1", sample: 0, usd: null, failure: { tag: "ModelError", reason: "Overloaded" } }
    ])
    assert.strictEqual(row.candidates.length, 4)
  })

  it("is read back by its schema, to the last field", () => {
    assert.deepStrictEqual<unknown>(decodeDataset(written(row)), row)
    assert.throws(() => decodeDataset({ ...row, schema: "consortium.dataset/2" }))
    assert.throws(() => decodeDataset({ ...row, score: "1" }))
  })

  it("is the same bytes whenever it ran, and in whatever order a store gave the fields of an answer", () => {
    const texts = ["short", null, "longest one"] as const
    const now = exampleOf(question, texts, 0)
    const later = exampleOf(question, texts, 1_700_000_000_000)
    const shuffled: Example = {
      ...later,
      candidates: Result.getOrThrow(
        Candidates.make(
          question,
          map(later.candidates.all, (candidate) => ({
            ...candidate,
            outcome: Result.map(candidate.outcome, (said) => ({
              ...said,
              usage: { outputTokens: 5, inputTokens: 3 },
              finish: { raw: "end", kind: "stop" as const }
            }))
          }))
        )
      )
    }
    const text = JSON.stringify(DatasetFile.datasetRow(now, context))
    assert.strictEqual(JSON.stringify(DatasetFile.datasetRow(later, context)), text)
    assert.strictEqual(JSON.stringify(DatasetFile.datasetRow(shuffled, context)), text)
  })

  it("tells that a single answer was not judged, and that a price is unknown", () => {
    const alone = DatasetFile.datasetRow(exampleOf(question, ["same", "same"]), { ...context, usd: () => null })
    assert.deepInclude(alone, { judged: false, judges: [], agreement: { first: 0, of: 0 }, completion: "same" })
    assert.deepStrictEqual(
      alone.candidates.map((candidate) => candidate.usd),
      [null, null]
    )
  })

  it("keeps messages where there is more than one user's text, and the fields that came along", () => {
    const messages = [message("system", "Be brief."), message("user", "Why?")] as const
    const carried = { z: 1, a: { deep: [true] } }
    const asked = DatasetFile.datasetRow(exampleOf({ ...question, messages, carried }, ["a", "bc"]), context)
    assert.deepStrictEqual<unknown>([asked.prompt, asked.carried], ["Why?", carried])
    assert.deepStrictEqual<unknown>(asked.messages, [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Why?" }
    ])
    assert.isUndefined(DatasetFile.datasetRow(exampleOf(question, ["a", "bc"]), context).messages)
    assert.deepStrictEqual<unknown>(decodeDataset(written(asked)), asked)
  })

  it("keeps the checks that an answer met, in one order", () => {
    const { candidates, ...rest } = exampleOf(question, ["short", "longest one"])
    const checked = map(candidates.all, (candidate) => ({
      ...candidate,
      checks: [{ note: "fine", passed: true, by: "length" }]
    }))
    const row = DatasetFile.datasetRow(
      { ...rest, candidates: Result.getOrThrow(Candidates.make(question, checked)) },
      context
    )
    assert.strictEqual(JSON.stringify(row.candidates[0]?.checks), '[{"by":"length","passed":true,"note":"fine"}]')
  })
})

describe("a row of what was rejected", () => {
  it("tells why, with what the members and judges did say", () => {
    const { prompt, candidates, ballots, verdict } = exampleOf(question, ["short", "longest one"])
    const byLabel = new Map(verdict.places.map((place) => [place.label, place.candidates]))
    const rejected = { prompt, why: "unacceptable", failure: down, candidates: candidates.all, ballots } as const
    const row = DatasetFile.rejectedRow(rejected, context, (label) => byLabel.get(label) ?? [])
    assert.deepInclude(row, { schema: "consortium.rejected/1", id: "p1", prompt: "Why?", why: "unacceptable" })
    assert.deepStrictEqual(row.judges[0]?.order, [["p1/m1/0"]])
    assert.deepStrictEqual<unknown>(decodeRejected(written(row)), row)
  })

  it("has no judges where nobody answered", () => {
    const { all } = candidatesOf(question, ["x", null])
    const failed = all.filter((candidate) => Result.isFailure(candidate.outcome))
    assert.isTrue(isNonEmpty(failed))
    const rejected = {
      prompt: question,
      why: "no-candidate",
      failure: down,
      candidates: failed,
      ballots: undefined
    } as const
    const row = DatasetFile.rejectedRow(rejected, context, () => [])
    assert.deepStrictEqual(row.judges, [])
    assert.deepStrictEqual(
      row.candidates.map((candidate) => candidate.failure?.reason),
      ["Overloaded"]
    )
  })
})

describe("a row of the selection", () => {
  it("has the rank and the cosine, null where there was nothing to compare with", () => {
    const rows = [null, -0.5].map((cosine, index) =>
      DatasetFile.selectionRow({ rank: index + 1, id: question.id, cosine })
    )
    assert.strictEqual(
      rows.map((row) => JSON.stringify(row)).join("\n"),
      '{"schema":"consortium.selection/1","rank":1,"id":"p1","cosine":null}\n{"schema":"consortium.selection/1","rank":2,"id":"p1","cosine":-0.5}'
    )
    assert.deepStrictEqual<unknown>(
      rows.map((row) => decodeSelection(written(row))),
      rows
    )
  })
})
