import * as ChatModel from "@consortium/core/ChatModel"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import * as Exchanges from "@consortium/testing/Exchanges"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

const spelling: ChatModelContract.Spelling = {
  whole: (said) => said.text,
  streamed: (said) => said.text,
  error: () => "error",
  brokenStream: (text) => text,
  cutStream: (text) => text,
  read: () => ({ model: undefined, text: undefined, key: undefined })
}

describe("the contract of chat models", () => {
  it.live("refuses a model that never calls anybody", () =>
    Effect.gen(function* () {
      const make = () => Effect.succeed(ChatModel.make(Fakes.chatModel("fake/model", () => "the same every time")))
      const cases = ChatModelContract.cases({ make, spelling })
      assert.isAbove(cases.length, 20)
      assert.strictEqual(new Set(cases.map((one) => one.name)).size, cases.length)
      for (const { name, run } of cases) {
        const exit = yield* Effect.exit(Effect.timeout(run, "200 millis"))
        assert.isTrue(Exit.isFailure(exit), `${name} let it pass`)
      }
    })
  )
})

describe("the player", () => {
  it.live("answers from its list, in order and by what was asked, and keeps the requests", () =>
    Effect.gen(function* () {
      const player = yield* Exchanges.serve([
        { when: (asked) => asked.path === "/second", body: "2" },
        { status: 429, headers: { "retry-after": "1" }, body: "1" }
      ])
      const ask = (path: string) =>
        Effect.promise(() =>
          fetch(`${player.url}${path}`, { method: "POST", body: path }).then((it) => [
            it.status,
            it.headers.get("retry-after")
          ])
        )
      assert.deepStrictEqual(yield* ask("/first"), [429, "1"])
      assert.deepStrictEqual(yield* ask("/second"), [200, null])
      assert.deepStrictEqual(
        player.asked.map((asked) => [asked.method, asked.path, asked.body]),
        [
          ["POST", "/first", "/first"],
          ["POST", "/second", "/second"]
        ]
      )
    })
  )

  it.live("breaks and hangs as it is told", () =>
    Effect.gen(function* () {
      const player = yield* Exchanges.serve([{ body: "half", end: "reset" }, { end: "silent" }])
      const text = Effect.tryPromise(() => fetch(player.url).then((answer) => answer.text()))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(text)))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Effect.timeout(text, "100 millis"))))
    })
  )
})
