import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { command, folders, quick, quickVendor } from "./command.js"

const folder = folders()
const env = quickVendor()
const prompts = Array.from({ length: 4 }, (_, n) =>
  JSON.stringify({ prompt: `${n + 1} is a number: what should I know about it?`, limit: "none" })
).join("\n")
const words = ["run", "p.jsonl", "--target", "4", ...quick]

interface Row {
  readonly candidates: ReadonlyArray<{
    readonly member: string
    readonly checks: ReadonlyArray<{ readonly by: string; readonly passed: boolean; readonly note?: string }>
  }>
  readonly chosen: { readonly member: string }
}
const rows = (cwd: string): ReadonlyArray<Row> =>
  readFileSync(join(cwd, "consortium-out", "dataset.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line): Row => JSON.parse(line))

describe.concurrent("checks before judges", () => {
  it("hold back what a program of one's own refuses; judges rank the rest", async () => {
    const cwd = folder({
      "p.jsonl": prompts,
      "check.mjs": `let text = ""
for await (const part of process.stdin) text += part
const { carried, member } = JSON.parse(text)
if (member === "ollama/scholar" && carried.limit === "none") { console.log("not this one"); process.exit(1) }`
    })
    const ended = await command([...words, "--check", `command:"${process.execPath}" check.mjs`], { cwd, env })
    assert.strictEqual(ended.code, 0, ended.stderr)
    for (const { candidates, chosen } of rows(cwd)) {
      assert.strictEqual(chosen.member, "ollama/sloppy")
      const [scholar] = candidates.filter(({ member }) => member === "ollama/scholar")
      assert.deepInclude(scholar?.checks[0], { passed: false, note: "not this one" })
    }
    // Other checks would be another run.
    const other = await command([...words, "--check", "none"], { cwd, env })
    assert.strictEqual(other.code, 2)
    assert.include(other.stderr, "checks: there")
  })

  it("look for refusals, cuts and other languages where nothing is said", async () => {
    const cwd = folder({ "p.jsonl": prompts })
    assert.strictEqual((await command(words, { cwd, env })).code, 0)
    const by = rows(cwd).flatMap(({ candidates }) =>
      candidates.flatMap(({ checks }) => checks.map((check) => check.by))
    )
    assert.deepStrictEqual(new Set(by), new Set(["refused", "truncated", "language"]))
  })

  it("are refused before anything is paid for where they can't be made", async () => {
    const cwd = folder({ "p.jsonl": prompts, "s.json": '{"type": "nothing"}' })
    for (const [rule, message] of [
      ["refusd", "did you mean refused?"],
      ["schema:none.json", "no such file"],
      ["schema:s.json", "the schema can't be used"],
      ["command:no-such-program x", "no-such-program is no program on this machine"]
    ] as const) {
      const ended = await command([...words, "--check", rule], { cwd, env })
      assert.strictEqual(ended.code, 2)
      assert.include(ended.stderr, message)
    }
  })
})
