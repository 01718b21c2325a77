import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Ranked } from "@consortium/formats/Ranked"
import type { DatasetRow } from "@consortium/pipeline/DatasetFile"
import { type ExportOptions, exportDatasetPromise } from "@consortium/pipeline/ExportDataset"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"

const row = (at: number, texts: ReadonlyArray<string>): Ranked => ({
  id: `p${at}`,
  prompt: `Question ${at}?`,
  chosen: { candidate: "a" },
  pBest: { value: 0.6 },
  agreement: { first: 2, of: 3 },
  judged: true,
  ranking: texts.map((_, place) => ({
    candidates: [String.fromCharCode(97 + place)],
    score: 1 - place / texts.length,
    pBest: 0.5,
    acceptable: true
  })),
  judges: [{ judge: "j", order: texts.map((_, place) => [String.fromCharCode(97 + place)]) }],
  candidates: texts.map((text, place) => ({ id: String.fromCharCode(97 + place), member: "m", text })),
  seed: 0,
  version: "0.0.0",
  simulated: true
})

const run = (rows: ReadonlyArray<Ranked>): string => {
  const folder = mkdtempSync(join(tmpdir(), "consortium-"))
  writeFileSync(join(folder, "dataset.jsonl"), rows.map((one) => `${JSON.stringify(one)}\n`).join(""))
  return folder
}
const many = Array.from({ length: 200 }, (_, at) =>
  row(at, [`The answer to ${at} is long.`, "No idea about that.", "Bad."])
)
const lines = (file: string): ReadonlyArray<unknown> =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
const exported = (folder: string, options: Omit<ExportOptions, "run">) =>
  exportDatasetPromise({ run: folder, ...options })

describe("an export", () => {
  it("takes what a run writes", () => {
    expectTypeOf<DatasetRow>().toExtend<Ranked>()
  })

  it("writes every format and split once, every prompt on one side, and the same bytes again", async () => {
    const folder = run(many)
    const options = { formats: ["dpo", "openai"], validation: 0.25, out: join(folder, "x") } as const
    const first = await exported(folder, options)
    assert.strictEqual(first.prompts, 200)
    const [train, validation] = ["train", "validation"].map((split) => lines(join(folder, `x/dpo/${split}.jsonl`)))
    assert.strictEqual((train?.length ?? 0) + (validation?.length ?? 0), 200)
    assert.strictEqual(new Set([...(train ?? []), ...(validation ?? [])].map((one) => JSON.stringify(one))).size, 200)
    assert.strictEqual(lines(join(folder, "x/openai/validation.jsonl")).length, validation?.length)
    const bytes = first.files.map((file) => readFileSync(file))
    await exported(folder, options)
    for (const [at, file] of first.files.entries())
      assert.isTrue(readFileSync(file).equals(bytes[at] ?? Buffer.of()), file)
  })

  it("keeps all kinds in Parquet where hf is asked for, and flat rows where it stands alone", async () => {
    const folder = run(many.slice(0, 3))
    const both = await exported(folder, { formats: ["hf", "kto"] })
    assert.deepStrictEqual(
      both.configs.map(({ parts }) => parts.map(({ path, rows }) => [path, rows])),
      [[["kto/train.parquet", 6]]]
    )
    const alone = await exported(folder, { formats: ["hf"] })
    assert.deepStrictEqual(alone.configs[0]?.parts, [{ split: "train", path: "ranked/train.parquet", rows: 3 }])
    assert.include(readFileSync(join(folder, "export/README.md"), "utf8"), 'path: "ranked/train.parquet"')
  })

  it("counts what is left out, drops answers that say the same, and leaves no file of an earlier export", async () => {
    const folder = run([
      row(1, ["Same words here.", "same words here", "Other words entirely."]),
      row(2, ["One.", "one"])
    ])
    const out = join(folder, "x")
    mkdirSync(join(out, "dpo"), { recursive: true })
    writeFileSync(join(out, "dpo/validation.jsonl"), "{}\n")
    const { configs, near } = await exported(folder, { formats: ["dpo"], pairs: "all", out })
    assert.strictEqual(near, 2)
    assert.deepStrictEqual(configs[0]?.parts[0]?.rows, 1)
    assert.deepStrictEqual(configs[0]?.left, { "no-pair": 1 })
    assert.isFalse(existsSync(join(out, "dpo/validation.jsonl")))
    const all = await exported(folder, { formats: ["dpo"], pairs: "all", nearEqual: 2, out })
    assert.strictEqual(all.configs[0]?.parts[0]?.rows, 4)
  })

  it("asks for margin, agreement and chance of the best and of pairs, and the card counts what fell short", async () => {
    const of = (at: number, agreed: number, pBest: number): Ranked => {
      const made = row(at, [`The answer to ${at} is long.`, "No idea about that.", "Bad."])
      const order = (ids: ReadonlyArray<string>) => ({ judge: ids.join(""), order: ids.map((id) => [id]) })
      const judges = Array.from({ length: 4 }, (_, judge) => order(judge < agreed ? ["a", "b", "c"] : ["c", "b", "a"]))
      return { ...made, agreement: { first: agreed, of: 4 }, pBest: { value: pBest }, judges }
    }
    const folder = run([of(1, 4, 0.9), of(2, 3, 0.7), of(3, 2, 0.5)])
    const counted = async (options: Omit<ExportOptions, "run" | "formats" | "out">) => {
      const { configs } = await exported(folder, { formats: ["dpo", "openai"], pairs: "all", ...options })
      return configs.map(({ left, parts }) => [parts[0]?.rows ?? 0, left])
    }
    // Scores are 1, 2/3 and 1/3.
    assert.deepStrictEqual(await counted({}), [
      [9, {}],
      [3, {}]
    ])
    assert.deepStrictEqual(await counted({ minMargin: 0.5 }), [
      [3, { "low-margin": 6 }],
      [0, { "low-margin": 3 }]
    ])
    assert.deepStrictEqual(await counted({ minAgreement: 0.75 }), [
      [6, { "low-agreement": 3 }],
      [2, { "low-agreement": 1 }]
    ])
    assert.deepStrictEqual(await counted({ minPBest: 0.7 }), [
      [6, { "low-p-best": 1 }],
      [2, { "low-p-best": 1 }]
    ])
    const card = readFileSync(join(folder, "export/README.md"), "utf8")
    assert.include(card, "Not made for dpo: 1 low-p-best.")
    assert.include(card, "`minPBest` 0.7")
  })

  it("holds other prompts back by another seed, and the same whatever the format", async () => {
    const folder = run(many)
    const held = async (seed: number) => {
      await exported(folder, {
        formats: ["kto", "csv"],
        validation: 0.3,
        seed,
        provenance: true,
        out: join(folder, "x")
      })
      const rows = lines(join(folder, "x/kto/validation.jsonl")).map((one) => JSON.stringify(one))
      const csv = readFileSync(join(folder, "x/csv/validation.csv"), "utf8").trimEnd().split("\n").slice(1)
      const ids = new Set(rows.map((text) => /"provenance":\{"id":"(p\d+)"/.exec(text)?.[1]))
      assert.sameMembers(
        [...ids],
        csv.map((line) => line.split(",")[0])
      )
      return [...ids]
    }
    const [one, other] = [await held(1), await held(2)]
    assert.deepStrictEqual(await held(1), one)
    assert.notDeepEqual([...one].sort(), [...other].sort())
  })

  it("writes no file without a row, and says so", async () => {
    const folder = run(many.slice(0, 2))
    const { configs, files } = await exported(folder, { formats: ["openai"], minPBest: 0.9 })
    assert.deepStrictEqual(configs, [{ name: "openai", left: { "low-p-best": 2 }, parts: [] }])
    assert.deepStrictEqual(files, [join(folder, "export", "README.md")])
    assert.isFalse(existsSync(join(folder, "export/openai/train.jsonl")))
    assert.isFalse(existsSync(join(folder, "export/openai/train.jsonl.partial")))
  })

  it("fails on what is no run, and on a broken row without touching what was there", async () => {
    const message = (promise: Promise<unknown>) =>
      promise.then(
        () => "none",
        (error: unknown) => String(error)
      )
    assert.match(await message(exported(run([]), { formats: ["dpo"] })), /has no example yet/)
    assert.match(await message(exported("/nowhere", { formats: ["dpo"] })), /\/nowhere/)
    const folder = run(many.slice(0, 2))
    await exported(folder, { formats: ["openai"] })
    const before = readFileSync(join(folder, "export/openai/train.jsonl"), "utf8")
    writeFileSync(join(folder, "dataset.jsonl"), `${JSON.stringify(many[5])}\n{broken\n`)
    assert.match(await message(exported(folder, { formats: ["openai"] })), /dataset\.jsonl:2/)
    assert.strictEqual(readFileSync(join(folder, "export/openai/train.jsonl"), "utf8"), before)
  })
})
