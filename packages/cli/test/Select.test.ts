import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { command, folders } from "./command.js"

const folder = folders()

const topics = ["tea", "rockets", "law", "music", "bread", "maps", "cells", "chess"]
const prompts = Array.from({ length: 40 }, (_, at) => ({
  id: `p${at}`,
  prompt: `Tell me about ${topics[at % 8]} number ${at}, and why ${topics[(at * 3) % 8]} matters.`,
  kind: at % 4 === 0 ? "rare" : "common",
  worth: at
}))
const lines = (rows: ReadonlyArray<unknown>) => `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`
const rowsIn = (file: string): ReadonlyArray<Record<string, unknown>> =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
const vector = (at: number) => [Math.cos(at), Math.sin(at), at % 5]

describe("consortium select", () => {
  it("writes picks, prompts, curve and coverage, and the same bytes twice", async () => {
    const cwd = folder({ "prompts.jsonl": lines(prompts) })
    const words = ["select", "prompts.jsonl", "--target", "10", "--curve"]
    const first = await command(words, { cwd })
    assert.strictEqual(first.code, 0, first.stderr)
    assert.include(first.stdout, "10 of 40 (stopped: target)")
    assert.include(first.stdout, "tripwire")
    const out = join(cwd, "consortium-selection")
    const picks = rowsIn(join(out, "selection.jsonl"))
    const chosen = rowsIn(join(out, "prompts.jsonl"))
    assert.deepStrictEqual(
      chosen.map((row) => row.id),
      picks.map((row) => row.id)
    )
    const whole = prompts.find((row) => row.id === chosen[0]?.id)
    assert.deepStrictEqual(chosen[0], whole, "a row comes out as it went in")
    assert.strictEqual(
      picks.reduce((sum, row) => sum + Number(row.standsFor), 0),
      40
    )
    const said = JSON.parse(readFileSync(join(out, "selection.json"), "utf8"))
    assert.deepStrictEqual([said.picks, said.of, said.settings.rule], [10, 40, "fence"])
    assert.isAbove(said.coverage.random.vendi, 1)
    const bytes = readFileSync(join(out, "selection.jsonl"), "utf8")
    assert.strictEqual((await command(words, { cwd })).code, 0)
    assert.strictEqual(readFileSync(join(out, "selection.jsonl"), "utf8"), bytes)
  })

  it("goes on from an earlier collection, and gives strata their share", async () => {
    const cwd = folder({ "prompts.jsonl": lines(prompts) })
    const run = (...words: ReadonlyArray<string>) => command(["select", "prompts.jsonl", ...words], { cwd })
    assert.strictEqual((await run("--target", "6", "--out", "a")).code, 0)
    const more = await run("--target", "6", "--out", "b", "--earlier", "a/selection.jsonl")
    assert.strictEqual(more.code, 0, more.stderr)
    const ids = (out: string) => rowsIn(join(cwd, out, "selection.jsonl")).map((row) => row.id)
    assert.strictEqual(new Set([...ids("a"), ...ids("b")]).size, 12)
    assert.strictEqual((await run("--target", "12", "--out", "c", "--by", "kind", "--rule", "random")).code, 0)
    const kinds = rowsIn(join(cwd, "c", "prompts.jsonl")).map((row) => row.kind)
    assert.strictEqual(kinds.filter((kind) => kind === "rare").length, 3)
  })

  for (const rule of ["fence", "farthest-first", "facility-location", "mmr", "k-means++", "random"]) {
    it(`chooses by ${rule} from ready vectors`, async () => {
      const cwd = folder({ "v.jsonl": lines(prompts.map(({ id }, at) => ({ id, embedding: vector(at) }))) })
      const { code, stderr, stdout } = await command(
        ["select", "v.jsonl", "--target", "5", "--rule", rule, "--guard", "off", "--json"],
        { cwd }
      )
      assert.strictEqual(code, 0, stderr)
      const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "")
      assert.deepStrictEqual([last._tag, last.picks, last.of], ["Chosen", 5, 40])
      assert.isFalse(existsSync(join(cwd, "consortium-selection", "prompts.jsonl")), "vectors have no prompts")
    })
  }

  it("refuses what ready vectors have no use for, by the flag's own name", async () => {
    const cwd = folder({ "v.jsonl": lines(prompts.map(({ id }, at) => ({ id, embedding: vector(at) }))) })
    const words = ["select", "v.jsonl", "--target", "5", "--held-out", "h.jsonl"]
    const ended = await command(words, { cwd })
    assert.deepStrictEqual([ended.code, ended.stderr.includes("--held-out is for prompts")], [2, true], ended.stderr)
  })

  const bad: ReadonlyArray<readonly [string, ReadonlyArray<string>, number, string]> = [
    ["no end", [], 2, "--target N"],
    ["a guard that is none", ["--target", "3", "--guard", "2"], 2, "a cosine from -1 to 1, adaptive, or off"],
    ["a lambda of another rule", ["--target", "3", "--lambda", "1"], 2, "--lambda is for --rule mmr"],
    ["a start of another rule", ["--target", "3", "--rule", "random", "--start", "first"], 2, "--start is for"],
    ["an unknown start", ["--target", "3", "--start", "nobody"], 1, "no prompt nobody to start from"],
    ["an unknown rule", ["--target", "3", "--rule", "best"], 2, "see: consortium select --help"],
    ["a field that rows lack", ["--target", "3", "--by", "colour"], 2, 'no value in its field "colour"'],
    ["a weight that is no number", ["--target", "3", "--rule", "mmr", "--weight", "kind"], 2, "no number from 0"],
    ["a dimension of prompts", ["--target", "3", "--dimension", "4"], 2, "--dimension is for ready vectors"],
    ["an earlier file that is missing", ["--target", "3", "--earlier", "nope"], 2, "give a selection.jsonl"],
    ["an unknown embedder", ["--target", "3", "--embedder", "nobody/x"], 2, "no vendor nobody"]
  ]
  for (const [name, words, code, said] of bad) {
    it(`refuses ${name} and says what to do`, async () => {
      const cwd = folder({ "prompts.jsonl": lines(prompts) })
      const ended = await command(["select", "prompts.jsonl", ...words], { cwd })
      assert.strictEqual(ended.code, code, ended.stderr)
      assert.include(ended.stderr, said)
    })
  }

  it("leaves the folder of a run alone", async () => {
    const cwd = folder({ "prompts.jsonl": lines(prompts) })
    writeFileSync(join(cwd, "run.db"), "")
    const { code, stderr } = await command(["select", "prompts.jsonl", "--target", "3", "--out", "."], { cwd })
    assert.deepStrictEqual([code, stderr.includes("is the folder of a run")], [2, true])
  })
})
