import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { command, folders } from "./command.js"

const folder = folders()
const prompts = ["tides", "rockets", "bread", "chess", "law", "maps"]
  .map(
    (topic, at) => `${JSON.stringify({ id: `p${at}`, prompt: `Tell me all about ${topic}, and why it matters.` })}\n`
  )
  .join("")
const simulated = ["--member", "simulated/scholar", "--member", "simulated/sloppy", "--judge", "simulated/careful"]
const rowsIn = (file: string): ReadonlyArray<Record<string, unknown>> =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

describe("consortium export", () => {
  it("writes what trainers load out of a run, with a card, and says what it left out", async () => {
    const cwd = folder({ "prompts.jsonl": prompts })
    const ran = await command(["run", "prompts.jsonl", "--target", "4", "--out", "run", ...simulated], { cwd })
    assert.strictEqual(ran.code, 0, ran.stderr)

    const words = ["export", "run", "--format", "dpo", "--format", "openai", "--provenance", "--validation", "0.5"]
    const first = await command(words, { cwd })
    assert.strictEqual(first.code, 0, first.stderr)
    assert.match(first.stdout, /^Consortium export: 4 ranked prompts/)
    const files = ["openai/train.jsonl", "openai/validation.jsonl"].map((name) => join(cwd, "run/export", name))
    const rows = files.filter((file) => existsSync(file)).flatMap(rowsIn)
    assert.strictEqual(rows.length, 4)
    for (const row of rows) assert.sameMembers(Object.keys(row), ["messages", "provenance"])
    const card = readFileSync(join(cwd, "run/export/README.md"), "utf8")
    assert.match(card, /selected from 6 .*\(stopped: target/)
    assert.include(card, "| simulated/scholar | simulated/scholar | 4 |")

    const told = await command(["export", "run", "--format", "hf", "--out", "hf", "--json"], { cwd })
    assert.deepInclude(JSON.parse(told.stdout), { _tag: "Exported", out: "hf", prompts: 4 })
    assert.strictEqual(readFileSync(join(cwd, "hf/ranked/train.parquet")).subarray(0, 4).toString(), "PAR1")
  })

  it("says in its card what the run and the files say, number for number", async () => {
    const cwd = folder({ "prompts.jsonl": prompts })
    const judges = ["--judge", "simulated/brisk"]
    const words = ["run", "prompts.jsonl", "--target", "4", "--seed", "11", "--out", "run", ...simulated, ...judges]
    assert.strictEqual((await command(words, { cwd })).code, 0)
    const asked = ["export", "run", "--format", "kto", "--format", "openai", "--validation", "0.5"]
    assert.strictEqual((await command(asked, { cwd })).code, 0)
    const card = readFileSync(join(cwd, "run/export/README.md"), "utf8")
    const cells = card.split("\n").flatMap((line) => (line.startsWith("| ") ? [line.slice(2, -2).split(" | ")] : []))
    const found = (first: string) => cells.filter(([name]) => name === first)
    const said = JSON.parse(readFileSync(join(cwd, "run/run.json"), "utf8"))
    const dataset = rowsIn(join(cwd, "run/dataset.jsonl"))

    for (const name of ["kto", "openai"]) {
      assert.isNotEmpty(found(name))
      for (const [, split, rows, path] of found(name)) {
        assert.strictEqual(path, `${name}/${split}.jsonl`)
        assert.lengthOf(rowsIn(join(cwd, "run/export", path ?? "")), Number(rows))
      }
    }
    for (const { answered, chosen, failed, id } of said.members) {
      assert.deepStrictEqual(found(id)[0]?.slice(2, 6), [`${answered}`, `${failed}`, `${chosen}`, "simulated"])
    }
    const byModel = new Map<string, number>()
    for (const { candidates } of dataset) {
      if (!Array.isArray(candidates)) throw new Error("a row without candidates")
      for (const { model } of candidates) byModel.set(model, (byModel.get(model) ?? 0) + 1)
    }
    for (const [model, answers] of byModel) assert.strictEqual(found(model).at(-1)?.[1], `${answers}`, model)
    const { judges: audited } = said.judging
    assert.lengthOf(audited, 2)
    for (const { first, id, intervals, longer, weight } of audited) {
      const rate = (value: number, [low, high]: readonly [number, number]) =>
        `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
      const [line] = found(id)
      assert.deepStrictEqual(
        [line?.[1], line?.[3], line?.[5]],
        [weight.toFixed(2), rate(first, intervals.first), rate(longer, intervals.longer)]
      )
    }
    const { coverage, of, space, stopped } = said.selection
    assert.include(card, `from ${of} by how unlike they are, in the space ${space} (stopped: ${stopped})`)
    assert.deepStrictEqual(
      found("wholly different prompts they are worth (Vendi score)")[0]?.slice(1),
      [coverage.chosen.vendi, coverage.random.vendi].map((value: number) => value.toFixed(2))
    )
    assert.include(card, `Read: ${dataset.length} ranked prompts.`)
    assert.include(card, `Seed 11, made with Consortium ${said.version}.`)
  })

  it("says of a ranking of given answers that nothing was selected, and whose the answers are", async () => {
    const candidates = [
      { model: "openai/gpt-5", text: "Tides come from the moon and the sun." },
      { model: "someone/else", text: "No." }
    ]
    const cwd = folder({ "a.jsonl": `${JSON.stringify({ id: "p", prompt: "Explain tides.", candidates })}\n` })
    const ranked = await command(["rank", "a.jsonl", "--out", "run", "--judge", "simulated/careful"], { cwd })
    assert.strictEqual(ranked.code, 0, ranked.stderr)
    assert.strictEqual((await command(["export", "run", "--format", "dpo"], { cwd })).code, 0)
    const card = readFileSync(join(cwd, "run/export/README.md"), "utf8")
    assert.include(card, "No prompt was selected: all 1 were taken; 1 of them have a ranking.")
    assert.match(card, /\| openai\/gpt-5 \| 1 \| [01] \| OpenAI terms of use \| not for models that compete/)
    assert.match(card, /\| someone\/else \| 1 \| [01] \|/)
  })

  it("ends with 1 where nothing is good enough, and with 2 on what can't be meant", async () => {
    const cwd = folder({ "prompts.jsonl": prompts })
    await command(["run", "prompts.jsonl", "--target", "2", "--out", "run", ...simulated], { cwd })
    const none = await command(["export", "run", "--format", "openai", "--min-p-best", "1"], { cwd })
    assert.deepStrictEqual(
      [none.code, none.stderr],
      [1, "consortium: nothing was good enough: ask for less margin, agreement or chance\n"]
    )
    assert.include(none.stdout, "low-p-best")
    const nowhere = await command(["export", "gone", "--format", "openai"], { cwd })
    assert.strictEqual(nowhere.code, 1)
    assert.match(nowhere.stderr, /gone\/dataset\.jsonl: it can't be read: give the folder of a run/)
    for (const wrong of [
      ["export", "run"],
      ["export", "run", "--format", "xml"],
      ["export", "run", "--format", "dpo", "--validation", "2"]
    ]) {
      const ended = await command(wrong, { cwd })
      assert.strictEqual(ended.code, 2, wrong.join(" "))
      assert.match(ended.stderr, /consortium export --help/)
    }
  })
})

describe("what of the prompts is kept", () => {
  it("is told in flags, and every row is accounted for", async () => {
    const token = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`
    const cwd = folder({ "held.csv": "prompt\nwhich RIVER is the longest in africa\n" })
    mkdirSync(join(cwd, "in"))
    writeFileSync(
      join(cwd, "in/a.jsonl"),
      [
        { id: "a", prompt: "Explain in detail how ocean tides work and why there are two each day, please." },
        { id: "b", prompt: "Explain in detail how the ocean tides work and why there are two each day, please!" },
        { id: "c", prompt: `My key ${token} leaked, what should I do about it now?` },
        { id: "d", prompt: "Wie funktionieren die Gezeiten, und warum gibt es jeden Tag zwei davon?" },
        { id: "e", prompt: "Which river is the longest in Africa?" }
      ]
        .map((row) => `${JSON.stringify(row)}\n`)
        .join("")
    )
    const words = [
      "select",
      "in",
      "--target",
      "5",
      "--dedupe",
      "near",
      "--scrub",
      "--held-out",
      "held.csv",
      "--language",
      "en"
    ]
    const ended = await command([...words, "--json"], { cwd })
    assert.strictEqual(ended.code, 0, ended.stderr)
    const read = ended.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .find(({ _tag, done }) => _tag === "Read" && done)
    assert.deepInclude(read, { rows: 5, prompts: 2, duplicate: 1, dropped: 2 })
    const chosen = readFileSync(join(cwd, "consortium-selection/prompts.jsonl"), "utf8")
    assert.include(chosen, "[github-1]")
    assert.notInclude(chosen + ended.stdout + ended.stderr, token)
    const settings = JSON.parse(readFileSync(join(cwd, "consortium-selection/selection.json"), "utf8")).settings
    assert.deepInclude(settings, { dedupe: "near", scrub: true, heldOut: ["held.csv"], language: ["en"] })
  })

  it("is nothing that says a held-out prompt in other words, and the ledger knows which", async () => {
    const cwd = folder({
      "held.jsonl": '{"prompt":"Which river is the longest in Africa?"}\n',
      "prompts.jsonl": [
        { id: "leak", prompt: "In Africa, which is the longest river?" },
        { id: "a", prompt: "Explain in detail how ocean tides work, please." },
        { id: "a2", prompt: "Please explain in detail how ocean tides work." },
        { id: "b", prompt: "Write a sonnet about bread." }
      ]
        .map((row) => `${JSON.stringify(row)}\n`)
        .join("")
    })
    const words = ["--target", "4", "--held-out", "held.jsonl"]
    const near = [...words, "--leak-cosine", "0.8", "--guard", "0.8"]
    const byWords = await command(["select", "prompts.jsonl", ...words, "--guard", "off", "--out", "w"], { cwd })
    assert.strictEqual(byWords.code, 0, byWords.stderr)
    assert.lengthOf(rowsIn(join(cwd, "w/prompts.jsonl")), 4)

    const ran = await command(["run", "prompts.jsonl", ...near, "--out", "run", ...simulated], { cwd })
    assert.strictEqual(ran.code, 0, ran.stderr)
    const selected = await command(["select", "prompts.jsonl", ...near, "--out", "s"], { cwd })
    assert.strictEqual(selected.code, 0, selected.stderr)
    for (const file of ["run/run.db", "s/select.db"]) {
      const database = new DatabaseSync(join(cwd, file), { readOnly: true })
      const told = database.prepare("SELECT id, state, detail FROM rows WHERE detail IS NOT NULL ORDER BY id").all()
      database.close()
      assert.strictEqual(told.length, 2, file)
      const [repeated, leak] = told
      assert.match(
        `${leak?.id} ${leak?.state} ${leak?.detail}`,
        /^leak dropped leak of held\.jsonl:1, cosine 0\.\d{3}$/
      )
      assert.match(`${repeated?.id} ${repeated?.detail}`, /^(a repeats a2|a2 repeats a), cosine 0\.\d{3}$/)
    }
    assert.lengthOf(rowsIn(join(cwd, "s/prompts.jsonl")), 2)
    assert.lengthOf(rowsIn(join(cwd, "run/dataset.jsonl")), 2)
  })

  it("is refused where flags don't belong together", async () => {
    const cwd = folder({ "prompts.jsonl": prompts })
    const cases: ReadonlyArray<readonly [words: ReadonlyArray<string>, said: RegExp]> = [
      [["--alike", "0.9"], /--alike is for --dedupe near/],
      [["--on-leak", "report"], /--on-leak is for --held-out/],
      [["--leak-cosine", "0.9"], /--leak-cosine is for --held-out/],
      [["--country", "US"], /--country is for --scrub/],
      [["--language", "tlh"], /--language tlh can't be told apart: use am, ar/]
    ]
    for (const [words, said] of cases) {
      const ended = await command(["run", "prompts.jsonl", "--target", "2", ...simulated, ...words], { cwd })
      assert.deepStrictEqual([ended.code, said.test(ended.stderr)], [2, true], ended.stderr)
    }
    const alone = await command(["select", "prompts.jsonl", "--target", "2", "--leak-cosine", "0.9"], { cwd })
    assert.deepStrictEqual([alone.code, alone.stderr.includes("--leak-cosine is for --held-out")], [2, true])
  })
})
