import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { command, examples, folders, quick, quickVendor } from "./command.js"

const folder = folders()
const vendor = quickVendor()
const prompts = "What is rain?\nWhy do cats purr at night?\nPrimes\n"
const own = fileURLToPath(new URL("configs/own.config.ts", import.meta.url))
const rows = (file: string): ReadonlyArray<unknown> =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))

describe.concurrent("configuration", () => {
  it("takes own models, judges, embedders and prices, as values and as effects", async () => {
    const cwd = folder({ "p.txt": prompts })
    const ended = await command(["run", "p.txt", "--config", own], { cwd })
    assert.strictEqual(ended.code, 0, ended.stderr)
    for (const row of rows(join(cwd, "consortium-out/dataset.jsonl"))) {
      assert.deepInclude(row, {
        completion: "LOUD!",
        chosen: { candidate: Reflect.get(Object(row), "chosen").candidate, member: "loud", model: "echo-1" }
      })
    }
    assert.match(ended.stdout, /loud +2 +2 +0\n/)
    assert.match(ended.stdout, /cost +\$1\.00/)
    assert.match(ended.stderr, /own\/lengths/)
    assert.match(ended.stderr, /released/, "what was acquired for the run is released")
  })

  it("stops with 3 where calls failed for some prompts, and the same command ends the work", async () => {
    const cwd = folder({ "p.txt": "What does rain do?\nWhat does wind do?\n" })
    const words = ["run", "p.txt", "--config", fileURLToPath(new URL("configs/moody.config.ts", import.meta.url))]
    const first = await command(words, { cwd })
    assert.strictEqual(first.code, 3, first.stderr)
    assert.match(first.stderr, /1 prompt gave no example since calls failed .* the same command tries again/)
    writeFileSync(join(cwd, "sun"), "")
    const second = await command(words, { cwd })
    assert.strictEqual(second.code, 0, second.stderr)
    assert.strictEqual(rows(join(cwd, "consortium-out/dataset.jsonl")).length, 2)
  })

  it("is found in the working directory: the example runs as it stands", async () => {
    const ended = await command(["run", "../demo/prompts.jsonl", "--out", folder()], {
      cwd: join(examples, "02-config")
    })
    assert.strictEqual(ended.code, 0, ended.stderr)
    assert.match(ended.stdout, /4 = 4 examples \(stopped: target\)/)
    assert.match(ended.stdout, /terse +\d +4 +0\n/)
    assert.match(ended.stdout, /brief +\d+ +0\n/)
  })

  it("is JSON where it holds names only", async () => {
    const config = { members: ["ollama/scholar"], judges: ["ollama/careful"], select: { targetSize: 2 }, samples: 2 }
    const cwd = folder({ "p.txt": prompts, "c.json": JSON.stringify(config) })
    const ended = await command(["run", "p.txt", "--config", "c.json"], { cwd, env: vendor })
    assert.strictEqual(ended.code, 0, ended.stderr)
    assert.match(ended.stdout, /ollama\/scholar +\d +4 +0\n/)
  })

  it("yields to flags, and gives way to defaults where it says nothing", async () => {
    const config =
      'export default { members: ["ollama/plain"], judges: ["ollama/careful"], select: { targetSize: 3 }, seed: 5, samples: 2 }'
    const cwd = folder({ "p.txt": prompts, "consortium.config.mjs": config })
    const words = ["run", "p.txt", "--target", "1", "--member", "ollama/scholar", "--system", "@s.txt"]
    cpSync(join(cwd, "p.txt"), join(cwd, "s.txt"))
    const ended = await command(words, { cwd, env: vendor })
    assert.strictEqual(ended.code, 0, ended.stderr)
    const run = JSON.parse(readFileSync(join(cwd, "consortium-out/run.json"), "utf8"))
    assert.deepInclude(run.settings, { target: 1, seed: 5, tripwire: null, embedder: "lexical/default" })
    assert.deepStrictEqual(run.settings.members, [
      { id: "ollama/scholar", model: "ollama/scholar", samples: 2, system: prompts }
    ])
  })

  it("goes on with its run only while what judges are told is the same", async () => {
    const config = (judgePrompt: string) => `export default { judgePrompt: ${JSON.stringify(judgePrompt)} }`
    const cwd = folder({
      "p.txt": prompts,
      "a.mjs": config("Prefer short answers."),
      "b.mjs": config("Prefer long answers.")
    })
    const words = ["run", "p.txt", "--target", "1", ...quick]
    assert.strictEqual((await command([...words, "--config", "a.mjs"], { cwd, env: vendor })).code, 0)
    const other = await command([...words, "--config", "b.mjs"], { cwd, env: vendor })
    assert.strictEqual(other.code, 2)
    assert.match(other.stderr, /judging: there .*short.*here .*long/)
  })
})
