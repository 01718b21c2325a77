import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { command, type Ended, folders, quick, quickVendor } from "./command.js"

const folder = folders()
const vendor = quickVendor()

const good = '{"id":"a","prompt":"What is rain?"}\n{"id":"b","prompt":"Why do cats purr?"}\n'
const target = ["--target", "1"] as const

interface Case {
  readonly name: string
  /** Files of the folder that the command runs in; `p.jsonl` with two good prompts is always there. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly words: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  readonly prepare?: (cwd: string) => void
  readonly code: number
  /** Each stands on stderr, or on stdout where the code is 0. */
  readonly says: ReadonlyArray<RegExp>
}

const input = (name: string, content: string | Uint8Array, code: number, ...says: ReadonlyArray<RegExp>): Case => ({
  name: `input: ${name}`,
  files: { [name.split(" ")[0] ?? name]: content },
  words: [name.split(" ")[0] ?? name, ...target, ...quick],
  code,
  says
})

const flag = (words: ReadonlyArray<string>, code: number, ...says: ReadonlyArray<RegExp>): Case => ({
  name: `flags: ${words.join(" ")}`,
  words: ["p.jsonl", ...words],
  code,
  says
})

const config = (name: string, content: string, ...says: ReadonlyArray<RegExp>): Case => ({
  name: `config: ${name}`,
  files: { [name.split(" ")[0] ?? name]: content },
  words: ["p.jsonl", ...target, ...quick, "--config", name.split(" ")[0] ?? name],
  code: 2,
  says
})

const out = (name: string, prepare: (cwd: string) => void, code: number, ...says: ReadonlyArray<RegExp>): Case => ({
  name: `out: ${name}`,
  words: ["p.jsonl", ...target, ...quick, "--out", name.split(" ")[0] ?? name],
  prepare,
  code,
  says
})

const inputs: ReadonlyArray<Case> = [
  {
    name: "input: a missing file",
    words: ["no.jsonl", ...target, ...quick],
    code: 1,
    says: [/no\.jsonl: no such file/]
  },
  {
    name: "input: a folder",
    words: ["f.jsonl", ...target, ...quick],
    prepare: (cwd) => mkdirSync(join(cwd, "f.jsonl")),
    code: 1,
    says: [/f\.jsonl: it is a folder without a file of a known kind/]
  },
  input("prompts.xml", "<a/>", 1, /prompts\.xml: its kind is unknown: use \.jsonl/),
  input("x.jsonl binary", Uint8Array.from([0x7b, 0, 1, 2, 0x7d]), 1, /x\.jsonl: .*give prompts as text/),
  input("x.jsonl with a broken line", `${good}{"prompt":\n`, 1, /x\.jsonl:3: broken JSON/),
  input("x.jsonl with a wrong type", '{"prompt":7}\n', 1, /x\.jsonl:1: prompt.* must be a text/),
  input("x.jsonl with no prompt", '{"text":"hi"}\n', 1, /x\.jsonl:1: .*prompt/),
  input(
    "x.jsonl with no user turn",
    '{"messages":[{"role":"assistant","content":"hi"}]}\n',
    1,
    /x\.jsonl:1: messages.*user/
  ),
  input(
    "x.jsonl with two contents of one id",
    '{"id":"a","prompt":"x"}\n{"id":"a","prompt":"y"}\n',
    1,
    /x\.jsonl:2: the id a is already that of row 1/
  ),
  input(
    "x.jsonl with bytes that are no UTF-8",
    Uint8Array.from([0x22, 0xff, 0xfe, 0x22, 0x0a]),
    1,
    /x\.jsonl:1: .*not valid UTF-8/
  ),
  input("x.jsonl in UTF-16", Uint8Array.from([0xff, 0xfe, 0x22, 0, 0x61, 0, 0x22, 0]), 1, /x\.jsonl: .*UTF-16/),
  input("x.jsonl empty", "", 1, /x\.jsonl: .*give at least one/),
  input("x.json empty list", "[]", 1, /x\.json: .*give at least one/),
  input("x.json that is no list", '{"prompt":"a"}', 1, /x\.json: .*must be a list of rows/),
  input("x.csv without a prompt column", "a,b\n1,2\n", 1, /x\.csv:1: .*"prompt"/),
  input("x.jsonl with a BOM", `\ufeff${good}`, 0, /2 = 1 selected \+ 1 not selected/),
  input("x.jsonl with CRLF", good.replaceAll("\n", "\r\n"), 0, /2 = 1 selected \+ 1 not selected/),
  {
    name: "input: --skip-invalid counts and goes on",
    files: { "x.jsonl": `${good}{"prompt":\nnot json\n` },
    words: ["x.jsonl", ...target, ...quick, "--skip-invalid"],
    code: 0,
    says: [/4 = 1 selected \+ 1 not selected \+ 2 invalid/]
  }
]

const flags: ReadonlyArray<Case> = [
  {
    name: "flags: no prompts",
    words: [],
    code: 2,
    says: [/Missing required argument: prompts/, /consortium run --help/]
  },
  flag(["--tagret", "3"], 2, /--tagret/, /Did you mean this\?\s+--target/),
  flag(["--target", "0", ...quick], 2, /--target: "0"/, /greater than 0/),
  flag(["--target", "1.5", ...quick], 2, /--target: "1\.5"/, /integer/),
  flag(["--target", "NaN", ...quick], 2, /--target: "NaN"/),
  flag(["--tripwire", "1.5", ...quick], 2, /--tripwire: "1\.5"/, /between -1 and 1/),
  flag(["--tripwire=-1.5", ...quick], 2, /--tripwire: "-1\.5"/),
  flag(["--seed", "4294967296", ...target, ...quick], 2, /--seed/),
  flag(["--limit", "0", ...target, ...quick], 2, /--limit/),
  flag([...quick], 2, /--target N/, /--tripwire COS/),
  flag(["--target", "9", ...quick], 0, /2 = 2 selected/, /stopped: exhausted/),
  flag([...target, "--judge", "ollama/a"], 2, /at least one member: --member/),
  flag([...target, "--member", "ollama/a"], 2, /at least one judge: --judge/),
  flag([...target, "--member", "olama/a", "--judge", "ollama/a"], 2, /no vendor olama; did you mean ollama\?/),
  flag(
    [...target, "--member", "ollama.messages/a", "--judge", "ollama/a"],
    2,
    /ollama has no wire messages; it has: chat/
  ),
  flag([...target, "--member", "llama3", "--judge", "ollama/a"], 2, /llama3: not of the form vendor\/model/),
  flag([...target, ...quick, "--embedder", "lexical/big"], 2, /one model: lexical\/default/),
  flag(
    [...target, "--member", "openrouter/a", "--judge", "ollama/a"],
    2,
    /openrouter\/a: OPENROUTER_API_KEY holds no key/
  ),
  flag(
    [...target, "--member", "cloudflare/a", "--judge", "ollama/a"],
    2,
    /cloudflare\/a: CLOUDFLARE_ACCOUNT_ID is not set, and is part of the address/
  ),
  flag(
    [...target, "--member", "custom/scholar", "--member", "custom/sloppy", "--judge", "custom/a"],
    0,
    /1 = 1 examples/
  ),
  flag(
    [...target, "--member", "bedrock/a", "--judge", "ollama/a"],
    2,
    /bedrock\/a: AWS_BEARER_TOKEN_BEDROCK holds no key/
  ),
  flag(
    [...target, "--member", "vertex.messages/a", "--judge", "ollama/a"],
    2,
    /vertex\.messages\/a: GOOGLE_CLOUD_PROJECT says nothing/
  ),
  {
    ...flag([...target, "--member", "bedrock.messages/a", "--judge", "ollama/a"], 2, /AWS_REGION says nothing/),
    name: "flags: a key of Bedrock without a region",
    env: { AWS_BEARER_TOKEN_BEDROCK: "k" }
  },
  {
    ...flag([...target, "--member", "azure/a", "--judge", "ollama/a"], 2, /AZURE_OPENAI_ENDPOINT is no address/),
    name: "flags: a key of Azure with an address that is none",
    env: { AZURE_OPENAI_API_KEY: "k", AZURE_OPENAI_ENDPOINT: "mine" }
  },
  flag([...target, ...quick, "--system", "@missing.txt"], 2, /--system @missing\.txt: .*no such file/),
  {
    ...flag([...target, "--member", "groq/a", "--judge", "ollama/a"], 2, /groq\/a: GROQ_BASE_URL is no address/),
    name: "flags: .env is read, and an address there that is none",
    files: { ".env": "GROQ_API_KEY=k\nGROQ_BASE_URL=nowhere\n" }
  },
  {
    ...flag([...target, ...quick], 0, /1 = 1 examples/),
    name: "flags: the environment wins over .env",
    files: { ".env": "OLLAMA_BASE_URL=nowhere\n" }
  },
  {
    ...flag([...target, "--member", "simulated/a", "--judge", "ollama/a"], 2, /SIMULATED_BASE_URL is no address/),
    name: "flags: a simulated server elsewhere, at an address that is none",
    env: { SIMULATED_BASE_URL: "nowhere" }
  },
  {
    ...flag([...target, ...quick], 2, /HTTPS_PROXY is no address/),
    name: "flags: a proxy that is none",
    env: { HTTPS_PROXY: "http://" }
  },
  {
    ...flag([...target, ...quick], 1, /no prompt gave an example/, /rejected\.jsonl/),
    name: "flags: a vendor that is not there",
    env: { OLLAMA_BASE_URL: "http://127.0.0.1:9/v1" },
    files: { "consortium.config.mjs": `export default { timeout: "2 seconds" }` }
  }
]

const configs: ReadonlyArray<Case> = [
  { ...config("gone.mjs", ""), files: {}, says: [/gone\.mjs: no such configuration file/] },
  config("c.mjs that throws", 'throw new Error("not today")', /c\.mjs failed while it was loaded: Error: not today/),
  config("c.ts with broken syntax", "export default {", /c\.ts failed while it was loaded: SyntaxError/),
  config("c.mjs that imports what is not there", 'import "not-installed"', /Cannot find package 'not-installed'/),
  config("c.mjs that exports nothing", "export const a = 1", /c\.mjs has no default export/),
  config("c.json with an unknown field", '{"membres":["a/b"]}', /membres: no such field; did you mean members\?/),
  config(
    "c.json with an unknown inner field",
    '{"select":{"target":3}}',
    /select\.target: no such field; did you mean targetSize\?/
  ),
  config("c.json with an empty list", '{"judges":[]}', /judges: Expected a list of at least one/),
  config(
    "c.json with wrong values",
    '{"samples":"two","timeout":"soon"}',
    /samples: Expected number; timeout: Expected a duration/
  ),
  config(
    "c.json with a member without a model",
    '{"members":[{"id":"x"}]}',
    /members\[0\]: Expected a name, a model, or an object with a model/
  ),
  config("c.json broken", "{", /c\.json failed while it was loaded/),
  {
    ...config(
      "c.json with two members of one id",
      '{"members":[{"id":"x","model":"ollama/a"},{"id":"x","model":"ollama/b"}]}',
      /two members have the id x/
    ),
    words: ["p.jsonl", ...target, "--judge", "ollama/a", "--config", "c.json"]
  },
  config(
    "c.json with a quorum beyond the answers",
    '{"quorum":3}',
    /quorum: 3 eligible answers are needed, but the members give 2/
  ),
  {
    ...config("c.mjs beside another copy of effect", "export default {}", /another copy of effect/, /npm dedupe/),
    prepare: (cwd) => {
      mkdirSync(join(cwd, "node_modules/effect"), { recursive: true })
      writeFileSync(join(cwd, "node_modules/effect/package.json"), '{"name":"effect","version":"4.0.0"}')
    }
  }
]

let earlier = ""
const ran = (change: (path: string) => void) => (cwd: string) => {
  cpSync(earlier, join(cwd, "o"), { recursive: true })
  change(join(cwd, "o"))
}
const opened: Array<DatabaseSync> = []
const withDatabase = (path: string, sql: string, keep = false) => {
  const database = new DatabaseSync(join(path, "run.db"))
  database.exec(sql)
  if (keep) opened.push(database)
  else database.close()
}

const outs: ReadonlyArray<Case> = [
  out(
    "o where a file stands",
    (cwd) => writeFileSync(join(cwd, "o"), ""),
    1,
    /cannot write o/,
    /choose a folder that can be written/
  ),
  out("o/below below a file", (cwd) => writeFileSync(join(cwd, "o"), ""), 1, /cannot write o\/below/),
  out(
    "o with another's files",
    (cwd) => (mkdirSync(join(cwd, "o")), writeFileSync(join(cwd, "o/dataset.jsonl"), "")),
    2,
    /o holds .*dataset\.jsonl without the run\.db/
  ),
  out(
    "o with garbage for a store",
    (cwd) => (mkdirSync(join(cwd, "o")), writeFileSync(join(cwd, "o/run.db"), "garbage ".repeat(999))),
    1,
    /store o\/run\.db: damaged/,
    /another folder/
  ),
  out(
    "o on a full disk",
    (cwd) => (mkdirSync(join(cwd, "o")), symlinkSync("/dev/full", join(cwd, "o/dataset.jsonl.partial"))),
    1,
    /cannot write o\/dataset\.jsonl/,
    /the disk is full: free some space/
  ),
  {
    ...out(
      "o of a run with other settings",
      ran(() => {}),
      2,
      /other settings/,
      /target: there 2, here 1/,
      /or another folder/
    )
  },
  {
    ...out(
      "o of a run with other prompts",
      ran(() => {}),
      2,
      /prompts: there 2 rows, here 1/
    ),
    words: ["x.jsonl", "--target", "2", ...quick, "--out", "o"],
    files: { "x.jsonl": good.split("\n")[0] ?? "" }
  },
  out(
    "o of a newer version",
    ran((path) => withDatabase(path, "INSERT INTO effect_sql_migrations (migration_id, name) VALUES (999, 'later')")),
    1,
    /store o\/run\.db: newer/,
    /update/
  ),
  out(
    "o that another process uses",
    ran((path) => withDatabase(path, "BEGIN EXCLUSIVE", true)),
    1,
    /store o\/run\.db: locked/,
    /wait for it/
  )
]

describe.concurrent("bad input", () => {
  beforeAll(async () => {
    const cwd = folder({ "p.jsonl": good })
    const ended = await command(["run", "p.jsonl", "--target", "2", ...quick, "--out", "o"], { cwd, env: vendor })
    assert.strictEqual(ended.code, 0, ended.stderr)
    earlier = join(cwd, "o")
    return () => opened.forEach((database) => database.close())
  })

  const check = ({ code, says }: Case, ended: Ended) => {
    const shown = `${ended.stdout}\n--- stderr\n${ended.stderr}`
    assert.strictEqual(ended.code, code, shown)
    if (code !== 0) assert.strictEqual(ended.stdout.includes("_tag"), false, shown)
    for (const one of says) assert.match(code === 0 ? ended.stdout : ended.stderr, one)
    assert.notMatch(ended.stderr, /\n\s+at |defect/, "no stack is shown")
  }

  for (const one of [...inputs, ...flags, ...configs, ...outs]) {
    it(one.name, async () => {
      const cwd = folder({ "p.jsonl": good, ...one.files })
      one.prepare?.(cwd)
      check(one, await command(["run", ...one.words], { cwd, env: { ...vendor, ...one.env } }))
    })
  }

  it("a line of 150 MB is refused with bounded memory", async () => {
    const cwd = folder({ "x.jsonl": Buffer.alloc(150 * 1024 * 1024, "a") })
    const peak = 'process.on("exit", () => process.stderr.write(`peak ${process.resourceUsage().maxRSS}\\n`))'
    const ended = await command(["run", "x.jsonl", ...target, ...quick], {
      cwd,
      env: vendor,
      node: ["--import", `data:text/javascript,${encodeURIComponent(peak)}`]
    })
    assert.strictEqual(ended.code, 1, ended.stderr)
    assert.match(ended.stderr, /x\.jsonl:1: .*157286400 bytes.*at most 33554432/)
    const kilobytes = Number(/peak (\d+)/.exec(ended.stderr)?.[1])
    assert.isBelow(kilobytes, 400 * 1024)
  })

  it("a start that never read its input binds nobody to its settings", async () => {
    const cwd = folder({ "p.jsonl": good })
    const wrong = await command(["run", "no.jsonl", "--target", "2", ...quick, "--out", "o"], { cwd, env: vendor })
    assert.strictEqual(wrong.code, 1)
    const right = await command(["run", "p.jsonl", "--target", "1", ...quick, "--out", "o"], { cwd, env: vendor })
    assert.strictEqual(right.code, 0, right.stderr)
  })
})
