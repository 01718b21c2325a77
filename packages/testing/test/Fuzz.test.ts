import * as ChatModel from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import { Seed } from "@consortium/core/Seed"
import type { Address, Spelling } from "@consortium/testing/ChatModelContract"
import * as Fakes from "@consortium/testing/Fakes"
import * as Fuzz from "@consortium/testing/Fuzz"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

const spelling: Spelling = {
  whole: (said) => JSON.stringify({ text: said.text, calls: [said.finish] }),
  streamed: (said) => `data: ${JSON.stringify({ text: said.text })}\n\ndata: {"end":1}\n\n`,
  error: (error) => JSON.stringify({ error }),
  brokenStream: (text) => text,
  cutStream: (text) => text,
  read: () => ({ model: undefined, text: undefined, key: undefined })
}

/** A client that fetches and makes of the answer what it likes. */
const client = (read: (body: string) => Effect.Effect<string, ModelError>) => ({
  spelling,
  make: ({ url }: Address) =>
    Effect.succeed(
      ChatModel.make<ModelError>({
        ref: "fake/client",
        complete: () =>
          Effect.promise(() => fetch(url, { method: "POST" }).then((answer) => answer.text())).pipe(
            Effect.flatMap(read),
            Effect.map((text) => Fakes.completion(text))
          )
      })
    )
})

const outcomes = (read: (body: string) => Effect.Effect<string, ModelError>) =>
  Effect.forEach(Fuzz.cases(client(read), { mutants: 5, withinMillis: 100 }), ({ run }) =>
    Effect.exit(Effect.scoped(run))
  )

describe("Fuzz", () => {
  it("makes the same mutants by the same seed, others by another, and breaks the body", () => {
    const body = spelling.whole({ text: "Blue – 蓝", finish: "stop", inputTokens: 1, outputTokens: 1 })
    for (const kind of Fuzz.kinds) {
      const bodies = (seed: number) => Fuzz.mutants(body, kind, Seed.make(seed), 20).map((one) => Buffer.from(one.body))
      assert.deepStrictEqual(bodies(1), bodies(1))
      assert.notDeepEqual(bodies(1), bodies(2))
      assert.isTrue(bodies(1).some((one) => one.toString("utf8") !== body))
    }
  })

  it.live("lets a client pass that answers or fails as it should", () =>
    Effect.gen(function* () {
      const good = yield* outcomes((body) =>
        body.startsWith("{") ? Effect.succeed(body) : Effect.fail(Fakes.modelError())
      )
      assert.isAbove(good.length, 20)
      assert.isTrue(good.every(Exit.isSuccess))
    })
  )

  it.live("blames a client that dies of what it reads, and says over which bytes", () =>
    Effect.gen(function* () {
      const exits = yield* outcomes((body) => Effect.sync(() => String(JSON.parse(body))))
      const died = exits.flatMap((exit) => (Exit.isFailure(exit) ? [Cause.pretty(exit.cause)] : []))
      assert.isNotEmpty(died)
      assert.isTrue(died.every((words) => words.includes("the body: ")))
    })
  )

  it.live("blames a client that never ends", () =>
    Effect.gen(function* () {
      const [first] = Fuzz.cases(
        client(() => Effect.never),
        { mutants: 1, withinMillis: 50 }
      )
      const exit = yield* Effect.exit(Effect.scoped(first?.run ?? Effect.void))
      assert.isTrue(Exit.isFailure(exit))
    })
  )
})
