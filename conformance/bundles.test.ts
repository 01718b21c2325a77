/** How large a program's bundle is that asks one vendor: ours, the vendors' SDK, the AI SDK; ours has a budget. */
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { bundle } from "./internal/bundle.js"
import { print } from "./internal/table.js"

const from = fileURLToPath(new URL(".", import.meta.url))
const rows: Array<ReadonlyArray<string | number>> = []
afterAll(() => print("bundles for browsers, in bytes", ["asks one vendor with", "minified", "gzip", "budget"], rows))

const ours = `import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { groq } from "@consortium/providers-openai-compatible/vendors/groq"
import * as HttpClients from "@consortium/wire/HttpClients"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
export const ask = (question, key) =>
  Effect.gen(function* () {
    const model = yield* ChatCompletions.make({ vendor: groq, model: "m", apiKey: Redacted.make(key) })
    return Completion.text(yield* model.complete({ messages: [message("user", question)] }))
  }).pipe(Effect.provide(HttpClients.layer), Effect.runPromise)`

const consortium = `import * as Consortium from "@consortium/ensemble/Consortium"
import { promises } from "@consortium/ensemble/Promises"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { vendors } from "@consortium/providers-openai-compatible/Vendors"
import * as HttpClients from "@consortium/wire/HttpClients"
export { Consortium, promises, ChatCompletions, vendors, HttpClients }`

const openai = `import OpenAI from "openai"
export const ask = async (question, apiKey) => {
  const client = new OpenAI({ apiKey, dangerouslyAllowBrowser: true })
  const said = await client.chat.completions.create({ model: "m", messages: [{ role: "user", content: question }] })
  return said.choices[0].message.content
}`

const aiSdk = `import { createOpenAI } from "@ai-sdk/openai"
export const ask = async (question, apiKey) => {
  const prompt = [{ role: "user", content: [{ type: "text", text: question }] }]
  return (await createOpenAI({ apiKey }).chat("m").doGenerate({ prompt })).content
}`

/** Gzip bytes; a tenth above what they were when they were set. */
const budgets = { ours: 73_000, consortium: 123_000 } as const

const measured = async (name: string, program: string, budget?: number) => {
  const { bytes, gzip } = await bundle(program, { from, platform: "browser" })
  rows.push([name, bytes, gzip, budget ?? "–"])
  return gzip
}

describe("bundles", () => {
  it("one vendor and the core are smaller than the SDKs, and within the budget", async () => {
    const size = await measured("@consortium/providers-openai-compatible, effect", ours, budgets.ours)
    const sdk = await measured("openai", openai)
    const ai = await measured("@ai-sdk/openai", aiSdk)
    expect(size).toBeLessThan(budgets.ours)
    expect(size).toBeLessThan(sdk)
    expect(size).toBeLessThan(ai)
  })

  it("a consortium with every vendor's facts is within the budget", async () => {
    const size = await measured("@consortium/ensemble, all vendors of the chat wire", consortium, budgets.consortium)
    expect(size).toBeLessThan(budgets.consortium)
  })
})

/** Rooms that never ask for a file, a process or a database of the machine. */
const portable = [
  "aggregation",
  "core",
  "embedders-lexical",
  "embedders-openai-compatible",
  "ensemble",
  "judge-strategies",
  "middleware",
  "panel",
  "pricing",
  "providers-anthropic",
  "providers-cohere",
  "providers-google",
  "providers-ollama",
  "providers-openai",
  "providers-openai-compatible",
  "sampling",
  "selector",
  "wire"
]

describe("what a browser has", () => {
  for (const name of portable) {
    it(`is all that ${name} asks for`, async () => {
      const index = fileURLToPath(new URL(`../packages/${name}/src/index.js`, import.meta.url))
      const { code } = await bundle(`export * from ${JSON.stringify(index)}`, { from, platform: "browser" })
      expect(code.match(/(?<![\w$.])(?:Buffer\.|process\.(?!getBuiltinModule|env\b))\w+/g)).toBeNull()
    })
  }
})
