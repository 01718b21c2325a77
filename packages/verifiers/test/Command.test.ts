import { command } from "@consortium/verifiers/Command"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { ask, prompt } from "./rules.js"

const node = (script: string) => [process.execPath, "-e", script] as const
const environment = { PATH: process.env.PATH ?? "", SECRET_API_KEY: "made up" }
const asked = prompt("What is 2 + 2?", { answer: "4" })

const script = `let text = ""
process.stdin.on("data", (part) => { text += part }).on("end", () => {
  const { carried, completion, id, member, messages, prompt } = JSON.parse(text)
  if (process.env.SECRET_API_KEY !== undefined) throw new Error("it sees a key")
  if (id !== "p" || member !== "m" || prompt !== "What is 2 + 2?" || messages[0].role !== "user") throw new Error("other input")
  if (completion.trim() === carried.answer && process.env.OWN === "yes") process.exit(0)
  console.error("expected " + carried.answer)
  process.exit(3)
})`

it.live("a program decides by its exit code, with its last words as the note, and sees no key", () =>
  Effect.gen(function* () {
    const rule = yield* command({ run: node(script), env: { OWN: "yes" } }, environment)
    assert.deepStrictEqual(yield* ask(rule, " 4\n", asked), { passed: true })
    assert.deepStrictEqual(yield* ask(rule, "5", asked), { passed: false, note: "expected 4" })
  }).pipe(Effect.provide(NodeServices.layer))
)

it.live("a program that never ends, that says nothing, or that is not there has not passed", () =>
  Effect.gen(function* () {
    const note = (run: readonly [string, ...ReadonlyArray<string>]) =>
      Effect.flatMap(command({ run, timeout: "300 millis" }, environment), (rule) => ask(rule, "4", asked))
    assert.deepStrictEqual(yield* note(node("setInterval(() => {}, 1000)")), {
      passed: false,
      note: "not done after 300ms"
    })
    const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'
    assert.deepInclude(yield* note(node(stubborn)), { note: "not done after 300ms" })
    assert.deepStrictEqual(yield* note(["consortium-no-such-program"]), {
      passed: false,
      note: "consortium-no-such-program could not be run"
    })
    const slow = yield* command({ run: node("process.exit(7)") }, environment)
    assert.deepStrictEqual(yield* ask(slow, "x".repeat(2_000_000), asked), { passed: false, note: "exit code 7" })
  }).pipe(Effect.provide(NodeServices.layer))
)
