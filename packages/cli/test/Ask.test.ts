import { assert, describe, it } from "@effect/vitest"
import { command as spawned, folders, quickVendor } from "./command.js"

const folder = folders()
const quick = quickVendor()
const command = (words: ReadonlyArray<string>, cwd: string, stdin?: string) =>
  spawned(["ask", ...words], {
    cwd,
    env: { SIMULATED_BASE_URL: quick.OLLAMA_BASE_URL },
    ...(stdin !== undefined && { stdin })
  })
const seats = ["--member", "simulated/scholar", "--member", "simulated/plain", "--judge", "simulated/careful"]

describe.concurrent("consortium ask", () => {
  it("says the answer on stdout and its proof on stderr", async () => {
    const ended = await command(["Why is rain wet?", ...seats], folder())
    assert.strictEqual(ended.code, 0, ended.stderr)
    assert.isAbove(ended.stdout.length, 20)
    assert.match(ended.stderr, /simulated\/(scholar|plain): .*P\(best\)|not judged/)
    assert.match(ended.stderr, /member simulated\/plain: (answered|late)/)
  })

  it("reads the question from standard input and from a file, tells events with --json", async () => {
    const piped = await command(["--json", ...seats], folder(), "Why is rain wet?\n")
    assert.strictEqual(piped.code, 0, piped.stderr)
    const events = piped.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    assert.deepInclude(events.at(-1), { _tag: "Answered" })
    assert.include(
      events.map(({ _tag }) => _tag),
      "MemberEnded"
    )
    const filed = await command(["@q.txt", "--mode", "first", ...seats], folder({ "q.txt": "Why?" }))
    assert.strictEqual(filed.code, 0, filed.stderr)
    assert.include(filed.stderr, "not judged")
  })

  it("names what is wrong: no seats, no question, an unknown vendor, an answer that fits no schema", async () => {
    const cwd = folder({ "s.json": '{"type":"object","properties":{"x":{"type":"number"}},"required":["x"]}' })
    const said = async (words: ReadonlyArray<string>, code: number, says: RegExp) => {
      const ended = await command(words, cwd, "")
      assert.strictEqual(ended.code, code, ended.stderr)
      assert.match(ended.stderr, says)
    }
    await said(["Why?"], 2, /--member/)
    await said(["-", ...seats], 2, /the question is empty/)
    await said(["Why?", "--member", "nowhere/x", "--judge", "simulated/careful"], 2, /no vendor nowhere/)
    await said(["Why?", ...seats, "--schema", "s.json"], 1, /no value of the schema/)
    await said(["Why?", ...seats, "--schema", "missing.json"], 2, /missing.json/)
  })
})
