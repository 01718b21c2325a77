import * as DatasetCard from "@consortium/formats/DatasetCard"
import { decodeLine } from "@consortium/formats/Ranked"
import * as RankedFile from "@consortium/formats/RankedFile"
import { termsOf } from "@consortium/formats/SourceTerms"
import { splitOf } from "@consortium/formats/Split"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { gzipSync } from "node:zlib"
import { ranked } from "./ranked.js"

describe("a file of ranked prompts", () => {
  const reading = Effect.fnUntraced(
    function* (name: string, content: Uint8Array | string) {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/${name}`
      yield* files.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content)
      return yield* Stream.runCollect(RankedFile.read(path))
    },
    Effect.scoped,
    Effect.provide(NodeFileSystem.layer)
  )

  it.effect("is read row by row, packed or plain, with fields that are not ours left alone", () =>
    Effect.gen(function* () {
      const line = `${JSON.stringify({ ...ranked(), schema: "consortium.dataset/1", completion: "x" })}\n`
      for (const rows of [yield* reading("a.jsonl", line), yield* reading("a.jsonl.gz", gzipSync(line))]) {
        assert.deepStrictEqual(rows, [ranked()])
      }
    })
  )

  it.effect("names the line that is none", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(reading("a.jsonl", `${JSON.stringify(ranked())}\n{"id":"x"}\n`))
      assert.match(error.message, /a\.jsonl:2: it is no row of a dataset\.jsonl/)
      assert.isDefined(yield* Effect.flip(decodeLine("[]")))
    })
  )
})

describe("the split", () => {
  const prompts = Array.from({ length: 4000 }, (_, at) => `Question number ${at}`)
  const held = (validation: number, seed = 0) =>
    prompts.filter((prompt) => splitOf({ prompt }, { validation, seed }) === "validation")

  it("holds back about the share, and a larger share holds back the same and more", () => {
    const few = held(0.1)
    assert.closeTo(few.length, 400, 80)
    const more = new Set(held(0.3))
    assert.isTrue(few.every((prompt) => more.has(prompt)))
    assert.deepStrictEqual([held(0).length, held(1).length], [0, 4000])
    assert.notDeepEqual(held(0.1, 1), few)
  })

  it("goes by what is asked: neither ids, nor white space, nor the other prompts", () => {
    const options = { validation: 0.5 }
    for (const prompt of prompts.slice(0, 50)) {
      const split = splitOf({ prompt }, options)
      assert.strictEqual(
        splitOf(ranked({ id: "other", prompt: `  ${prompt.replaceAll(" ", " \n ")}` }), options),
        split
      )
      assert.strictEqual(splitOf({ prompt, messages: [{ role: "user", content: prompt }] }, options), split)
    }
  })
})

describe("the card", () => {
  const facts: DatasetCard.Facts = {
    prompts: 3,
    near: 1,
    configs: [
      { name: "dpo", left: { "low-margin": 2 }, parts: [{ split: "train", path: "dpo/train.jsonl", rows: 1200 }] },
      { name: "csv", left: {}, parts: [{ split: "train", path: "csv/train.csv", rows: 3 }] },
      { name: "kto", left: { "no-pair": 3 }, parts: [] }
    ],
    choice: { pairs: "all", minMargin: 0.1 },
    run: {}
  }

  it("says where files are, in the fields that loaders read, and one kind of file only", () => {
    const [, front = ""] = DatasetCard.render(facts).split("---\n")
    assert.include(front, "size_categories:\n- 1K<n<10K\n")
    assert.include(
      front,
      'configs:\n- config_name: dpo\n  default: true\n  data_files:\n  - split: train\n    path: "dpo/train.jsonl"\n'
    )
    assert.notInclude(front, "csv")
    assert.notInclude(front, "kto")
  })

  it("says what is unknown", () => {
    const text = DatasetCard.render(facts)
    assert.include(text, "How the prompts were selected is unknown.")
    assert.include(text, "Seed unknown, made with Consortium unknown.")
    assert.include(text, "Not made for dpo: 2 low-margin.")
  })

  it("says who answered under which terms, who judged how, and that a rehearsal is one", () => {
    const members = [
      { id: "a", model: "openrouter/openai/gpt-5", answered: 3, failed: 0, chosen: 2 },
      { id: "b|\n", model: "own/model", answered: 3, failed: 1, chosen: 1 }
    ]
    const judges = [{ id: "j", weight: 1.234, instability: 0.5, first: null, ownExcess: null, removed: false }]
    const selection = { stopped: "target", nextCosine: 0.1234, of: 99, space: "lexical" }
    const text = DatasetCard.render({ ...facts, run: { members, judges, selection, seed: 7, version: "1.2.3" } })
    assert.match(
      text,
      /\| a \| openrouter\/openai\/gpt-5 \| 3 \| 0 \| 2 \| OpenAI terms of use \| not for models that compete/
    )
    assert.match(text, /\| b {3}\| own\/model \| 3 \| 1 \| 1 \| unknown \| unknown \|/)
    assert.include(text, "| j | 1.23 | 0.50 | unknown | unknown | unknown | no |")
    assert.include(
      text,
      "selected from 99 by how unlike they are, in the space lexical (stopped: target, the next one's cosine was 0.123)"
    )
    assert.include(
      DatasetCard.render({ ...facts, run: { simulated: true } }),
      "**Simulated: nothing here was said by a real model.**"
    )
  })

  it("says what rates may be by chance, how well the chosen stand for all, and who wrote the answers", () => {
    const intervals = { first: [0.25, 0.8125], ownExcess: null, longer: [0.5, 0.75] } as const
    const judges = [{ id: "j", weight: 1, first: 0.5, ownExcess: -0.1, longer: 0.625, intervals, removed: true }]
    const measures = { radius: 0.5, meanNearest: 0.875, vendi: 12.345 }
    const coverage = { chosen: measures, random: { ...measures, vendi: 9 }, measured: 77 }
    const selection = { stopped: "target", nextCosine: null, of: 99, space: "s", coverage } as const
    const models = [
      { model: "gpt-5-2025-08-07", answers: 3, chosen: 2 },
      { model: "own", answers: 1, chosen: 1 }
    ]
    const card = (by: "fence" | "own" | "all") =>
      DatasetCard.render({ ...facts, models, run: { judges, selection: { ...selection, by } } })
    const text = card("fence")
    assert.include(text, "| j | 1.00 | unknown | 0.50 (0.25 to 0.81) | -0.10 | 0.63 (0.50 to 0.75) | yes |")
    assert.include(text, "| wholly different prompts they are worth (Vendi score) | 12.35 | 9.00 |")
    assert.include(text, "Measured on 77 prompts.")
    assert.include(text, "| gpt-5-2025-08-07 | 3 | 2 | OpenAI terms of use | not for models that compete")
    assert.include(text, "| own | 1 | 1 | unknown | unknown |")
    assert.include(card("own"), "from 99 by a rule of the program's own (stopped: target)")
    assert.include(card("all"), "No prompt was selected: all 99 were taken; 3 of them have a ranking.")
  })

  it("knows terms by the model's name, wherever it is served", () => {
    const licences = ["gpt-5", "openai/gpt-oss-20b", "groq/llama-3.3-70b", "x/claude-opus", "own/thing"].map(
      (model) => termsOf(model)?.licence
    )
    assert.deepStrictEqual(licences, [
      "OpenAI terms of use",
      "Apache-2.0",
      "Llama community licence",
      "Anthropic commercial terms",
      undefined
    ])
  })
})
