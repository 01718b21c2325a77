import { assert, describe, it } from "@effect/vitest"
import * as Persona from "../src/Persona.js"

describe("Persona", () => {
  it("has names that tell, and draws any other from its letters", () => {
    assert.isAtLeast(Persona.named.length, 8)
    for (const persona of Persona.named) assert.strictEqual(Persona.of(persona.name), persona)
    assert.deepStrictEqual(Persona.of("a"), Persona.of("a"))
    assert.notStrictEqual(Persona.of("a").quality, Persona.of("b").quality)
    for (const name of "abcdefghijklmnopqrstuvwxyz") {
      const { quality, failure, limits } = Persona.of(name)
      assert.isTrue(quality >= 0.3 && quality <= 0.9)
      assert.deepStrictEqual([failure, limits], [{}, {}])
    }
  })

  it("fills in what is not said", () => {
    const persona = Persona.make({ name: "x", latency: { medianMillis: 5 }, judging: { reads: 1 } })
    assert.deepStrictEqual(persona.latency, { medianMillis: 5, sigma: 0.35, firstTokenShare: 0.3 })
    assert.strictEqual(persona.judging.noise, 0.06)
  })
})
