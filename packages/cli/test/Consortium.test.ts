import { open, openModels } from "@consortium/cli/Consortium"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import { record } from "@consortium/core/Receipt"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

const request = { messages: [message("user", "Why?")], maxTokens: 16 } as const

describe("values by names, for programs of other libraries", () => {
  it("a consortium has names and models as they are among its members and judges, and is one model", async () => {
    const short = Fakes.chatModel("fake/short", () => "Yes.")
    await using consortium = await open({
      members: ["simulated/brisk", short, Effect.succeed(Fakes.chatModel("fake/other", () => "No."))],
      judges: ["simulated/careful", Fakes.chatModel("fake/judge", () => "rubbish")]
    })
    const answer = await consortium.ask("Why?")
    const members = answer.asked.filter(({ role }) => role === "member").map(({ id }) => `${id}`)
    assert.deepStrictEqual(members.sort(), ["fake/other", "fake/short", "simulated/brisk"])
    const [outcome, receipt] = await Effect.runPromise(record(consortium.model.complete)(request))
    const completion = await Effect.runPromise(Effect.fromResult(outcome))
    assert.notStrictEqual(Completion.text(completion), "")
    assert.strictEqual(receipt.events[0]?._tag, "Note")
    assert.strictEqual(short.asked.at(-1)?.maxTokens, 16)
  })

  it("models come with the default middleware", async () => {
    await using opened = await openModels("simulated/scholar")
    const [outcome, receipt] = await Effect.runPromise(record(opened.models["simulated/scholar"].complete)(request))
    assert.strictEqual(outcome._tag, "Success")
    assert.strictEqual(receipt.attempts, 1)
    assert.isNumber(receipt.usd)
  })

  it("a name that nobody knows is refused", async () => {
    const failed = openModels("openrouter" as "openrouter/x").then(
      () => undefined,
      (error: unknown) => error
    )
    assert.match(String(await failed), /openrouter/)
  })
})
