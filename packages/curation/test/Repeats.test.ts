import * as HeldOut from "@consortium/curation/HeldOut"
import * as MinHash from "@consortium/curation/MinHash"
import { jaccard, normalised, shinglesOf, similarity } from "@consortium/curation/Shingles"
import { assert, describe, it } from "@effect/vitest"

describe("likeness", () => {
  it("is Jaccard's index of five-character pieces of letters and digits", () => {
    assert.strictEqual(jaccard(Int32Array.of(-1, 2, 3), Int32Array.of(2, 3, 4)), 0.5)
    assert.strictEqual(jaccard(Int32Array.of(), Int32Array.of()), 1)
    assert.strictEqual(normalised("  Ｈello,\n WORLD! "), "hello world")
    // " abcd " has the pieces " abcd" and "abcd ".
    assert.strictEqual(shinglesOf("abcd").length, 2)
    assert.strictEqual(similarity("abcd", "ABCD!"), 1)
    assert.strictEqual(similarity("abcd", "wxyz"), 0)
    assert.strictEqual(similarity("", "?"), 1)
    assert.closeTo(similarity("Explain how tides work.", "Explain how the tides work."), 0.72, 0.05)
  })
})

describe("MinHash", () => {
  const words = "river stone market signal winter orchard engine paper coast lantern theory garden ledger copper".split(
    " "
  )
  /** Words drawn by a small congruential generator. */
  const text = (seed: number, length = 30): string => {
    let state = seed * 2654435761
    return Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return words[(state >>> 16) % words.length]
    }).join(" ")
  }

  it("finds what the index calls alike, and calls nothing alike that is not", () => {
    const threshold = 0.7
    const index = MinHash.make({ threshold })
    const kept: Array<string> = []
    let alike = 0
    for (let at = 0; at < 400; at++) {
      const one = at % 3 === 0 && kept.length > 0 ? `${kept[at % kept.length]} number ${at}` : `${text(at)} ${at}`
      const found = index.add(one)
      if (found === undefined) {
        kept.push(one)
        continue
      }
      alike++
      assert.closeTo(similarity(one, kept[found.row] ?? ""), found.similarity, 1e-12)
      assert.isAtLeast(found.similarity, threshold)
      const best = Math.max(...kept.map((other) => similarity(one, other)))
      assert.strictEqual(found.similarity, best)
    }
    assert.isAbove(alike, 100)
    assert.isAbove(kept.length, 100)
  })

  it("estimates the index by the share of equal hashes", () => {
    const [a, b] = [
      "Explain in detail how ocean tides work and why.",
      "Explain in detail how ocean tides work, and when."
    ]
    const [first, second] = [shinglesOf(normalised(a)), shinglesOf(normalised(b))]
    const [x, y] = [MinHash.signature(first), MinHash.signature(second)]
    const equal = x.filter((value, at) => value === y[at]).length / x.length
    assert.closeTo(equal, jaccard(first, second), 0.12)
  })

  it("grows past its first tables", () => {
    const index = MinHash.make({ threshold: 0.9 })
    for (let at = 0; at < 3000; at++) assert.isUndefined(index.add(`${at * 7919} ${at ** 3} ${at}`), String(at))
    assert.strictEqual(index.add(`${1500 * 7919} ${1500 ** 3} 1500`)?.row, 1500)
  })
})

describe("what is held out", () => {
  const question = "Which river is the longest in the whole of Africa, and how long is it in kilometres?"
  const held = (options: HeldOut.Options = {}) => {
    const made = HeldOut.make(options)
    made.hold({ where: "eval:1", text: question })
    made.hold({ where: "eval:2", text: "Short one." })
    made.hold({ where: "eval:3", text: "?!" })
    made.hold({ where: "eval:4", text: "非洲最长的河流是哪一条它有多长请用公里回答我的问题" })
    return made
  }

  it("is found whole, whatever its case and signs, and inside of another text", () => {
    assert.deepStrictEqual(held().check(question.toUpperCase()), { where: "eval:1", how: "exact", share: 1 })
    assert.deepStrictEqual(held().check(`Answer this! ${question} Be quick.`), {
      where: "eval:1",
      how: "n-gram",
      share: 1
    })
    assert.deepStrictEqual(held().check("short ONE"), { where: "eval:2", how: "exact", share: 1 })
  })

  it("is found by as large a part as is asked for", () => {
    const half = "Which river is the longest in the whole of Europe, and how deep is it?"
    assert.isUndefined(held().check(half))
    assert.closeTo(held({ share: 0.1 }).check(half)?.share ?? 0, 0.2, 0.1)
    assert.strictEqual(held({ words: 3, share: 0.2 }).check(half)?.how, "n-gram")
  })

  it("is found where no blanks part the words", () => {
    assert.strictEqual(held().check("请问：非洲最长的河流是哪一条它有多长请用公里回答我的问题谢谢")?.where, "eval:4")
  })

  it("is not found in what has other words", () => {
    for (const text of ["", "?", "A short one.", "How do tides work, and why are there two each day?"]) {
      assert.isUndefined(held().check(text), text)
    }
  })
})
