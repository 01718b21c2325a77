import { Ballot } from "@consortium/core/Ballot"
import { type CallFailure, Halted } from "@consortium/core/Call"
import type { ChatModel } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { JudgeId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { ContextOverflow, Overloaded, ServerError } from "@consortium/core/ModelError"
import { fromText } from "@consortium/core/Prompt"
import { SourceError } from "@consortium/core/PromptSource"
import { balances } from "@consortium/core/RunEvent"
import { Seed } from "@consortium/core/Seed"
import { buildDataset, buildDatasetPromise } from "@consortium/pipeline/BuildDataset"
import type { RunConfig } from "@consortium/pipeline/RunConfig"
import * as Simulated from "@consortium/simulated/Simulated"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Fence from "@consortium/selector/Fence"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { configOn, fakeConfig, folder, memberOf, promptsOf, run, services, sourceOf } from "./road.js"

const live = (name: string, body: () => Effect.Effect<void, unknown, never>) => it.live(name, body, 60_000)

describe("a whole road", () => {
  live("every row is accounted for, and everything joins by id", () =>
    Effect.gen(function* () {
      const { url } = yield* Simulated.server({ seed: 1, latencyScale: 0 })
      const prompts = [
        ...promptsOf(12),
        fromText("again", "  Question 3: what should I know about chess on   day 21? ")
      ]
      const cast = { members: ["scholar", "plain", "sloppy"], judges: ["careful", "brisk"], samples: 2 } as const
      const config = yield* configOn(url, `${yield* folder}/run`, cast, prompts)
      const { events, rows, summary } = yield* run({ ...config, stop: { targetSize: 8 } })
      assert.deepInclude(summary.ledger, { rows: 13, selected: 8, notSelected: 4, duplicate: 1, examples: 8 })
      assert.isTrue(balances(summary.ledger))
      assert.deepStrictEqual([events[0]?._tag, events.at(-1)?._tag], ["Started", "Finished"])
      assert.strictEqual(events.filter((event) => event._tag === "Ranked").length, 8)
      const members = config.members.map((member) => member.id)
      for (const row of rows) {
        const ids = members.flatMap((member) => [0, 1].map((sample) => `${row.id}/${member}/${sample}`))
        assert.deepStrictEqual(
          row.candidates.map((candidate) => candidate.id),
          ids
        )
        assert.include(ids, row.chosen.candidate)
        assert.strictEqual(row.ranking[0]?.candidates[0], row.chosen.candidate)
        for (const order of row.judges) {
          const silent = order.unranked ?? []
          const said = [...(order.order ?? []).flat(), ...(order.unacceptable ?? [])]
          assert.includeMembers([...order.shown], said, "a verdict only on what was shown")
          assert.includeMembers([...said, ...silent], [...order.shown])
        }
      }
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("is told in an order that makes sense, and nothing is told twice", () =>
    Effect.gen(function* () {
      const { url } = yield* Simulated.server({ seed: 2, latencyScale: 0 })
      const cast = { members: ["scholar", "sloppy"], judges: ["careful", "brisk"] } as const
      const config = yield* configOn(url, `${yield* folder}/run`, cast, promptsOf(30))
      const { events, summary } = yield* run({ ...config, stop: { targetSize: 20 } })
      const tags = events.map((event) => event._tag)
      const first = tags.indexOf("Answered")
      assert.deepStrictEqual(tags.slice(0, first), ["Started", "Read", "Read", "Embedded", "Selected"])
      assert.deepStrictEqual(tags.indexOf("Finished"), tags.length - 1)
      const [last] = events.slice(-1)
      assert.deepInclude(last, { outcome: "done", ledger: summary.ledger, calls: summary.calls, stored: 0 })

      const onRoad = events.slice(first, -1)
      const ofPrompt = Map.groupBy(onRoad, (event) => ("prompt" in event ? event.prompt : ""))
      assert.strictEqual(ofPrompt.size, 20)
      for (const [, told] of ofPrompt) {
        const order = told.map((event) => event._tag)
        const judged = order.length - 3
        assert.include([2, 4], judged)
        assert.deepStrictEqual(order, ["Answered", "Answered", ...Array<"Judged">(judged).fill("Judged"), "Ranked"])
      }
      const words = onRoad.map((event) => {
        if (event._tag === "Answered") return event.candidate
        return event._tag === "Judged" ? `${event.prompt} ${event.judge} ${event.pass}` : JSON.stringify(event)
      })
      assert.strictEqual(new Set(words).size, words.length)
      assert.deepStrictEqual(
        onRoad.flatMap((event) => (event._tag === "Ranked" ? [event.done] : [])),
        Array.from({ length: 20 }, (_, i) => i + 1)
      )
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("the same seed gives the same bytes at any concurrency, another seed others", () =>
    Effect.gen(function* () {
      const { url } = yield* Simulated.server({ seed: 1, latencyScale: 0.01 })
      const cast = { members: ["scholar", "plain", "flaky"], judges: ["careful", "rambler"] } as const
      const bytes: Array<string> = []
      for (const [concurrency, seed] of [
        [1, 7],
        [4, 7],
        [64, 7],
        [64, 8]
      ] as const) {
        const config = yield* configOn(url, `${yield* folder}/run`, cast, promptsOf(8))
        bytes.push((yield* run({ ...config, concurrency, seed: Seed.make(seed) })).bytes)
      }
      assert.strictEqual(bytes[0], bytes[1])
      assert.strictEqual(bytes[0], bytes[2])
      assert.notStrictEqual(bytes[0], bytes[3])
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("interrupted again and again, it goes on to the same bytes and asks for nothing that is stored", () =>
    Effect.gen(function* () {
      const cast = { members: ["scholar", "plain"], judges: ["careful", "brisk"] } as const
      const calm = yield* Simulated.server({ seed: 5, latencyScale: 0 })
      const whole = yield* run(yield* configOn(calm.url, `${yield* folder}/run`, cast, promptsOf(10)))
      const shot = yield* Simulated.server({ seed: 5, latencyScale: 0.02 })
      const config = { ...(yield* configOn(shot.url, `${yield* folder}/run`, cast, promptsOf(10))), concurrency: 4 }
      for (let shots = 0; shots < 12; shots++) {
        yield* Effect.timeoutOption(buildDataset(config), `${20 + shots * 13} millis`)
      }
      const after = yield* run(config)
      assert.strictEqual(after.bytes, whole.bytes)
      const { answeredAgain } = yield* shot.stats
      // At most what was in flight at each interruption.
      assert.isAtMost(answeredAgain, 12 * 4)
      const calls = (yield* shot.stats).calls
      assert.strictEqual((yield* run(config)).summary.calls, 0)
      assert.strictEqual((yield* shot.stats).calls, calls)
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})

describe("a folder that holds something else", () => {
  live("is refused, with the differences by name", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      yield* run(fakeConfig(out))
      const conflict = (config: RunConfig) => Effect.map(Effect.flip(buildDataset(config)), (error) => error.message)
      assert.include(yield* conflict(fakeConfig(out, { seed: Seed.make(2) })), "seed: there 1, here 2")
      assert.include(
        yield* conflict(fakeConfig(out, { source: sourceOf(promptsOf(5)) })),
        "prompts: there 4 rows, here 5"
      )
      const changed = [...promptsOf(3), fromText("q3", "another question")]
      assert.include(yield* conflict(fakeConfig(out, { source: sourceOf(changed) })), "of other content")
      assert.strictEqual((yield* run(fakeConfig(out))).summary.calls, 0)

      const foreign = `${yield* folder}/foreign`
      const files = yield* FileSystem.FileSystem
      yield* files.makeDirectory(foreign)
      yield* files.writeFileString(`${foreign}/dataset.jsonl`, "mine\n")
      assert.include(yield* conflict(fakeConfig(foreign)), "dataset.jsonl without the run.db")
      assert.strictEqual(yield* files.readFileString(`${foreign}/dataset.jsonl`), "mine\n")
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("is free for other settings as long as no input was read into it", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const gone = { name: "gone", stream: Stream.fail(new SourceError({ file: "gone", reason: "no such file" })) }
      const error = yield* Effect.flip(buildDataset(fakeConfig(out, { source: gone })))
      assert.strictEqual(error.message, "gone: no such file")
      const { events, summary } = yield* run(fakeConfig(out, { seed: Seed.make(2) }))
      assert.deepInclude(events[0], { _tag: "Started", resumed: false, seed: 2 })
      assert.deepInclude(summary.ledger, { rows: 4, examples: 4 })
      assert.deepInclude((yield* run(fakeConfig(out, { seed: Seed.make(2) }))).events[0], { resumed: true })
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})

describe("what goes wrong is a value", () => {
  const failing = (prompt: string, reason = new ServerError({})) =>
    memberOf(
      Fakes.chatModel("fake/failing", ({ messages }) =>
        JSON.stringify(messages).includes(prompt) ? Fakes.modelError(reason) : "fine"
      )
    )

  live("a prompt without an answer is rejected, the others go on, and the next start tries it again", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const first = yield* run(fakeConfig(out, { members: [failing("Question 2")] }))
      assert.deepStrictEqual(
        first.rejected.map((row) => [row.id, row.why]),
        [["q2", "no-candidate"]]
      )
      assert.deepStrictEqual(first.rejected[0]?.candidates[0]?.failure, { tag: "ModelError", reason: "ServerError" })
      assert.deepInclude(first.summary.ledger, { examples: 3, rejected: 1 })
      assert.strictEqual(first.summary.open, 1)
      const second = yield* run(fakeConfig(out, { members: [failing("nothing")] }))
      assert.deepInclude(second.summary.ledger, { examples: 4, rejected: 0 })
      assert.strictEqual(second.summary.open, 0)
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("judges that refuse all reject the prompt for good; judges that fail leave it open", () =>
    Effect.gen(function* () {
      const refusing: Judge = {
        id: JudgeId.make("refusing"),
        judge: (sheet) =>
          Effect.fromResult(
            Ballot.make(sheet, { tiers: [], unacceptable: sheet.options.map((option) => option.label) })
          )
      }
      const refused = yield* run(fakeConfig(`${yield* folder}/run`, { judges: [{ judge: refusing }] }))
      assert.deepStrictEqual(
        refused.rejected.map((row) => row.why),
        Array(4).fill("unacceptable")
      )
      assert.strictEqual(refused.summary.open, 0)
      const broken: Judge = { id: JudgeId.make("broken"), judge: () => Effect.fail(Fakes.modelError()) }
      const out = `${yield* folder}/run`
      const absent = yield* run(fakeConfig(out, { judges: [{ judge: broken }] }))
      assert.deepStrictEqual(
        absent.rejected.map((row) => row.why),
        Array(4).fill("no-quorum")
      )
      assert.strictEqual(absent.summary.open, 4)
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("one distinct answer is not judged, and the row says so", () =>
    Effect.gen(function* () {
      const same = (ref: string) => memberOf(Fakes.chatModel(ref, () => "<think>hm</think>the same"))
      const asked: Array<string> = []
      const judge: Judge = {
        id: JudgeId.make("asked"),
        judge: (sheet) => Effect.suspend(() => (asked.push(sheet.promptId), Fakes.judge().judge(sheet)))
      }
      const { rows } = yield* run(
        fakeConfig(`${yield* folder}/run`, { members: [same("fake/a"), same("fake/b")], judges: [{ judge }] })
      )
      assert.deepStrictEqual(asked, [])
      for (const row of rows) {
        assert.deepInclude(row, { judged: false, completion: "the same", agreement: { first: 0, of: 0 } })
        assert.deepStrictEqual(row.ranking[0]?.candidates.length, 2)
        assert.strictEqual(row.candidates[0]?.reasoning, "hm")
      }
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("a text that is too long for the embedder is refused or cut, as it is told, and counted", () =>
    Effect.gen(function* () {
      const long = fromText("long", `Question long: ${"and so on ".repeat(40)}`)
      const short = Fakes.embedder({
        vector: (text) =>
          text.length > 120 ? Fakes.modelError(new ContextOverflow({})) : [text.length, 1, 1].concat(Array(13).fill(0))
      })
      const told = Effect.fnUntraced(function* (more: Partial<RunConfig>) {
        // All its vectors are near-duplicates.
        const stages = { selector: Fence.layer({ stop: { targetSize: 4 }, guard: "off" }) }
        const config = { embedder: short, source: sourceOf([...promptsOf(3), long]), stages, ...more }
        const { events, summary } = yield* run(fakeConfig(`${yield* folder}/run`, config))
        const embedded = events.find((event) => event._tag === "Embedded")
        return [summary.ledger.failed, summary.ledger.examples, embedded?._tag === "Embedded" ? embedded.cut : -1]
      })
      assert.deepStrictEqual(yield* told({}), [1, 3, 0])
      assert.deepStrictEqual(yield* told({ tooLong: "cut" }), [0, 4, 1])
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("a halt stops the run with what is done, and the same configuration goes on", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const model = Fakes.chatModel("fake/long", () => "rather long")
      let left = 2
      const limited: ChatModel = {
        ...model,
        complete: (request) =>
          Effect.suspend(
            (): Effect.Effect<Completion, CallFailure> =>
              left-- > 0 ? model.complete(request) : Effect.fail(new Halted({ why: "budget", detail: "spent" }))
          )
      }
      const stopped = yield* run(fakeConfig(out, { members: [memberOf(limited)], concurrency: 1 }))
      assert.strictEqual(stopped.summary.outcome, "stopped")
      assert.strictEqual(stopped.summary.stopped?.why, "budget")
      assert.isTrue(balances(stopped.summary.ledger))
      assert.isAbove(stopped.summary.ledger.unfinished, 0)
      left = 99
      const done = yield* run(fakeConfig(out, { members: [memberOf(limited)], concurrency: 1 }))
      assert.deepInclude(done.summary.ledger, { examples: 4, unfinished: 0 })
      assert.strictEqual(model.asked.length, 4)
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})

describe("a budget", () => {
  live("holds over all starts, counts what failed, and goes on when it is larger", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const model = Fakes.chatModel("fake/long", () => "rather long")
      let asked = 0
      const flaky: ChatModel = {
        ...model,
        complete: (request) =>
          Effect.suspend(
            (): Effect.Effect<Completion, CallFailure> =>
              ++asked === 2 ? Effect.fail(Fakes.modelError(new Overloaded())) : model.complete(request)
          )
      }
      const start = (calls: number) =>
        run(fakeConfig(out, { members: [memberOf(flaky)], budget: { calls }, retry: Schedule.recurs(1) }))
      const first = yield* start(3)
      assert.strictEqual(first.summary.stopped?.why, "budget")
      assert.strictEqual(asked, 3)
      assert.isTrue(balances(first.summary.ledger))
      const second = yield* start(3)
      assert.strictEqual(second.summary.stopped?.why, "budget")
      assert.strictEqual(asked, 3)
      const third = yield* start(5)
      assert.deepInclude(third.summary, { outcome: "done" })
      // Four prompts, one call that failed.
      assert.strictEqual(asked, 5)
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("a halt cuts off nobody who is paid for", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const slow = Fakes.chatModel("fake/slow", () => "worth waiting for")
      const late: ChatModel = {
        ...slow,
        complete: (request) => Effect.delay(slow.complete(request), "30 millis")
      }
      const over: ChatModel = {
        ...Fakes.chatModel("fake/over"),
        complete: () => Effect.fail(new Halted({ why: "budget", detail: "spent" }))
      }
      const config = fakeConfig(out, { members: [memberOf(late), memberOf(over)] })
      assert.strictEqual((yield* run(config)).summary.outcome, "stopped")
      const before = slow.asked.length
      assert.isAbove(before, 0)
      const well = { ...over, complete: Fakes.chatModel("fake/over", () => "b").complete }
      yield* run({ ...config, members: [memberOf(late), memberOf(well)] })
      assert.strictEqual(slow.asked.length, 4)
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})

describe("a promise", () => {
  live("rejects with the very error, and stops at a signal", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      yield* run(fakeConfig(out))
      const error = yield* Effect.promise(() =>
        buildDatasetPromise(fakeConfig(out, { seed: Seed.make(9) })).catch((it: unknown) => it)
      )
      assert.deepInclude(error, { _tag: "RunConflict" })
      const stop = new AbortController()
      const slow = memberOf({ ...Fakes.chatModel("fake/slow"), complete: () => Effect.never })
      const running = buildDatasetPromise(fakeConfig(`${yield* folder}/run`, { members: [slow] }), {
        signal: stop.signal
      })
      stop.abort()
      assert.isTrue(
        yield* Effect.promise(() =>
          running.then(
            () => false,
            () => true
          )
        )
      )
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
