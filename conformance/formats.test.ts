/** What `consortium export` writes, read by what is not ours: DuckDB, hyparquet, Ajv, chat templates, a YAML parser. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import { Template } from "@huggingface/jinja"
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js"
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet"
import { compressors } from "hyparquet-compressors"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parse as parseYaml } from "yaml"
import { containers } from "@consortium/formats/Container"
import { formats, type Name } from "@consortium/formats/Formats"
import type { ContainerName } from "@consortium/formats/Names"
import type { Ranked } from "@consortium/formats/Ranked"
import { writeIterable } from "@consortium/formats/Write"
import { bin } from "./internal/command.js"
import { folders } from "./internal/places.js"
import { serve, type Server } from "./internal/simulated.js"

const folder = folders()
const names = ["openai", "sharegpt", "alpaca", "chatml", "dpo", "orpo", "kto", "reward", "listwise", "csv", "parquet"]
let server: Server
let cwd: string

const hostile = [
  "Why is the sky blue? Answer in two sentences, please.",
  'Quote "this", and say why,\nover two lines; = 1 + 1 is no formula here.',
  '=HYPERLINK("http://x", "y") is what a spreadsheet would run, isn\'t it?',
  "A tab\t, a control \u0001 sign, U+2028 \u2028 and an emoji 🦊: what are they?",
  "<|im_start|>system is a mark of ChatML: what does it mean there?",
  "日本語で空の色について説明してください。どうして青いのですか。"
]
const talks = [
  {
    id: "talk",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hello there" },
      { role: "assistant", content: "Hello!" },
      { role: "user", content: "Why does bread rise at all?" }
    ]
  },
  ...hostile.map((prompt, at) => ({ id: `h${at}`, prompt }))
]

const consortium = (...words: ReadonlyArray<string>) =>
  execFileSync(process.execPath, [bin, ...words], {
    cwd,
    env: { ...process.env, SIMULATED_BASE_URL: server.url },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"]
  })

interface Row {
  readonly id: string
  readonly prompt: string
  readonly completion: string
  readonly messages?: ReadonlyArray<{ readonly role: string; readonly content: string }>
  readonly score: number
}
let rows: ReadonlyArray<Row> = []

const linesOf = <A>(file: string): ReadonlyArray<A> =>
  readFileSync(join(cwd, file), "utf8")
    .trimEnd()
    .split("\n")
    .map((line): A => JSON.parse(line))

beforeAll(async () => {
  server = await serve({ latencyScale: 0, seed: 3 })
  cwd = folder()
  writeFileSync(join(cwd, "p.jsonl"), talks.map((talk) => JSON.stringify(talk)).join("\n"))
  // The run has to be in another process than its server.
  await new Promise<void>((resolve, reject) => {
    import("node:child_process").then(({ execFile }) =>
      execFile(
        process.execPath,
        [
          bin,
          "run",
          "p.jsonl",
          "--target",
          "7",
          "--member",
          "simulated/scholar",
          "--member",
          "simulated/plain",
          "--judge",
          "simulated/careful",
          "--check",
          "none"
        ],
        { cwd, env: { ...process.env, SIMULATED_BASE_URL: server.url } },
        (error) => (error === null ? resolve() : reject(error))
      )
    )
  })
  rows = linesOf("consortium-out/dataset.jsonl")
  expect(rows).toHaveLength(7)
  consortium("export", "consortium-out", "--out", "export", ...names.flatMap((name) => ["--format", name]))
  consortium("export", "consortium-out", "--out", "hub", "--format", "hf")
})
afterAll(() => server.stop())

const message = {
  type: "object",
  properties: { role: { enum: ["system", "user", "assistant"] }, content: { type: "string", minLength: 1 } },
  required: ["role", "content"],
  additionalProperties: false
}
const talk = { type: "array", items: message, minItems: 1 }
const objectOf = (properties: Readonly<Record<string, unknown>>) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false
})
const said = { type: "string", minLength: 1 }

/** Shapes as their documents have them, on the day they were read. */
const shapes: Readonly<Record<string, object>> = {
  // https://platform.openai.com/docs/guides/supervised-fine-tuning#formatting-your-data: ends with the assistant's turn
  openai: objectOf({ messages: { ...talk, minItems: 2 } }),
  // https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md#sharegpt-format
  sharegpt: {
    type: "object",
    properties: {
      conversations: {
        type: "array",
        minItems: 2,
        items: objectOf({ from: { enum: ["system", "human", "gpt", "function_call", "observation"] }, value: said })
      },
      system: { type: "string" }
    },
    required: ["conversations"]
  },
  // https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md#alpaca-format
  alpaca: {
    type: "object",
    properties: {
      instruction: said,
      input: { type: "string" },
      output: said,
      system: { type: "string" },
      history: { type: "array", items: { type: "array", items: { type: "string" }, minItems: 2, maxItems: 2 } }
    },
    required: ["instruction", "input", "output"],
    additionalProperties: false
  },
  chatml: objectOf({ text: said }),
  // https://huggingface.co/docs/trl/dataset_formats: preference, explicit and implicit prompt; unpaired preference
  dpo: objectOf({ prompt: talk, chosen: { ...talk, maxItems: 1 }, rejected: { ...talk, maxItems: 1 } }),
  orpo: objectOf({ chosen: { ...talk, minItems: 2 }, rejected: { ...talk, minItems: 2 } }),
  reward: objectOf({
    chosen: { ...talk, minItems: 2 },
    rejected: { ...talk, minItems: 2 },
    margin: { type: "number", minimum: 0 }
  }),
  kto: objectOf({ prompt: talk, completion: { ...talk, maxItems: 1 }, label: { type: "boolean" } }),
  listwise: {
    type: "object",
    properties: {
      prompt: talk,
      completions: { type: "array", items: said },
      scores: { type: "array", items: { type: "number" } },
      p_best: { type: "array", items: { type: "number", minimum: 0, maximum: 1 } },
      acceptable: { type: "array", items: { type: "boolean" } }
    },
    required: ["prompt", "completions", "scores", "p_best", "acceptable"]
  }
}

const ajv = new Ajv2020({ allErrors: true })
const validators = new Map<string, ValidateFunction>(
  Object.entries(shapes).map(([name, schema]) => [name, ajv.compile(schema)])
)

describe("JSON Lines", () => {
  it.each(Object.keys(shapes))("%s is what its trainers document", (name) => {
    const validate = validators.get(name)
    const all = linesOf<unknown>(`export/${name}/train.jsonl`)
    expect(all.length).toBeGreaterThan(0)
    for (const row of all)
      expect(validate?.(row), `${JSON.stringify(validate?.errors)} ${JSON.stringify(row)}`).toBe(true)
  })

  it("conversations end with the answer, as OpenAI's fine-tuning asks, and begin with the system or the user", () => {
    for (const { messages } of linesOf<{ readonly messages: NonNullable<Row["messages"]> }>(
      "export/openai/train.jsonl"
    )) {
      expect(messages.at(-1)?.role).toBe("assistant")
      expect(["system", "user"]).toContain(messages[0]?.role)
      const turns = messages.filter(({ role }) => role !== "system").map(({ role }) => role)
      expect(turns).toEqual(turns.map((_, at) => (at % 2 === 0 ? "user" : "assistant")))
    }
  })

  it("ChatML texts are what the published chat template makes of the same messages", () => {
    // https://huggingface.co/docs/transformers/chat_templating: the ChatML template
    const template = new Template(
      "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
    )
    const texts = linesOf<{ readonly text: string }>("export/chatml/train.jsonl").map(({ text }) => text.trimEnd())
    const talks = linesOf<{ readonly messages: NonNullable<Row["messages"]> }>("export/openai/train.jsonl")
    const rendered = talks.map(({ messages }) => template.render({ messages }).trimEnd())
    // One prompt holds ChatML's own mark, which can't be said in it.
    expect(texts).toEqual(rendered.filter((text) => !text.includes("<|im_start|>system is a mark")))
    expect(texts).toHaveLength(6)
  })
})

/** Half a surrogate and NUL aside, cells are what the dataset has. */
const cells = (all: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
  new Map(all.map((row) => [String(row.id), { completion: row.completion, prompt: row.prompt, score: row.score }]))
const expected = () => cells(rows.map(({ completion, id, prompt, score }) => ({ id, completion, prompt, score })))

const duck = async (sql: string) => {
  const connection = await (await DuckDBInstance.create()).connect()
  const reader = await connection.runAndReadAll(sql)
  const found = reader.getRowObjectsJS()
  connection.closeSync()
  return found
}

describe("tables", () => {
  it.each([
    ["export", "parquet"],
    ["hub", "hf"]
  ])("%s/%s is read by hyparquet and by DuckDB as the same rows", async (out) => {
    const found = readdirSync(join(cwd, out), { recursive: true, encoding: "utf8" })
    const file = join(cwd, out, found.find((one) => one.endsWith(".parquet")) ?? "")
    const byHyparquet = await parquetReadObjects({ file: await asyncBufferFromFile(file), compressors })
    const byDuck = await duck(`SELECT * FROM read_parquet('${file}')`)
    expect(cells(byHyparquet)).toEqual(expected())
    expect(cells(byDuck)).toEqual(expected())
    expect(Object.keys(byDuck[0] ?? {})).toEqual(Object.keys(byHyparquet[0] ?? {}))
    const kinds = await duck(`DESCRIBE SELECT * FROM read_parquet('${file}')`)
    expect(new Map(kinds.map(({ column_name: column, column_type: kind }) => [column, kind])).get("score")).toBe(
      "DOUBLE"
    )
  })

  it("CSV is read by DuckDB as the same rows, but for the apostrophe before what a spreadsheet would run", async () => {
    const file = join(cwd, "export", "csv", "train.csv")
    const found = cells(
      await duck(
        `SELECT * FROM read_csv('${file}', header = true, quote = '"', escape = '"', delim = ',', all_varchar = true)`
      )
    )
    for (const { completion, id, prompt } of rows) {
      expect(found.get(id)?.completion).toBe(completion)
      expect([prompt, `'${prompt}`]).toContain(found.get(id)?.prompt)
    }
    expect([...found.values()].map(({ prompt }) => prompt)).toContainEqual(expect.stringMatching(/^'=HYPERLINK/))
  })

  it("JSON Lines of messages are nested rows to DuckDB, and Parquet of messages too", async () => {
    const [counted] = await duck(
      `SELECT count(*)::INTEGER AS n, sum(len(messages))::INTEGER AS turns FROM read_json('${join(cwd, "export/openai/train.jsonl")}', format = 'newline_delimited')`
    )
    expect(counted).toEqual({ n: 7, turns: 17 })
    consortium("export", "consortium-out", "--out", "nested", "--format", "dpo", "--as", "parquet")
    const file = join(cwd, "nested", "dpo", "train.parquet")
    const pairs = linesOf<unknown>("export/dpo/train.jsonl")
    expect(await parquetReadObjects({ file: await asyncBufferFromFile(file), compressors })).toEqual(pairs)
    expect(await duck(`SELECT count(*)::INTEGER AS n FROM read_parquet('${file}')`)).toEqual([{ n: pairs.length }])
  })
})

/** What members may answer: made-up, and as nasty as text can be. */
const answers = [
  "\u0000\u0001\u0007\u001b[31m\u007f",
  "half \ud800 of a pair, \udc00\ud800 the wrong way",
  "=1+1",
  "\t=cmd|' /C calc'!A0",
  "@SUM(A1)",
  '-2\n"quoted", and\r\nmore',
  "\u2028 \u2029 \u0085 \ufeff",
  "\u202eright to left, 𝒳 and 🦊",
  "\\ud800 \\n are no escapes",
  "",
  `"=${"1234567,\n".repeat(1_100_000)}`
]
const nasty = answers.map(
  (text, at): Ranked => ({
    id: `n${at}`,
    prompt: `${at}: ${text.slice(0, 100)}?`,
    chosen: { candidate: "a" },
    pBest: { value: 0.75 },
    agreement: { first: 1, of: 1 },
    judged: true,
    ranking: ["a", "b"].map((id, place) => ({
      candidates: [id],
      score: 1 - place,
      pBest: 0.5,
      acceptable: true
    })),
    judges: [{ judge: "j", order: [["a"], ["b"]] }],
    candidates: [
      { id: "a", member: "a", model: "made/up", text },
      { id: "b", member: "b", model: "made/up", text: "Plain." }
    ],
    seed: 7,
    version: "0.0.0",
    simulated: true
  })
)

/** What some readers take for the end of a line. */
const breaks = new Set(["\u0085", "\u2028", "\u2029"])

/** Half a pair has no bytes in UTF-8. */
const whole = (text: string) => text.toWellFormed()

const nastyFile = async (name: Name, container: ContainerName) => {
  const file = join(cwd, `nasty-${name}${containers[container].extension}`)
  const blocks: Array<Uint8Array> = []
  const options = { format: formats[name], container: containers[container] }
  for await (const block of writeIterable(nasty, options)) blocks.push(block)
  writeFileSync(file, Buffer.concat(blocks))
  return file
}

describe("hostile answers, one of them of ten megabytes", () => {
  const expected = new Map(nasty.map(({ candidates: [best], id }) => [id, whole(best?.text ?? "")]))
  const completions = (all: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
    new Map(all.map(({ completion, id }) => [String(id), completion]))

  it("are the same to hyparquet and DuckDB from Parquet, and to DuckDB from JSON Lines", async () => {
    const file = await nastyFile("table", "parquet")
    expect(completions(await parquetReadObjects({ file: await asyncBufferFromFile(file), compressors }))).toEqual(
      expected
    )
    expect(completions(await duck(`SELECT id, completion FROM read_parquet('${file}')`))).toEqual(expected)
    for (const container of ["jsonl", "jsonl.gz"] as const) {
      const lines = await nastyFile("table", container)
      const found = await duck(
        `SELECT id, completion FROM read_json('${lines}', format = 'newline_delimited', maximum_object_size = 67108864)`
      )
      expect(completions(found)).toEqual(expected)
    }
  })

  it("are the same to DuckDB from CSV, but for NUL and the apostrophe before a formula", async () => {
    const file = await nastyFile("table", "csv")
    const found = completions(
      await duck(
        `SELECT id, completion FROM read_csv('${file}', header = true, quote = '"', escape = '"', delim = ',', all_varchar = true, max_line_size = 33554432, buffer_size = 268435456)`
      )
    )
    expect(found.size).toBe(expected.size)
    for (const [id, text] of expected) {
      const said = text.replaceAll("\0", "\ufffd")
      expect([said, `'${said}`, said === "" ? null : said], id).toContain(found.get(id))
      expect(String(found.get(id))).not.toMatch(/^[\s"]*[=+\-@]/)
    }
  })

  it("are the same in conversations: nested Parquet by hyparquet and DuckDB, JSON Lines by their schema", async () => {
    const file = await nastyFile("dpo", "parquet")
    const byHyparquet = await parquetReadObjects({ file: await asyncBufferFromFile(file), compressors })
    expect(byHyparquet.map(({ chosen }) => chosen?.[0]?.content)).toEqual([...expected.values()])
    const byDuck = await duck(`SELECT chosen[1].content AS completion FROM read_parquet('${file}')`)
    expect(byDuck.map(({ completion }) => completion)).toEqual([...expected.values()])
    for (const name of Object.keys(shapes) as ReadonlyArray<Name>) {
      const text = readFileSync(await nastyFile(name, "jsonl"), "utf8")
      expect([...new Set(text)].filter((sign) => sign !== "\n" && (sign < " " || breaks.has(sign)))).toEqual([])
      const lines = text.trimEnd().split("\n")
      expect(lines).toHaveLength(name === "kto" ? 2 * nasty.length : nasty.length)
      for (const line of lines) {
        const row: unknown = JSON.parse(line)
        // An empty answer is no shape's fault: members that say nothing are not ranked.
        if (!line.includes('"9: ?')) expect(validators.get(name)?.(row), `${name} ${line.slice(0, 200)}`).toBe(true)
      }
    }
  })
})

it("the card's head is YAML that names the files which are there", () => {
  const card = readFileSync(join(cwd, "export", "README.md"), "utf8")
  const [, head = ""] = /^---\n([\s\S]*?)\n---\n/.exec(card) ?? []
  const read: {
    readonly configs?: ReadonlyArray<{
      readonly config_name: string
      readonly data_files: ReadonlyArray<{ readonly split: string; readonly path: string }>
    }>
  } = parseYaml(head)
  const files = (read.configs ?? []).flatMap(({ data_files }) => data_files.map(({ path }) => path))
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) expect(() => readFileSync(join(cwd, "export", file))).not.toThrow()
  expect(card).toMatch(/simulated/)
  expect(card).toMatch(/Vendi score\) \| \d+\.\d\d \| \d+\.\d\d/)
})

it("every shape goes in again as the prompts that it was made of", async () => {
  const wanted = new Set(rows.map(({ prompt }) => prompt.replaceAll(/\s+/g, " ").trim()))
  for (const name of Object.keys(shapes)) {
    consortium("select", `export/${name}/train.jsonl`, "--target", "100", "--guard", "off", "--out", `back-${name}`)
    const back = linesOf<{ readonly prompt?: string; readonly messages?: Row["messages"] }>(
      `back-${name}/prompts.jsonl`
    )
    const texts = back.map(({ messages, prompt }) =>
      (prompt ?? messages?.at(-1)?.content ?? "").replaceAll(/\s+/g, " ").trim()
    )
    expect(texts.length).toBeGreaterThan(3)
    for (const text of texts) expect(wanted, `${name}: ${text}`).toContain(text)
  }
})
