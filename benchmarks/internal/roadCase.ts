/** One case of `road.ts`, in a process of its own: prints its CPU and its calls. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { callKey } from "@consortium/core/CallJournal"
import { MemberId } from "@consortium/core/Ids"
import { Seed } from "@consortium/core/Seed"
import { embedder } from "@consortium/embedders-lexical/Lexical"
import { listwise } from "@consortium/judge-strategies/Listwise"
import { buildDataset } from "@consortium/pipeline/BuildDataset"
import * as PromptFile from "@consortium/pipeline/PromptFile"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { define } from "@consortium/providers-openai-compatible/Vendor"
import { layerSqlite, RunStore } from "@consortium/store/RunStore"
import * as HttpClients from "@consortium/wire/HttpClients"
import { generateText } from "ai"
import * as Effect from "effect/Effect"
import pLimit from "p-limit"
import { Agent, request } from "undici"

const [name = "", url = "", count = "0"] = process.argv.slice(2)
const prompts = Number(count)
const inFlight = 64
const members = ["scholar", "plain", "sloppy"] as const
const judges = ["careful", "brisk", "rambler"] as const
const texts = Array.from(
  { length: prompts },
  (_, i) => `Question ${i}: explain how item ${i * 7919} differs from item ${i * 104729}, with one example.`
)

/** What the scripts by hand tell a judge: shorter than ours, and read by the same simulated judges. */
const sheet = (task: string, answers: ReadonlyArray<string>) =>
  [
    `<task fence="f">\n${task}\n</task fence="f">`,
    ...answers.map(
      (text, i) => `<candidate id="${"ABC"[i]}" fence="f">\n${text}\n</candidate id="${"ABC"[i]}" fence="f">`
    ),
    'Answer with JSON: {"criteria":[],"critiques":[],"ranking":[["A"]],"unacceptable":[],"confidence":1}'
  ].join("\n\n")

type Ask = (model: string, text: string) => Promise<string>

/** Three answers, three orders: what a careful person writes by hand, without a journal. */
const byHand = async (ask: Ask): Promise<number> => {
  const limit = pLimit(inFlight)
  let calls = 0
  const one = async (text: string) => {
    const answers = await Promise.all(members.map((member) => limit(() => (calls++, ask(member, text)))))
    const orders = await Promise.all(judges.map((judge) => limit(() => (calls++, ask(judge, sheet(text, answers))))))
    const points = [0, 0, 0]
    for (const order of orders) {
      const tiers: ReadonlyArray<ReadonlyArray<string>> = JSON.parse(
        /\{.*\}/s.exec(order)?.[0] ?? '{"ranking":[]}'
      ).ranking
      for (const [place, tier] of tiers.entries())
        for (const id of tier) points["ABC".indexOf(id)] = (points["ABC".indexOf(id)] ?? 0) - place
    }
    return answers[points.indexOf(Math.max(...points))]
  }
  await Promise.all(texts.map(one))
  return calls
}

const raw = async (): Promise<number> => {
  const dispatcher = new Agent({ connections: inFlight, pipelining: 1 })
  const calls = await byHand(async (model, content) => {
    const body = JSON.stringify({ model, messages: [{ role: "user", content }] })
    const answer = await request(`${url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      dispatcher
    })
    const json = (await answer.body.json()) as {
      readonly choices: ReadonlyArray<{ readonly message: { readonly content: string } }>
    }
    return json.choices[0]?.message.content ?? ""
  })
  await dispatcher.close()
  return calls
}

const aiSdk = (): Promise<number> => {
  const provider = createOpenAICompatible({ name: "simulated", baseURL: url })
  return byHand(async (model, prompt) => (await generateText({ model: provider(model), prompt, maxRetries: 2 })).text)
}

const vendor = define({
  id: "simulated",
  baseUrl: url,
  baseUrlVariable: "X",
  apiKey: { variable: "X", optional: true }
})

const consortium = async (): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), "consortium-bench-"))
  writeFileSync(join(folder, "prompts.jsonl"), texts.map((prompt) => `${JSON.stringify({ prompt })}\n`).join(""))
  const model = (it: string) => ChatCompletions.make({ vendor, model: it, baseUrl: url })
  const program = Effect.gen(function* () {
    const source = yield* PromptFile.make({ path: join(folder, "prompts.jsonl") })
    const [a, b, c] = yield* Effect.all(members.map(model))
    const [x, y, z] = yield* Effect.all(judges.map(model))
    if (!a || !b || !c || !x || !y || !z) return yield* Effect.die("no models")
    const member = (it: typeof a) => ({ id: MemberId.make(it.ref), model: it, samples: 1 })
    const judge = (it: typeof a) => ({ model: it, strategy: listwise })
    return yield* buildDataset({
      source,
      out: join(folder, "out"),
      stop: { targetSize: prompts },
      seed: Seed.make(1),
      embedder,
      members: [member(a), member(b), member(c)],
      judges: [judge(x), judge(y), judge(z)],
      concurrency: inFlight,
      simulated: true
    })
  })
  const summary = await Effect.runPromise(
    program.pipe(Effect.provide(HttpClients.layerDirect), Effect.provide(NodeServices.layer), Effect.scoped)
  )
  rmSync(folder, { recursive: true })
  return summary.calls
}

/** What the journal alone takes: one look-up and one write for each answer. */
const journal = async (): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), "consortium-bench-"))
  const json = JSON.stringify({ text: "x".repeat(2000) })
  const program = Effect.gen(function* () {
    const store = yield* RunStore
    for (let i = 0; i < prompts * 6; i++) {
      const key = callKey("chat", "openai.chat", "simulated/plain", {
        messages: [{ role: "user", parts: [{ _tag: "Text", text: `${i} ${"y".repeat(400)}` }] }]
      })
      yield* store.journal.get(key)
      yield* store.journal.put(key, { json })
    }
    return prompts * 6
  })
  const calls = await Effect.runPromise(Effect.provide(program, layerSqlite({ filename: join(folder, "run.db") })))
  rmSync(folder, { recursive: true })
  return calls
}

const cases: Readonly<Record<string, () => Promise<number>>> = { raw, aiSdk, consortium, journal }
const chosen = cases[name]
if (chosen === undefined) throw new Error(`no case ${name}`)
const before = process.cpuUsage()
const started = performance.now()
const calls = await chosen()
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ calls, cpuMicros: user + system, wallMillis: performance.now() - started }))
