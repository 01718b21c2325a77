import { assert, describe, it } from "@effect/vitest"
import * as ErrorWords from "../src/ErrorWords.js"

describe("ErrorWords", () => {
  it("reads the shapes that error bodies come in", () => {
    const shapes: ReadonlyArray<readonly [unknown, ErrorWords.ErrorWords | undefined]> = [
      [{ error: { message: "m", type: "t", param: null, code: "c" } }, { message: "m", type: "t", code: "c" }],
      [
        { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "r" },
        { message: "Overloaded", type: "overloaded_error" }
      ],
      [[{ error: { code: 404, message: "m", status: "NOT_FOUND" } }], { message: "m", code: "404", status: 404 }],
      [
        {
          error: { code: 429, message: "Provider returned error", metadata: { raw: "slow down", provider_name: "p" } }
        },
        { message: "Provider returned error: slow down", code: "429", status: 429 }
      ],
      [
        { object: "error", message: "m", type: "t", code: "3051", raw_status_code: 400 },
        { message: "m", type: "t", code: "3051", status: 400 }
      ],
      [{ message: { detail: [{ msg: "bad" }] } }, { message: '{"detail":[{"msg":"bad"}]}' }],
      [{ detail: "Invalid API Key" }, { message: "Invalid API Key" }],
      [{ detail: [{ loc: ["body"], msg: "bad" }] }, { message: '[{"loc":["body"],"msg":"bad"}]' }],
      [
        { code: "invalid-argument", error: "Incorrect API key" },
        { message: "Incorrect API key", code: "invalid-argument" }
      ],
      [
        { error: "words", error_type: "overloaded" },
        { message: "words", type: "overloaded" }
      ],
      [{ id: "1", message: "m" }, { message: "m" }],
      [{ error: {} }, { message: "{}" }],
      [{ ok: true }, undefined],
      ["text", undefined],
      [null, undefined]
    ]
    for (const [body, words] of shapes) assert.deepStrictEqual(ErrorWords.read(body), words)
  })

  it("tells an error in a good answer from an empty field", () => {
    for (const body of [{ error: "x" }, { error: { message: "x" } }]) assert.isTrue(ErrorWords.isError(body))
    for (const body of [{ error: null }, { error: "" }, { error: {} }, { message: "x" }, [], "error", 7]) {
      assert.isFalse(ErrorWords.isError(body))
    }
  })
})
