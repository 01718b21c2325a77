import { balances } from "@consortium/core/RunEvent"
import { fromText } from "@consortium/core/Prompt"
import { Seed } from "@consortium/core/Seed"
import * as Simulated from "@consortium/simulated/Simulated"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { configOn, folder, promptsOf, run, services } from "./road.js"

const Name = Schema.Literals(["scholar", "plain", "sloppy", "flaky", "dead", "someone", "vain"])
const JudgeName = Schema.Literals(["careful", "brisk", "rambler", "flaky", "dead", "rubbish-judge"])
const World = Schema.Struct({
  members: Schema.NonEmptyArray(Name).check(Schema.isMaxLength(4)),
  judges: Schema.NonEmptyArray(JudgeName).check(Schema.isMaxLength(3)),
  samples: Schema.Literals([1, 2]),
  prompts: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 8 })),
  copies: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
  target: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10 })),
  tripwire: Schema.Literals([-0.5, 0.1, 1]),
  concurrency: Schema.Literals([1, 3, 32]),
  seed: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))
})

/** The laws of every run, whatever its members and judges are like. */
const holds = Effect.fnUntraced(function* (world: typeof World.Type) {
  const first = promptsOf(world.prompts)
  const prompts = [
    ...first,
    ...first
      .slice(0, world.copies)
      .map((_, i) =>
        fromText(
          `copy${i}`,
          ` Question ${i}: what should I know about ${["rain", "bread", "primes"][i]}  on day ${i * 7}?`
        )
      )
  ]
  const cast = { members: world.members, judges: world.judges, samples: world.samples }
  const road = Effect.fnUntraced(function* (concurrency: number) {
    // A server of its own: what fails, and how, depends on how often a call was made before.
    const { url } = yield* Simulated.server({ seed: world.seed, latencyScale: 0 })
    const config = yield* configOn(url, `${yield* folder}/run`, cast, prompts)
    const stop = { targetSize: world.target, tripwire: world.tripwire }
    return yield* run({ ...config, stop, concurrency, seed: Seed.make(world.seed) })
  })
  const one = yield* road(world.concurrency)
  const { ledger } = one.summary
  assert.isTrue(balances(ledger))
  assert.deepInclude(ledger, {
    rows: prompts.length,
    duplicate: Math.min(world.copies, world.prompts),
    pending: 0,
    unfinished: 0
  })
  assert.strictEqual(one.rows.length, ledger.examples)
  assert.strictEqual(one.rejected.length, ledger.rejected)
  for (const row of [...one.rows, ...one.rejected]) {
    assert.strictEqual(row.candidates.length, world.members.length * world.samples)
    assert.isTrue(row.candidates.every((candidate) => candidate.id.startsWith(`${row.id}/`)))
    for (const order of row.judges) {
      const said = [...(order.order ?? []).flat(), ...(order.unacceptable ?? [])]
      const silent = order.unranked ?? []
      assert.includeMembers([...order.shown], said, "a verdict only on what was shown")
      if (order.absent === undefined) assert.includeMembers([...said, ...silent], [...order.shown])
      else assert.deepStrictEqual([...said, ...silent], [])
    }
  }
  for (const row of one.rows) {
    const chosen = row.candidates.find((candidate) => candidate.id === row.chosen.candidate)
    assert.strictEqual(chosen?.text, row.completion)
    assert.closeTo(
      row.ranking.reduce((sum, place) => sum + place.pBest, 0),
      1,
      1e-9
    )
  }
  assert.strictEqual((yield* road(world.concurrency === 32 ? 2 : 32)).bytes, one.bytes)
})

describe("the road over random casts", () => {
  it.live(
    "sums agree, ids join, ballots hold the sheet's labels, and the same seed gives the same bytes at any concurrency",
    () =>
      Effect.gen(function* () {
        const checked = yield* Arbitrary.checkEffect(
          Arbitrary.schema(World),
          (world) => Effect.as(Effect.scoped(Effect.provide(holds(world), services)), true),
          { runs: 30, seed: 11 }
        )
        assert.strictEqual(checked._tag, "Passed", JSON.stringify(checked))
      }),
    120_000
  )
})
