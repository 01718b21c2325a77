import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { command as spawned, folders, quickVendor } from "./command.js"

const folder = folders()
const quick = quickVendor()
/** The simulated models, which have prices, without their waits. */
const command = (words: ReadonlyArray<string>, cwd: string) =>
  spawned(words, { cwd, env: { SIMULATED_BASE_URL: quick.OLLAMA_BASE_URL } })
const topics = ["rain", "cats", "primes", "bread", "tides", "glass", "chess", "bees"]
const prompts = (count: number) => topics.slice(0, count).map((topic) => `What should I know about ${topic}?\n`)
const seats = (...names: ReadonlyArray<string>) => names.flatMap((name) => ["--member", `simulated/${name}`])
const judges = ["--judge", "simulated/careful"]
const calls = (stdout: string) => {
  const [, made, stored] = /calls +(\d+) made, (\d+) answered/.exec(stdout) ?? []
  return [Number(made), Number(stored)]
}
const dataset = (cwd: string, out: string) => readFileSync(join(cwd, out, "dataset.jsonl"), "utf8")

describe.concurrent("a run that grows", () => {
  it("adds prompts and members, asks only what is missing, and ends as if it had begun so", async () => {
    const cwd = folder({ "few.txt": prompts(5).join(""), "more.txt": prompts(8).join("") })
    const run = (file: string, target: number, names: ReadonlyArray<string>, ...more: ReadonlyArray<string>) =>
      command(["run", file, "--target", String(target), ...seats(...names), ...judges, ...more], cwd)
    assert.strictEqual((await run("more.txt", 3, ["scholar", "plain"], "--out", "a")).code, 0)
    const refused = await run("more.txt", 5, ["scholar", "plain"], "--out", "a")
    assert.strictEqual(refused.code, 2)
    assert.include(refused.stderr, "--grow")
    const grown = await run("more.txt", 5, ["scholar", "plain"], "--out", "a", "--grow")
    assert.strictEqual(grown.code, 0, grown.stderr)
    assert.strictEqual((await run("more.txt", 5, ["scholar", "plain"], "--out", "b")).code, 0)
    assert.strictEqual(dataset(cwd, "a"), dataset(cwd, "b"))

    const wider = await run("more.txt", 5, ["scholar", "plain", "sloppy"], "--out", "a", "--grow")
    assert.strictEqual(wider.code, 0, wider.stderr)
    // What the first two members said is there; every prompt's new member is asked.
    assert.isAtLeast(calls(wider.stdout)[1] ?? 0, 10)
    await run("more.txt", 5, ["scholar", "plain", "sloppy"], "--out", "c")
    assert.strictEqual(dataset(cwd, "a"), dataset(cwd, "c"))

    // Another input: the rows that are known stay where they are.
    assert.strictEqual((await run("few.txt", 2, ["scholar", "plain"], "--out", "d")).code, 0)
    const longer = await run("more.txt", 4, ["scholar", "plain"], "--out", "d", "--grow")
    assert.match(longer.stdout, /rows +8 = 4 selected \+ 4 not selected/)
    const whole = await command(["verify", "--out", "d"], cwd)
    assert.strictEqual(whole.code, 0, whole.stdout)
  })

  it("is refused where its vectors would be others", async () => {
    const cwd = folder({ "p.txt": prompts(4).join("") })
    const words = ["run", "p.txt", "--target", "2", ...seats("plain", "sloppy"), ...judges]
    assert.strictEqual((await command([...words, "--seed", "1"], cwd)).code, 0)
    const other = await command([...words, "--seed", "2", "--grow"], cwd)
    assert.strictEqual(other.code, 2)
    assert.match(other.stderr, /seed: there 1, here 2/)
  })
})

describe.concurrent("money before and after", () => {
  it("plan asks nobody and leaves nothing; preview takes a few prompts and plans the rest by them", async () => {
    const cwd = folder({ "p.txt": prompts(8).join("") })
    const words = ["p.txt", "--target", "6", ...seats("scholar", "plain"), ...judges, "--out", "o"]
    const plan = await command(["plan", ...words], cwd)
    assert.strictEqual(plan.code, 0, plan.stderr)
    assert.match(plan.stdout, /8 prompts, 6 selected/)
    assert.match(plan.stdout, /simulated\/scholar +answers +6 .* assumed/)
    assert.isFalse(existsSync(join(cwd, "o")))

    const preview = await command(["preview", ...words, "-n", "2", "--json"], cwd)
    assert.strictEqual(preview.code, 0, preview.stderr)
    const planned = JSON.parse(preview.stdout.trim().split("\n").at(-1) ?? "")
    assert.deepInclude(planned, { _tag: "Planned", done: 2, selected: { low: 6, expected: 6, high: 6 } })
    assert.isTrue(planned.lines.every(({ basis }: { readonly basis: string }) => basis === "measured"))
    assert.isAbove(planned.usd.expected, 0)
    // The run goes on from the preview and ends as one without it.
    assert.strictEqual((await command(["run", ...words], cwd)).code, 0)
    await command(["run", ...words.slice(0, -1), "other"], cwd)
    assert.strictEqual(dataset(cwd, "o"), dataset(cwd, "other"))
  })

  it("a budget stops with code 3, holds over starts, and a larger one goes on", async () => {
    const cwd = folder({ "p.txt": prompts(6).join("") })
    const words = ["run", "p.txt", "--target", "6", ...seats("scholar", "plain"), ...judges]
    const small = await command([...words, "--budget", "7 calls"], cwd)
    assert.strictEqual(small.code, 3, small.stderr)
    assert.include(small.stderr, "7 of 7 attempts are spent")
    const again = await command([...words, "--budget", "7 calls"], cwd)
    assert.strictEqual(again.code, 3)
    assert.strictEqual(calls(again.stdout)[0], 0)
    const large = await command([...words, "--budget", "$1, 900 calls"], cwd)
    assert.strictEqual(large.code, 0, large.stderr)
    const wrong = await command([...words, "--budget", "lots"], cwd)
    assert.strictEqual(wrong.code, 2)
    assert.include(wrong.stderr, '"20 usd"')
  })

  it("verify finds a file that says something else, show says all of one prompt, two runs share answers", async () => {
    const cwd = folder({ "p.txt": prompts(4).join("") })
    const run = (out: string) =>
      command(
        ["run", "p.txt", "--target", "2", ...seats("scholar", "plain"), ...judges, "--out", out, "--store", "all.db"],
        cwd
      )
    assert.strictEqual((await run("a")).code, 0)
    const second = await run("b")
    assert.deepStrictEqual(calls(second.stdout)[0], 0)
    const [row = ""] = dataset(cwd, "a").split("\n")
    const { id, completion } = JSON.parse(row)
    const shown = await command(["show", id, "--out", "b"], cwd)
    assert.include(shown.stdout, 'asked with\n  {"id":"simulated/')
    assert.strictEqual(shown.code, 0, shown.stderr)
    assert.include(shown.stdout, completion)
    assert.match(shown.stdout, /"candidate":".*","startedAt":\d+.*"usd"/)
    assert.strictEqual((await command(["show", "nobody", "--out", "b"], cwd)).code, 1)

    writeFileSync(join(cwd, "b", "dataset.jsonl"), dataset(cwd, "b").replace("a", "b"))
    const broken = await command(["verify", "--out", "b"], cwd)
    assert.strictEqual(broken.code, 1)
    assert.match(broken.stdout, /dataset.jsonl has 2 rows, [01] of them as the store's 2/)
    assert.strictEqual((await command(["verify", "--out", "nowhere"], cwd)).code, 1)
    assert.isFalse(existsSync(join(cwd, "nowhere")))
  })
})
