import { layer as aggregatorLayer } from "@consortium/aggregation/Aggregate"
import { Ballot } from "@consortium/core/Ballot"
import { Candidates, QuorumNotMet, Sampler } from "@consortium/core/Candidates"
import { candidateId, JudgeId, MemberId, PromptId } from "@consortium/core/Ids"
import { Panel } from "@consortium/core/Judge"
import { map } from "@consortium/core/NonEmpty"
import { Aggregator } from "@consortium/core/Ranking"
import { fromEvents } from "@consortium/core/Receipt"
import { Seed } from "@consortium/core/Seed"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { fakeConfig, folder, run, services } from "./road.js"

const live = (name: string, body: () => Effect.Effect<void, unknown, never>) => it.live(name, body, 60_000)

const receipt = fromEvents([], 0, 0)
const mine = MemberId.make("mine")
const nobodyKnows = PromptId.make("q1")

/** Two answers of its own; none to one prompt. */
const sampler = Layer.succeed(Sampler, {
  sample: (prompt) =>
    prompt.id === nobodyKnows
      ? Effect.fail(new QuorumNotMet({ prompt: prompt.id, needed: 1, eligible: 0, failures: ["mine: no idea"] }))
      : Effect.fromResult(
          Candidates.make(
            prompt,
            map(["first", "second"], (text, sample) => ({
              id: candidateId(prompt.id, mine, sample),
              member: mine,
              sample,
              outcome: Result.succeed(Fakes.completion(text)),
              checks: [],
              receipt
            }))
          )
        )
})

/** One judge, who likes `first`. */
const panel = Layer.succeed(Panel, {
  judge: (sheet) => {
    const labels = map(sheet.options, (option) => option.label)
    const best = sheet.options.filter((option) => option.text === "first").map((option) => option.label)
    const tiers = [best, labels.filter((label) => !best.includes(label))]
    const outcome = Result.getOrThrow(Ballot.make(sheet, { tiers }))
    const vote = { judge: JudgeId.make("own"), pass: 0, order: labels, outcome: Result.succeed(outcome), receipt }
    return Effect.succeed({ promptId: sheet.promptId, labels, votes: [vote] })
  }
})

describe("own stages", () => {
  live("take the place of sampler and panel, and the rest of the road is the same", () =>
    Effect.gen(function* () {
      const { events, rejected, rows, summary } = yield* run(
        fakeConfig(`${yield* folder}/run`, { stages: { sampler, panel } })
      )
      assert.deepInclude(summary.ledger, { selected: 4, examples: 3, rejected: 1 })
      for (const row of rows) {
        assert.strictEqual(row.completion, "first")
        assert.deepStrictEqual(
          row.judges.map((order) => [order.judge, order.order]),
          [["own", [[`${row.id}/mine/0`], [`${row.id}/mine/1`]]]]
        )
      }
      assert.deepStrictEqual(
        rejected.map((row) => [row.id, row.why, row.candidates.length]),
        [[nobodyKnows, "no-candidate", 0]]
      )
      const told = events.find((event) => event._tag === "Rejected")
      assert.deepInclude(told, { prompt: nobodyKnows, why: "no-candidate" })
      assert.match(told?._tag === "Rejected" ? told.detail : "", /mine: no idea/)
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("take the place of the aggregator, and a run without them is another run", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      /** The last shall be first. */
      const aggregator = Layer.effect(
        Aggregator,
        Effect.map(Aggregator, ({ aggregate }) =>
          Aggregator.of({
            aggregate: (ballots) =>
              Result.map(aggregate(ballots), (ranking) => {
                const [first, ...rest] = ranking.places
                const last = rest.pop() ?? first
                return { ...ranking, places: [last, ...rest, ...(last === first ? [] : [first])] }
              })
          })
        )
      ).pipe(Layer.provide(aggregatorLayer({ seed: Seed.make(1) })))
      const long = yield* run(fakeConfig(`${yield* folder}/run`))
      const short = yield* run(fakeConfig(out, { stages: { aggregator } }))
      assert.deepStrictEqual([long.rows[0]?.completion, short.rows[0]?.completion], ["rather long", "short"])
      const conflict = yield* Effect.flip(run(fakeConfig(out)))
      assert.match(conflict.message, /stages: there \["aggregator"\], here \[\]/)
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
