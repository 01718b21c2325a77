import { Ballot } from "@consortium/core/Ballot"
import type { Sheet } from "@consortium/core/Blind"
import { Halted } from "@consortium/core/Call"
import { JudgeId, type Label } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import type { JudgeSeat } from "@consortium/pipeline/RunConfig"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fakeConfig, folder, memberOf, run, services } from "./road.js"

const live = (name: string, body: () => Effect.Effect<void, unknown, never>) => it.live(name, body, 60_000)

const members = [
  memberOf(Fakes.chatModel("fake/a", () => "one")),
  memberOf(Fakes.chatModel("fake/b", () => "two, too")),
  memberOf(Fakes.chatModel("fake/c", () => "three of them"))
] as const

/** Says everything that a ballot can say. */
const wordy = (asked: Array<Sheet>): Judge => ({
  id: JudgeId.make("wordy"),
  judge: (sheet) =>
    Effect.suspend(() => {
      asked.push(sheet)
      const [first, ...rest] = sheet.options.map((option) => option.label)
      const last: ReadonlyArray<Label> = rest.slice(-1)
      return Effect.fromResult(
        Ballot.make(sheet, {
          tiers: first === undefined ? [] : [[first]],
          unranked: rest.slice(0, -1),
          unacceptable: last,
          confidence: 0.25,
          reasons: new Map(last.map((label) => [label, "it says nothing"])),
          mended: ["a fence removed"]
        })
      )
    })
})

/** Has to stop the run for its first so many sheets. */
const stopping = (halts: number): Judge => {
  let left = halts
  return {
    id: JudgeId.make("stopping"),
    judge: (sheet) =>
      Effect.suspend(
        (): ReturnType<Judge["judge"]> =>
          left-- > 0
            ? Effect.delay(Effect.fail(new Halted({ why: "budget", detail: "spent" })), "5 millis")
            : Fakes.judge().judge(sheet)
      )
  }
}

describe("a judge as it is", () => {
  live("has its orders kept, to the last word, when the run stops before the prompt is done", () =>
    Effect.gen(function* () {
      const seats = (asked: Array<Sheet>, halts: number): NonEmpty<JudgeSeat> => [
        { judge: wordy(asked) },
        { judge: stopping(halts) }
      ]
      const all: Array<Sheet> = []
      const whole = yield* run(fakeConfig(`${yield* folder}/run`, { members, judges: seats(all, 0) }))
      const out = `${yield* folder}/run`
      const before: Array<Sheet> = []
      const stopped = yield* run(fakeConfig(out, { members, judges: seats(before, 1) }))
      assert.strictEqual(stopped.summary.stopped?.why, "budget")
      assert.isAbove(before.length, 0)
      const after: Array<Sheet> = []
      const done = yield* run(fakeConfig(out, { members, judges: seats(after, 0) }))
      assert.strictEqual(done.bytes, whole.bytes)
      assert.deepInclude(done.rows[0]?.judges[0], { confidence: 0.25, mended: ["a fence removed"] })
      // Each sheet once in both starts together, and the same sheets as without the stop.
      const names = (sheets: ReadonlyArray<Sheet>) => sheets.map((sheet) => JSON.stringify(sheet)).sort()
      assert.deepStrictEqual(names([...before, ...after]), names(all))
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})

describe("reasoning", () => {
  live("is kept with its candidate, and is neither shown to judges nor written as the completion", () =>
    Effect.gen(function* () {
      const asked: Array<Sheet> = []
      const thinking = [
        memberOf(Fakes.chatModel("fake/tags", () => "<think>a secret way</think>\nThe answer is long.")),
        memberOf(
          Fakes.chatModel("fake/parts", () =>
            Fakes.completion("", {
              parts: [
                { _tag: "Reasoning", text: "a secret path" },
                { _tag: "Text", text: "Short." }
              ]
            })
          )
        )
      ] as const
      const { bytes, rows } = yield* run(
        fakeConfig(`${yield* folder}/run`, { members: thinking, judges: [{ judge: wordy(asked) }] })
      )
      assert.isAbove(asked.length, 0)
      assert.notInclude(JSON.stringify(asked), "secret")
      assert.notInclude(JSON.stringify(asked), "fake/")
      for (const row of rows) {
        assert.include(["The answer is long.", "Short."], row.completion)
        assert.deepStrictEqual(
          row.candidates.map((candidate) => [candidate.text, candidate.reasoning]),
          [
            ["The answer is long.", "a secret way"],
            ["Short.", "a secret path"]
          ]
        )
      }
      assert.strictEqual(bytes.split("secret").length - 1, 2 * rows.length)
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
