import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { command, folders, quick, quickVendor } from "./command.js"

const folder = folders()
const env = quickVendor()
const rows = (file: string): ReadonlyArray<{ readonly id: string; readonly pBest: { readonly calibrated: boolean } }> =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
const prompts = Array.from({ length: 44 }, (_, n) => `${n} is a number: what should I know about it, and why?\n`).join(
  ""
)

describe.concurrent("answers that are there", () => {
  it("are ranked by judges alone; a row without any is named by its line", async () => {
    const line = (id: string, candidates: ReadonlyArray<unknown>) =>
      JSON.stringify({ id, prompt: `What is ${id}?`, candidates })
    const cwd = folder({
      "a.jsonl": [line("rain", ["Water that falls.", { text: "Sun.", model: "x/y" }]), line("sun", ["A star."])].join(
        "\n"
      ),
      "b.jsonl": `${line("rain", ["Water."])}\n{"id":"moon","prompt":"What is the moon?"}\n`
    })
    const ended = await command(["rank", "a.jsonl", "--judge", "ollama/careful"], { cwd, env })
    assert.strictEqual(ended.code, 0, ended.stderr)
    assert.match(ended.stdout, /selected +2 = 2 examples/)
    assert.lengthOf(rows(join(cwd, "consortium-rank", "dataset.jsonl")), 2)
    const wrong = await command(["rank", "b.jsonl", "--judge", "ollama/careful", "--out", "b"], { cwd, env })
    assert.strictEqual(wrong.code, 1)
    assert.include(wrong.stderr, "b.jsonl:2: candidates: give the answers as a list")
    const nobody = await command(["rank", "a.jsonl", "--out", "c"], { cwd, env })
    assert.strictEqual(nobody.code, 2)
    assert.include(nobody.stderr, "name at least one judge")
  })

  it("are picked from by people, which calibrates the judges of the next run", async () => {
    const cwd = folder({ "p.txt": prompts })
    const words = ["run", "p.txt", "--target", "44", ...quick, "--out", "o"]
    assert.strictEqual((await command(words, { cwd, env })).code, 0)
    const picks = rows(join(cwd, "o", "dataset.jsonl")).map(({ id }) => JSON.stringify({ id, pick: "ollama/scholar" }))
    const two = folder({ "picks.jsonl": picks.join("\n"), "bad.jsonl": `${picks[0]}\nnothing\n` })
    const learnt = await command(["calibrate", join(two, "picks.jsonl"), "--out", "o"], { cwd, env })
    assert.strictEqual(learnt.code, 0, learnt.stderr)
    assert.include(learnt.stdout, "Learnt from 44 picks")
    const again = await command([...words, "--calibration", join("o", "calibration.json")], { cwd, env })
    assert.strictEqual(again.code, 0, again.stderr)
    assert.match(again.stdout, /calls +0 made/)
    assert.isTrue(rows(join(cwd, "o", "dataset.jsonl")).every(({ pBest }) => pBest.calibrated))
    const bad = await command(["calibrate", join(two, "bad.jsonl"), "--out", "o"], { cwd, env })
    assert.strictEqual(bad.code, 2)
    assert.include(bad.stderr, "bad.jsonl:2: no pick")
    const none = await command([...words, "--calibration", "none.json"], { cwd, env })
    assert.strictEqual(none.code, 2)
    assert.include(none.stderr, "none.json: no such calibration")
  })
})
