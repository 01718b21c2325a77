import * as ChatModel from "@consortium/core/ChatModel"
import { Ballot } from "@consortium/core/Ballot"
import type { Member } from "@consortium/core/Candidates"
import { JudgeId, MemberId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import { message, textOf } from "@consortium/core/Prompt"
import { trace } from "@consortium/ensemble/Answer"
import * as Consortium from "@consortium/ensemble/Consortium"
import * as Conversation from "@consortium/ensemble/Conversation"
import { promises } from "@consortium/ensemble/Promises"
import type { ConsortiumEvent } from "@consortium/ensemble/ConsortiumEvent"
import { fromText } from "@consortium/sampling/CheckRule"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { tell } from "@consortium/core/Receipt"
import * as TestClock from "effect/testing/TestClock"

/** A member that says this after a while, and how many of its calls were cut off. */
const seat = (id: string, says: string | Error, after: Duration.Input = 0) => {
  const seen = { asked: 0, cut: 0 }
  const model = ChatModel.make({
    ref: `fake/${id}`,
    complete: () =>
      Effect.suspend(() => {
        seen.asked++
        return typeof says === "string" ? Effect.succeed(Fakes.completion(says)) : Effect.fail(Fakes.modelError())
      }).pipe(
        Effect.delay(after),
        Effect.onInterrupt(() => Effect.sync(() => void seen.cut++))
      )
  })
  const member: Member = { id: MemberId.make(id), model, samples: 1 }
  return { member, seen }
}

/** A judge by taste: what stands earlier in the list is better; anything else is worst. */
const judgeOf = (id: string, taste: ReadonlyArray<string>, after: Duration.Input = 0): Judge => ({
  id: JudgeId.make(id),
  judge: (sheet) => {
    const rank = (text: string) => (taste.includes(text) ? taste.indexOf(text) : taste.length)
    const sorted = [...sheet.options].sort((a, b) => rank(a.text) - rank(b.text))
    return Effect.delay(Effect.fromResult(Ballot.make(sheet, { tiers: sorted.map(({ label }) => [label]) })), after)
  }
})
const list = <A>(items: ReadonlyArray<A>): NonEmpty<A> => {
  if (!isNonEmpty(items)) throw new Error("an empty list")
  return items
}
const three = ["a", "b", "c"].map((id) => ({ judge: judgeOf(id, ["good", "fair", "bad"]) }))
const consortium = (seats: ReadonlyArray<ReturnType<typeof seat>>, more: Partial<Consortium.Options> = {}) =>
  Consortium.make({ members: list(seats.map(({ member }) => member)), judges: list(three), ...more })
const inTime = <A, E>(program: Effect.Effect<A, E>, after: Duration.Input = "1 hour") =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(program)
    yield* TestClock.adjust(after)
    return yield* Fiber.join(fiber)
  })

describe("best", () => {
  it.effect("gives the winner with its proof", () =>
    Effect.gen(function* () {
      const answer = yield* inTime(consortium([seat("x", "fair"), seat("y", "good"), seat("z", "bad")]).ask("why?"))
      assert.deepInclude(answer, { value: "good", by: MemberId.make("y"), judged: true, score: 1 })
      assert.deepStrictEqual(answer.agreement, { first: answer.agreement.of, of: answer.agreement.of })
      assert.isAtLeast(answer.agreement.of, 1)
      assert.match(trace(answer), /y: score 1\.000, P\(best\).*\n {2}member x: answered/)
    })
  )

  it.effect("does not wait for who is slow once enough have answered, and lets them go", () =>
    Effect.gen(function* () {
      const slow = seat("slow", "good", "10 minutes")
      const ask = consortium([seat("x", "fair", "1 second"), seat("y", "bad", "1 second"), slow]).ask("why?")
      const answer = yield* inTime(ask)
      assert.strictEqual(answer.value, "fair")
      assert.isBelow(answer.millis, 2000)
      assert.deepInclude(
        answer.asked.find(({ id }) => id === "slow"),
        { state: "late" }
      )
      assert.strictEqual(slow.seen.cut, 1)
    })
  )

  it.effect("stops judging when the winner is certain", () =>
    Effect.gen(function* () {
      const judges = list([
        { judge: judgeOf("a", ["good", "bad"], "1 second") },
        { judge: judgeOf("b", ["good", "bad"], "1 second") },
        { judge: judgeOf("c", ["good", "bad"], "1 second") },
        { judge: judgeOf("never", ["bad"], "10 minutes") }
      ])
      const answer = yield* inTime(consortium([seat("x", "good"), seat("y", "bad")], { judges }).ask("why?"))
      assert.deepInclude(answer, { value: "good", judged: true })
      assert.isBelow(answer.millis, 5000)
    })
  )

  it.effect("at the deadline gives the best that is known, judged or not", () =>
    Effect.gen(function* () {
      const judges = list([{ judge: judgeOf("slow", ["good"], "1 hour") }])
      const some = consortium([seat("x", "good"), seat("y", "bad", "1 hour")], { judges, deadline: "10 seconds" })
      const alone = yield* inTime(some.ask("why?"), "2 hours")
      assert.deepInclude(alone, { value: "good", judged: false })
      assert.isAtMost(alone.millis, 10_000)
      const both = consortium([seat("x", "bad"), seat("y", "good")], { judges, deadline: "10 seconds" })
      const unjudged = yield* inTime(both.ask("why?"), "2 hours")
      assert.deepInclude(unjudged, { judged: false, value: "bad" })
      const nobody = consortium([seat("x", "good", "1 hour")], { deadline: "10 seconds" })
      const error = yield* Effect.flip(inTime(nobody.ask("why?"), "2 hours"))
      assert.deepInclude(error, { _tag: "ConsortiumError", why: "deadline" })
    })
  )

  it.effect("of one and the same answer nobody is a judge", () =>
    Effect.gen(function* () {
      const answer = yield* inTime(consortium([seat("x", "good"), seat("y", "good")]).ask("why?"))
      assert.deepInclude(answer, { value: "good", by: MemberId.make("x"), judged: false, score: 1 })
    })
  )

  it.effect("goes on without who fails, and names each failure when nobody is left", () =>
    Effect.gen(function* () {
      const retry = { stack: { timeout: "1 minute" as const } }
      const answer = yield* inTime(consortium([seat("x", new Error("no")), seat("y", "good")], retry).ask("why?"))
      assert.deepInclude(answer, { value: "good", judged: false })
      assert.deepInclude(
        answer.asked.find(({ id }) => id === "x"),
        { state: "failed" }
      )
      const ask = consortium([seat("x", new Error("no")), seat("y", " ")], retry).ask("why?")
      const error = yield* Effect.flip(inTime(ask))
      assert.strictEqual(error.why, "no-answer")
      assert.deepStrictEqual(error.troubles.map(({ id, what }) => [id, what]).sort(), [
        ["x", "ServerError"],
        ["y", "not-empty"]
      ])
    })
  )

  it.effect("a check keeps an answer from the judges, a budget ends the asking", () =>
    Effect.gen(function* () {
      const checks = [fromText("no bad words", (text) => text !== "good")]
      const answer = yield* inTime(consortium([seat("x", "good"), seat("y", "bad")], { checks }).ask("why?"))
      assert.strictEqual(answer.value, "bad")
      assert.deepInclude(
        answer.asked.find(({ id }) => id === "x"),
        { state: "refused" }
      )
      const poor = consortium([seat("x", "good"), seat("y", "bad")], { budget: { calls: 0 } })
      assert.deepInclude(yield* Effect.flip(inTime(poor.ask("why?"))), { why: "budget" })
    })
  )
})

describe("the other modes", () => {
  it.effect("first takes who is quickest", () =>
    Effect.gen(function* () {
      const slow = seat("x", "good", "5 seconds")
      const answer = yield* inTime(consortium([slow, seat("y", "bad", "1 second")], { mode: "first" }).ask("why?"))
      assert.deepInclude(answer, { value: "bad", judged: false, millis: 1000 })
    })
  )

  it.effect("vote takes what most say, of values field by field", () =>
    Effect.gen(function* () {
      const said = ["It is so.\n42", "43", "  42. "]
      const voting = consortium(
        said.map((text, at) => seat(`m${at}`, text)),
        { mode: "vote" }
      )
      const answer = yield* inTime(voting.ask("how many?"))
      assert.deepInclude(answer, { by: MemberId.make("m0"), judged: false, score: 2 / 3 })
      assert.deepStrictEqual(answer.agreement, { first: 2, of: 3 })
      const Person = Schema.Struct({ name: Schema.String, age: Schema.Int })
      const values = ['{"name":"Ann","age":3}', '{"name":"Ann","age":4}', '```json\n{"name":"Bea","age":4}\n```']
      const people = consortium(
        values.map((text, at) => seat(`m${at}`, text)),
        { mode: "vote" }
      )
      assert.deepStrictEqual((yield* inTime(people.askAs(Person, "who?"))).value, { name: "Ann", age: 4 })
    })
  )

  it.effect("a cascade asks everyone only where the first answer will not do", () =>
    Effect.gen(function* () {
      const seats = [seat("cheap", "fair"), seat("dear", "good")]
      const accepted = consortium(seats, { mode: "cascade", accept: () => Effect.succeed(true) })
      assert.deepInclude(yield* inTime(accepted.ask("why?")), { value: "fair", judged: false })
      assert.strictEqual(seats[1]?.seen.asked, 0)
      const unsure = consortium(seats, { mode: "cascade", accept: () => Effect.succeed(false) })
      assert.deepInclude(yield* inTime(unsure.ask("why?")), { value: "good", judged: true })
    })
  )

  it.effect("a fused answer is returned only where it wins the same ranking", () =>
    Effect.gen(function* () {
      const fuser = (says: string) =>
        ChatModel.make({
          ref: "fake/fuser",
          complete: ({ messages }) => {
            const told = textOf(messages.at(-1) ?? messages[0])
            assert.include(told, "bad")
            assert.notInclude(told, "fake/")
            return Effect.succeed(Fakes.completion(says))
          }
        })
      const fuse = (says: string) =>
        inTime(
          consortium([seat("x", "fair"), seat("y", "bad")], { mode: "fuse", fuser: fuser(says), enough: 2 }).ask("why?")
        )
      assert.deepInclude(yield* fuse("good"), { by: MemberId.make("fused"), value: "good" })
      assert.deepInclude(yield* fuse("nonsense"), { by: MemberId.make("x"), value: "fair" })
    })
  )
})

describe("a value", () => {
  it.effect("is what the schema makes of the text; what is none is out before judges", () =>
    Effect.gen(function* () {
      const Point = Schema.Struct({ x: Schema.Finite })
      const seats = [seat("p", "no JSON"), seat("q", 'So: ```json\n{"x":1}\n```'), seat("r", '{"x":"one"}')]
      const answer = yield* inTime(consortium(seats, { enough: 3 }).askAs(Point, "where?"))
      assert.deepStrictEqual(answer.value, { x: 1 })
      assert.deepStrictEqual(
        answer.asked.filter(({ role }) => role === "member").map(({ state }) => state),
        ["refused", "answered", "refused"]
      )
    })
  )
})

describe("a stream", () => {
  it.effect("tells what happens, and the winner's text only when it is certain", () =>
    Effect.gen(function* () {
      const some = consortium([seat("x", "fair", "1 second"), seat("y", "good", "2 seconds")])
      const events = yield* inTime(Stream.runCollect(some.stream("why?")))
      const tags = events.map(({ _tag }: ConsortiumEvent) => _tag)
      assert.strictEqual(tags.at(-1), "Answered")
      assert.isAbove(tags.indexOf("Text"), tags.lastIndexOf("JudgeVoted"))
      assert.deepStrictEqual(
        events.flatMap((event) => (event._tag === "Text" ? [event.delta] : [])),
        ["good"]
      )
      for (const tag of ["MemberStarted", "FirstToken", "Provisional", "MemberEnded", "Leader"])
        assert.include(tags, tag)
    })
  )

  it.effect("whoever leaves cuts off every call, at any moment", () =>
    Effect.gen(function* () {
      for (let at = 0; at < 200; at++) {
        const seats = [seat("x", "fair", "60 millis"), seat("y", "good", "100 millis")]
        let open = 0
        const counting = (judge: Judge): Judge => ({
          ...judge,
          judge: (sheet) =>
            Effect.acquireUseRelease(
              Effect.sync(() => void open++),
              () => judge.judge(sheet),
              () => Effect.sync(() => void open--)
            )
        })
        const judges = list([{ judge: counting(judgeOf("a", ["good"], "50 millis")) }])
        const fiber = yield* Effect.forkChild(consortium(seats, { judges }).ask("why?"))
        yield* TestClock.adjust(at)
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(open, 0)
        for (const { seen } of seats) assert.isAtMost(seen.asked + seen.cut, 1)
      }
    })
  )
})

describe("for programs without Effect", () => {
  it("promises, and events by for await", async () => {
    const some = promises(consortium([seat("x", "fair"), seat("y", "good")]))
    assert.strictEqual((await some.ask("why?")).text, "good")
    const tags: Array<string> = []
    for await (const event of some.stream("why?")) tags.push(event._tag)
    assert.strictEqual(tags.at(-1), "Answered")
    const error: unknown = await promises(consortium([seat("x", " ")]))
      .ask("why?")
      .catch((it: unknown) => it)
    assert.deepInclude(error, { _tag: "ConsortiumError", why: "no-answer" })
    const stop = new AbortController()
    const slow = seat("x", "good", "1 minute")
    const asked = promises(consortium([slow])).ask("why?", { signal: stop.signal })
    stop.abort()
    assert.isTrue(
      await asked.then(
        () => false,
        () => true
      )
    )
    assert.strictEqual(slow.seen.cut, 1)
  })
})

describe("a conversation", () => {
  it.effect("keeps the chosen turns, and nothing of a question that failed", () =>
    Effect.gen(function* () {
      const echo = Fakes.chatModel("fake/echo", ({ messages }) => `${messages.length}`)
      const some = Consortium.make({
        members: [{ id: MemberId.make("e"), model: echo, samples: 1 }],
        judges: list(three)
      })
      const talk = Conversation.make(some, [message("system", "be brief")])
      assert.strictEqual((yield* talk.ask("one")).text, "2")
      assert.strictEqual((yield* talk.ask("two")).text, "4")
      yield* Effect.flip(talk.ask("three", { budget: { calls: 0 } }))
      assert.deepStrictEqual(
        talk.messages().map(({ role }) => role),
        ["system", "user", "assistant", "user", "assistant"]
      )
    })
  )
})

describe("a thousand questions at once", () => {
  it.effect("each has its answer in the time of one", () =>
    Effect.gen(function* () {
      const some = consortium([seat("x", "fair", "10 seconds"), seat("y", "good", "10 seconds")], {
        stack: {},
        judges: list([{ judge: judgeOf("a", ["good"], "10 seconds") }])
      })
      const all = Effect.forEach(
        Array.from({ length: 1000 }, (_, i) => `question ${i}`),
        (text) => some.ask(text),
        {
          concurrency: "unbounded"
        }
      )
      const answers = yield* inTime(all, "3 hours")
      assert.isTrue(answers.every(({ value }) => value === "good"))
    })
  )
})

describe("tools", () => {
  const tool = { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } }
  const calling = (id: string, city: string | undefined) => {
    const asked: Array<ChatModel.ChatRequest> = []
    const model = ChatModel.make({
      ref: `fake/${id}`,
      complete: (request) =>
        Effect.sync(() => {
          asked.push(request)
          return city === undefined
            ? Fakes.completion("It is fine, I guess.")
            : {
                ...Fakes.completion(""),
                parts: [
                  { _tag: "ToolCall" as const, id: `call-${id}`, name: "weather", arguments: `{"city":"${city}"}` }
                ]
              }
        })
    })
    return { asked, member: { id: MemberId.make(id), model, samples: 1 } }
  }

  it.effect(
    "are offered, judges compare what would be called, and the winner's calls come back for the next turn",
    () =>
      Effect.gen(function* () {
        const [x, y, z] = [calling("x", "Paris"), calling("y", "Texas"), calling("z", undefined)]
        const judge = judgeOf("one", ['[calls weather with {"city":"Paris"}]', "It is fine, I guess."])
        const made = Consortium.make({
          members: [x.member, y.member, z.member],
          judges: [{ judge }],
          tools: [tool],
          toolChoice: "auto"
        })
        const talk = Conversation.make(made)
        const answer = yield* inTime(talk.ask("How is the weather in Paris?"))
        assert.strictEqual(answer.by, "x")
        assert.deepStrictEqual(answer.toolCalls, [
          { _tag: "ToolCall", id: "call-x", name: "weather", arguments: '{"city":"Paris"}' }
        ])
        for (const { asked } of [x, y, z]) assert.deepInclude(asked[0], { tools: [tool], toolChoice: "auto" })
        const vote = { mode: "vote", enough: 4 } as const
        const voted = yield* inTime(
          Consortium.make({
            members: [y.member, calling("x1", "Paris").member, calling("x2", "Paris").member, z.member],
            judges: [{ judge }],
            tools: [tool]
          }).ask("How is the weather in Paris?", vote)
        )
        assert.deepInclude(voted, { by: MemberId.make("x1"), agreement: { first: 2, of: 4 } })
        yield* inTime(talk.ask({ role: "tool", parts: [{ _tag: "ToolResult", id: "call-x", text: "sunny" }] }))
        assert.deepStrictEqual(
          x.asked[1]?.messages.map(({ role }) => role),
          ["user", "assistant", "tool"]
        )
      })
  )
})

describe("who misbehaves", () => {
  const talker = (id: string, completion: Partial<ReturnType<typeof Fakes.completion>>) => ({
    id: MemberId.make(id),
    samples: 1,
    model: ChatModel.make({
      ref: `fake/${id}`,
      complete: () => Effect.succeed({ ...Fakes.completion("good"), ...completion })
    })
  })

  it.effect(
    "lies about usage, streams forever, repeats itself, answers elsewhere or not at all: the answer still comes, and says so",
    () =>
      Effect.gen(function* () {
        const endless: Member = {
          id: MemberId.make("endless"),
          samples: 1,
          model: ChatModel.make({
            ref: "fake/endless",
            complete: () => Effect.never,
            stream: () => Stream.tick("10 millis").pipe(Stream.map(() => ({ _tag: "Text", delta: "and " }) as const))
          })
        }
        const made = Consortium.make({
          members: [
            talker("liar", { usage: { inputTokens: 1e15, outputTokens: -5 } }),
            endless,
            talker("repeats", { parts: [{ _tag: "Text", text: "again ".repeat(50_000) }] }),
            talker("elsewhere", { parts: [{ _tag: "Text", text: "Ganz anders, und nicht auf Englisch." }] }),
            talker("empty", { parts: [] })
          ],
          judges: [{ judge: judgeOf("one", ["good"]) }],
          checks: [fromText("english", (text) => !/\b(?:und|nicht)\b/.test(text))],
          deadline: "30 seconds",
          enough: 5
        })
        const answer = yield* inTime(made.ask("why?"))
        assert.strictEqual(answer.value, "good")
        const states = new Map(answer.asked.map(({ id, state, why }) => [String(id), [state, why ?? ""] as const]))
        assert.strictEqual(states.get("endless")?.[0], "late")
        assert.deepStrictEqual(states.get("elsewhere"), ["refused", "english: did not pass english"])
        assert.strictEqual(states.get("empty")?.[0], "refused")
        assert.strictEqual(states.get("repeats")?.[0], "answered")
        assert.include(trace(answer), "member endless: late")
        const events = yield* inTime(Stream.runCollect(made.stream("why?")))
        assert.strictEqual(events.at(-1)?._tag, "Answered")
      })
  )

  it.effect("a judge that nobody waits for has its price too", () =>
    Effect.gen(function* () {
      const slow: Judge = {
        id: JudgeId.make("slow"),
        judge: () => Effect.andThen(tell({ _tag: "Cost", usd: 0.25, estimated: true }), Effect.never)
      }
      const quick = ["a", "b", "c"].map((id) => ({ judge: judgeOf(id, ["good", "fair"]) }))
      const answer = yield* inTime(
        consortium([seat("x", "fair"), seat("y", "good")], { judges: list([{ judge: slow }, ...quick]) }).ask("why?")
      )
      const late = answer.asked.find(({ id }) => id === "slow")
      assert.deepInclude(late, { state: "late", usd: 0.25 })
      assert.include(trace(answer), "at most $0.2500")
    })
  )
})
