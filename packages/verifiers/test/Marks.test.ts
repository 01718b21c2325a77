import { language, refused, truncated } from "@consortium/verifiers/Marks"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { ask, prompt } from "./rules.js"

const question = prompt("Why does the sea look blue on a clear day, and green on others?")

describe("an answer that was refused", () => {
  it.effect.each([
    "I'm sorry, but I can't help with that request.",
    "I cannot provide instructions for this.",
    "I’m unable to assist with that.",
    "Unfortunately, I won't write that text for you.",
    "As an AI language model, I cannot discuss this topic.",
    "Es tut mir leid, aber dabei kann ich Ihnen nicht helfen.",
    "Désolé, je ne peux pas répondre à cette demande.",
    "Lo siento, pero no puedo ayudar con eso."
  ])("is known by its beginning: %s", (text) =>
    Effect.gen(function* () {
      assert.isFalse((yield* ask(refused, text, question)).passed, text)
    })
  )

  it.effect.each([
    "I can't help but admire the colours of the sea.",
    "I cannot overstate how much the sky matters here.",
    "Sorry is what the captain said when the ship ran aground.",
    "You can't provide power to both at once: water absorbs the red.",
    `I'm sorry, I can't answer with certainty, but here is what is known. ${"Water absorbs red light first. ".repeat(30)}`,
    "Leider ist das Meer nicht immer blau."
  ])("is not any text with such words: %s", (text) =>
    Effect.gen(function* () {
      assert.isTrue((yield* ask(refused, text, question)).passed, text)
    })
  )

  it.effect("or cut off is known by what the vendor says of its end", () =>
    Effect.gen(function* () {
      assert.isFalse((yield* ask(refused, "The sea", question, "content-filter")).passed)
      assert.isFalse((yield* ask(truncated, "The sea is", question, "length")).passed)
      assert.isTrue((yield* ask(truncated, "The sea is blue.", question)).passed)
    })
  )
})

describe("an answer in another language", () => {
  const german =
    "Das Meer erscheint blau, weil das Wasser die roten Anteile des Sonnenlichts viel stärker verschluckt als die blauen."
  const english =
    "The sea looks blue since water swallows the red parts of sunlight much more strongly than the blue ones."
  const code = "```js\nconst sea = blue(light)\nconst green = algae(sea)\nreturn green ? sea : light\n```"

  it.effect("fails, unless the question names the language, or there is too little to tell", () =>
    Effect.gen(function* () {
      const rule = yield* language
      const says = (text: string, asked = question) => Effect.map(ask(rule, text, asked), ({ passed }) => passed)
      assert.isTrue(yield* says(english))
      assert.isFalse(yield* says(german))
      assert.isTrue(yield* says(german, prompt("Why does the sea look blue on a clear day? Please answer in German.")))
      assert.isTrue(
        yield* says(german, prompt("Warum sieht das Meer an klaren Tagen so blau aus, und an anderen grün?"))
      )
      assert.isTrue(
        yield* says(english, prompt("Übersetze diesen Satz bitte ins Englische: Das Meer ist heute sehr blau."))
      )
      assert.isTrue(yield* says("Blau."))
      assert.isTrue(yield* says(code))
      assert.isTrue(yield* says(`${english}\n\n> "${german}"`))
      const { note } = yield* ask(rule, german, question)
      assert.strictEqual(note, "asked in en, answered in de")
    })
  )
})
