import { assert, describe, it } from "@effect/vitest"
import { pointsOf, qualityOf } from "../src/Quality.js"

const prompt = "Explain why bridges over wide rivers are built with several arches instead of one."

describe("Quality", () => {
  it("has 12 right and 8 wrong points, none of them twice, for any prompt", () => {
    for (const text of [prompt, "a", "", "?!", "多语言的提示", prompt.repeat(50)]) {
      const { right, wrong } = pointsOf(text)
      const phrases = [...right, ...wrong].map((point) => point.phrase)
      assert.deepStrictEqual([right.length, wrong.length, new Set(phrases).size], [12, 8, 20])
    }
  })

  it("rises with right points and falls with wrong ones, whatever the layout", () => {
    const { right, wrong } = pointsOf(prompt)
    const say = (points: ReadonlyArray<{ readonly phrase: string }>) =>
      points.map((point) => `- The ${point.phrase.toUpperCase().replace(" ", "\n")}.`).join("\n")
    assert.strictEqual(qualityOf(prompt, say(right)), 1)
    assert.strictEqual(qualityOf(prompt, say(right.slice(0, 6))), 0.5)
    assert.strictEqual(qualityOf(prompt, say([...right, ...wrong])), 0.5)
    assert.strictEqual(qualityOf(prompt, say(wrong)), 0)
    assert.strictEqual(qualityOf(prompt, ""), 0)
  })

  it("does not mind role names, layout or a cut end", () => {
    const { right } = pointsOf(prompt)
    const text = right.map((point) => point.phrase).join(". ")
    assert.strictEqual(qualityOf(`[user]\n  ${prompt.toUpperCase()}`, text), 1)
    assert.isAbove(qualityOf(prompt.slice(0, -12), text), 0.6)
    assert.isBelow(qualityOf("How do I bake bread at home?", text), 0.2)
  })
})
