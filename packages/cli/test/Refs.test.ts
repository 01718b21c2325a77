import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { onlyWire, parse } from "../src/Refs.js"

const known = ["openrouter", "ollama"]
const read = (text: string) => Result.getOrThrow(parse(text, known))
const refused = (result: Result.Result<unknown, { readonly message: string }>) =>
  Result.match(result, { onSuccess: () => "", onFailure: ({ message }) => message })

describe("names of models", () => {
  it("are parted at the first slash, and the vendor at its first point", () => {
    assert.deepStrictEqual(read("openrouter/openai/gpt-5"), {
      vendor: "openrouter",
      wire: undefined,
      model: "openai/gpt-5"
    })
    assert.deepStrictEqual(read("ollama.chat/llama3:8b"), { vendor: "ollama", wire: "chat", model: "llama3:8b" })
  })

  it("are refused with the nearest vendor, or with their form", () => {
    assert.match(refused(parse("olama/x", known)), /no vendor olama; did you mean ollama\? known: ollama, openrouter/)
    for (const text of ["x", "/x", "x/", ""]) assert.match(refused(parse(text, known)), /not of the form vendor\/model/)
  })

  it("name a wire that the vendor speaks", () => {
    const text = "ollama.messages/x"
    assert.match(refused(onlyWire(text, read(text), ["chat"])), /ollama has no wire messages; it has: chat/)
    assert.isTrue(Result.isSuccess(onlyWire("ollama.chat/x", read("ollama.chat/x"), ["chat"])))
  })
})
