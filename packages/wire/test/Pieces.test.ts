import type { Completion } from "@consortium/core/Completion"
import { assert, describe, it } from "@effect/vitest"
import { Assembly } from "../src/Assembly.js"
import * as Marks from "../src/Marks.js"
import { Pieces } from "../src/Pieces.js"
import * as Tokens from "../src/Tokens.js"
import * as ToolArguments from "../src/ToolArguments.js"

const whole = (parts: Completion["parts"]): Completion => ({
  parts,
  finish: { kind: "stop", raw: null },
  usage: {},
  model: "m"
})

describe("an answer taken apart", () => {
  it("is not said twice where the whole spells it otherwise, and ends with its mark", () => {
    const pieces = new Pieces()
    pieces.add({ _tag: "Text", delta: " Blue. " })
    assert.deepStrictEqual(pieces.done(whole([{ _tag: "Text", text: "Blue.", signature: "s" }])), [
      { _tag: "End", kind: "Text", id: "text-0", part: { _tag: "Text", text: "Blue.", signature: "s" } }
    ])
  })

  it("says at the end what was never streamed", () => {
    const pieces = new Pieces()
    pieces.add({ _tag: "Text", delta: "Blue." })
    const hidden = { _tag: "Reasoning", text: "", signature: "s", redacted: true } as const
    const said = pieces.done(whole([hidden, { _tag: "Text", text: "Blue." }]))
    assert.deepStrictEqual(
      said.map((piece) => ("kind" in piece ? [piece._tag, piece.kind] : [piece._tag])),
      [
        ["Start", "Reasoning"],
        ["End", "Reasoning"],
        ["End", "Text"]
      ]
    )
  })

  it("holds a call back until its id and its name are there", () => {
    const pieces = new Pieces()
    assert.deepStrictEqual(pieces.add({ _tag: "ToolCall", index: 0, name: "look", delta: '{"at"' }), [])
    assert.deepStrictEqual(pieces.add({ _tag: "ToolCall", index: 0, id: "c", delta: ":1}" }), [
      { _tag: "CallStart", id: "c", name: "look" },
      { _tag: "CallDelta", id: "c", delta: '{"at":1}' }
    ])
  })
})

describe("an answer put together", () => {
  it("takes pieces that nobody began, ids that come again, and the last metadata", () => {
    const answer = new Assembly()
    answer.say("Text", "0", "Bl")
    answer.say("Text", "0", "ue.", { vendor: { item: "t" } })
    answer.begin("Text", "0")
    answer.say("Text", "0", "Yes.")
    answer.begin("Reasoning", "1")
    assert.deepStrictEqual(answer.parts, [
      { _tag: "Text", text: "Blue.", signature: '{"vendor":{"item":"t"}}' },
      { _tag: "Text", text: "Yes." }
    ])
  })

  it("believes the whole call more than its pieces, and tells only what is new", () => {
    const answer = new Assembly()
    assert.deepStrictEqual(answer.argue("c", "lost"), [])
    answer.call("c", "look")
    answer.argue("c", '{"at"')
    assert.deepStrictEqual(answer.call("c", "look", '{"at":1}'), [{ _tag: "ToolCall", index: 0, delta: ":1}" }])
    assert.deepStrictEqual(answer.call("c", "look", "{}"), [])
    assert.deepStrictEqual(answer.parts, [{ _tag: "ToolCall", id: "c", name: "look", arguments: "{}" }])
  })
})

describe("what travels along", () => {
  it("is ours as it was, and theirs for them alone", () => {
    const mark = { signature: "s", id: "r", redacted: true }
    assert.deepStrictEqual(Marks.read(Marks.written(mark)), mark)
    assert.deepStrictEqual(Marks.returned(Marks.read({ vendor: { item: "t" } })), { vendor: { item: "t" } })
    assert.deepStrictEqual(Marks.returned({ signature: "raw" }), { consortium: { signature: "raw" } })
    assert.deepStrictEqual([Marks.read({}), Marks.read(undefined), Marks.written({})], [{}, {}, undefined])
  })

  it("arguments that are no JSON, or a bare string, stay texts", () => {
    for (const text of ['{"half', '"bare"', "word"]) assert.strictEqual(ToolArguments.read(text), text)
    assert.deepStrictEqual(ToolArguments.read("[1]"), [1])
    assert.deepStrictEqual([ToolArguments.write({ a: 1 }), ToolArguments.write(undefined)], ['{"a":1}', "{}"])
  })

  it("totals that nobody stated are summed where the plain part is known, and only there", () => {
    const none = { total: undefined, text: undefined, reasoning: undefined }
    const input = { total: undefined, plain: 3, cacheRead: 2, cacheWrite: undefined }
    assert.deepStrictEqual(Tokens.read({ input, output: { ...none, reasoning: 1 } }, Number.NaN), {
      inputTokens: 5,
      cacheReadTokens: 2,
      reasoningTokens: 1
    })
    assert.deepStrictEqual(Tokens.write({ inputTokens: 5, cacheReadTokens: 2, outputTokens: 4 }), {
      input: { total: 5, plain: 3, cacheRead: 2, cacheWrite: undefined },
      output: { total: 4, text: 4, reasoning: undefined }
    })
  })
})
