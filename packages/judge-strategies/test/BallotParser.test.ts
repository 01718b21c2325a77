import type { Ballot } from "@consortium/core/Ballot"
import type { Sheet } from "@consortium/core/Blind"
import { Label, PromptId } from "@consortium/core/Ids"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import { message } from "@consortium/core/Prompt"
import * as Seed from "@consortium/core/Seed"
import { parse } from "@consortium/judge-strategies/BallotParser"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

const sheetOf = (labels: NonEmpty<string>): Sheet => ({
  promptId: PromptId.make("p"),
  task: [message("user", "Why?")],
  options: map(labels, (label) => ({ label: Label.make(label), text: `the answer ${label}` }))
})
const four = sheetOf(["A", "B", "C", "D"])

const answer = (fields: object) =>
  JSON.stringify({
    criteria: ["correct"],
    critiques: [
      { id: "A", text: "good" },
      { id: "D", text: "bad" }
    ],
    ranking: [["A"], ["B", "C"]],
    unacceptable: ["D"],
    confidence: 0.8,
    ...fields
  })

const valid = (text: string, sheet: Sheet = four): Ballot => {
  const ballot = parse(sheet, text)
  if (Result.isFailure(ballot)) throw ballot.failure
  return ballot.success
}
const said = (text: string) => {
  const { tiers, unranked, unacceptable } = valid(text)
  return [tiers.map((tier) => tier.join("")).join(">"), unranked.join(""), unacceptable.join("")]
}
const refused = (text: string): string => {
  const ballot = parse(four, text)
  return Result.isFailure(ballot) ? ballot.failure.message : `a ballot: ${JSON.stringify(ballot.success)}`
}

describe("BallotParser", () => {
  it("reads what was asked for without mending anything", () => {
    const ballot = valid(answer({}))
    assert.deepStrictEqual(said(answer({})), ["A>BC", "", "D"])
    assert.strictEqual(ballot.confidence, 0.8)
    assert.deepStrictEqual(
      [...ballot.reasons],
      [
        ["A", "good"],
        ["D", "bad"]
      ]
    )
    assert.deepStrictEqual(ballot.mended, [])
  })

  it.each([
    [
      "words and a code fence",
      `Let me see {not json}.\n\`\`\`json\n${answer({})}\n\`\`\`\nDone.`,
      ["A>BC", "", "D"],
      "words around the JSON"
    ],
    ["trailing commas", answer({}).replace("]]", "],]").replace("0.8}", "0.8,}"), ["A>BC", "", "D"], "trailing commas"],
    ["a flat ranking", answer({ ranking: ["A", "C", "B"] }), ["A>C>B", "", "D"], "a flat ranking"],
    ["a ranking in words", answer({ ranking: "A > B = C" }), ["A>BC", "", "D"], "the ranking as a string"],
    [
      "other spelling",
      answer({ ranking: [["candidate a"], [" b.", "(C)"]] }),
      ["A>BC", "", "D"],
      "the id A was written otherwise"
    ],
    ["unknown ids", answer({ ranking: [["A"], ["Z"], ["B", "C"]] }), ["A>BC", "", "D"], "unknown id dropped: Z"],
    [
      "repeated ids",
      answer({ ranking: [["A"], ["B"], ["A", "C"]] }),
      ["A>B>C", "", "D"],
      "A stands more than once: the first counts"
    ],
    ["missing ids", answer({ ranking: [["B"]] }), ["B", "AC", "D"], "left out: A, C"],
    [
      "ranked and unacceptable",
      answer({ ranking: [["A"], ["B"], ["C"], ["D"]] }),
      ["A>B>C", "", "D"],
      "D is ranked and unacceptable: taken as unacceptable"
    ],
    ["field names", answer({}).replace('"ranking"', '"Ranking"'), ["A>BC", "", "D"], "field names"],
    ["an inner object", `{"result": ${answer({})}}`, ["A>BC", "", "D"], "words around the JSON"]
  ])("mends %s and says so", (_, text, expected, note) => {
    assert.deepStrictEqual(said(text), expected)
    assert.include(valid(text).mended, note)
  })

  it.each([
    ["no JSON", "A is best, then B", "no JSON object with a ranking"],
    ["JSON that was cut off", answer({}).slice(0, -30), "no JSON object with a ranking"],
    ["a ranking that is none", answer({ ranking: 7 }), "no list of groups"],
    ["a comparison that says no order", answer({ ranking: "A >= B >= C" }), "no list of groups"],
    ["too few ids", answer({ ranking: [["A"]], unacceptable: [] }), "fewer than half are ranked; missing B, C, D"],
    ["only unknown ids", answer({ ranking: [["X"], ["Y"]], unacceptable: [] }), "fewer than half"],
    ["a contradiction", answer({ ranking: [["D"], ["A"], ["B"], ["C"]] }), "ranked above"]
  ])("refuses %s rather than guess", (_, text, part) => {
    assert.include(refused(text), part)
  })

  it.each([
    [1, 1, 0],
    ["0.4", 0.4, 1],
    [85, 0.85, 1],
    ["85%", 0.85, 1],
    [7, undefined, 1],
    [-1, undefined, 1],
    ["high", undefined, 1],
    [null, undefined, 0]
  ])("reads a confidence of %j as %j", (confidence, expected, notes) => {
    const ballot = valid(answer({ confidence }))
    assert.strictEqual(ballot.confidence, expected)
    assert.strictEqual(ballot.mended.length, notes)
  })

  it("does not guess between labels that differ in case only", () => {
    const sheet = sheetOf(["a", "A", "b"])
    const ballot = valid(JSON.stringify({ ranking: [["A"], ["a"], ["(a)"], ["B"]] }), sheet)
    assert.deepStrictEqual(ballot.tiers, [[Label.make("A")], [Label.make("a")], [Label.make("b")]])
    assert.include(ballot.mended, "unknown id dropped: (a)")
  })

  it("is quick with a text of nothing but braces", () => {
    assert.include(refused("{".repeat(200_000)), "no JSON object")
  })

  // Each mutation damages a valid answer in a way that models do.
  const mutations: ReadonlyArray<(text: string, draw: () => number) => string> = [
    (text, draw) => text.slice(0, Math.floor(draw() * text.length)),
    (text, draw) => text.slice(Math.floor(draw() * text.length)),
    (text, draw) => {
      const at = Math.floor(draw() * text.length)
      return text.slice(0, at) + text.slice(at + 1 + Math.floor(draw() * 4))
    },
    (text, draw) => {
      const at = Math.floor(draw() * text.length)
      const noise = ['"', "{", "}", "[", "]", ",", "\\", "\n", ">", "=", "A", "Z", "null", "\u0000", "💥"]
      return text.slice(0, at) + noise[Math.floor(draw() * noise.length)] + text.slice(at)
    },
    (text) => `Here is my verdict:\n\`\`\`json\n${text}\n\`\`\`\nHope this helps {sic}!`,
    (text) => text.replaceAll('"', "'"),
    (text) => text.toLowerCase(),
    (text) => text.replaceAll("]", ",]"),
    (text, draw) => text.replaceAll("A", "ABCDZ"[Math.floor(draw() * 5)] ?? "A"),
    (text) => text + text,
    (text) => text.replace('"ranking":[[', '"ranking":["').replace("]]", '"]'),
    (text) => text.replace(/"ranking":\[.*?\]\]/, '"ranking":"A > B = C > D"'),
    (text) => text.replace(/"confidence":[\d.]+/, '"confidence":"92%"')
  ]

  it("gives 100,000 mangled answers a partition of the sheet, or refuses them", () => {
    let ballots = 0
    let refusals = 0
    for (let round = 0; round < 100_000; round++) {
      const seed = Seed.Seed.make(round)
      const draw = Seed.draws(seed, "mangle")
      const ids = Seed.shuffle(["A", "B", "C", "D"], seed, "ids")
      const cut = 1 + Math.floor(draw() * 3)
      let text = answer({ ranking: [ids.slice(0, cut), ids.slice(cut)], unacceptable: [] })
      for (let times = 1 + Math.floor(draw() * 3); times > 0; times--) {
        text = mutations[Math.floor(draw() * mutations.length)]?.(text, draw) ?? text
      }
      const result = parse(four, text)
      if (Result.isFailure(result)) {
        assert.strictEqual(result.failure._tag, "InvalidBallot")
        refusals++
        continue
      }
      ballots++
      const { tiers, unranked, unacceptable, confidence } = result.success
      assert.deepStrictEqual([...tiers.flat(), ...unranked, ...unacceptable].sort(), ["A", "B", "C", "D"], text)
      assert.isTrue(unranked.length <= 2, text)
      assert.isTrue(confidence === undefined || (confidence >= 0 && confidence <= 1), text)
    }
    // Both happen, or the mutations prove nothing.
    assert.isAbove(ballots, 20_000)
    assert.isAbove(refusals, 10_000)
  })
})
