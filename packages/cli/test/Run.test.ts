import { readFileSync, readdirSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { RunEvent } from "@consortium/core/RunEvent"
import { command, folders, quick, quickVendor } from "./command.js"

const folder = folders()
const vendor = quickVendor()
const decodeEvent = Schema.decodeUnknownSync(Schema.fromJsonString(RunEvent))
const lines = (text: string) => text.split("\n").filter((line) => line !== "")

describe.concurrent("consortium run", () => {
  const formats: ReadonlyArray<readonly [name: string, content: string]> = [
    ["p.txt", "What is rain?\nWhy do cats purr?\n"],
    ["p.csv", 'id,prompt,topic\n1,"What is rain, really?",sky\n2,Why do cats purr?,cats\n'],
    ["p.json", '[{"prompt":"What is rain?"},"Why do cats purr?"]'],
    ["p.jsonl", '{"prompt":"What is rain?"}\n{"messages":[{"role":"user","content":"Why do cats purr?"}]}\n'],
    ["-", 'What is rain?\n{"prompt":"Why do cats purr?"}\n']
  ]
  for (const [name, content] of formats) {
    it(`reads ${name === "-" ? "standard input" : name} and writes every file`, async () => {
      const cwd = folder(name === "-" ? {} : { [name]: content })
      const ended = await command(["run", name, "--target", "2", ...quick, "--out", "o"], {
        cwd,
        env: vendor,
        ...(name === "-" && { stdin: content })
      })
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.match(ended.stdout, /rows +2 = 2 selected\n +selected +2 = 2 examples \(stopped: target\)/)
      assert.deepStrictEqual(readdirSync(join(cwd, "o")).sort(), [
        "dataset.jsonl",
        "rejected.jsonl",
        "run.db",
        "run.json",
        "selection.jsonl"
      ])
      assert.strictEqual(lines(readFileSync(join(cwd, "o/dataset.jsonl"), "utf8")).length, 2)
    })
  }

  it("is the same bytes for the same seed, and asks nothing twice", async () => {
    const cwd = folder({ "p.txt": "What is rain?\nWhy do cats purr?\nWhat is a prime?\n" })
    const words = ["run", "p.txt", "--target", "2", "--seed", "5", ...quick]
    const first = await command([...words, "--out", "a"], { cwd, env: vendor })
    const second = await command([...words, "--out", "b"], { cwd, env: vendor })
    assert.deepStrictEqual([first.code, second.code], [0, 0], second.stderr)
    assert.strictEqual(
      readFileSync(join(cwd, "a/dataset.jsonl"), "utf8"),
      readFileSync(join(cwd, "b/dataset.jsonl"), "utf8")
    )
    const again = await command([...words, "--out", "a"], { cwd, env: vendor })
    assert.match(again.stdout, /calls +0 made/)
    assert.match(again.stderr, /going on with a/)
  })

  it("tells one event a line with --json, the last one Finished, and nothing else on stdout", async () => {
    const cwd = folder({ "p.txt": "What is rain?\nWhy do cats purr?\n" })
    const { code, stdout } = await command(["run", "p.txt", "--target", "2", ...quick, "--json"], { cwd, env: vendor })
    assert.strictEqual(code, 0)
    const events = lines(stdout).map((line) => decodeEvent(line))
    assert.strictEqual(events[0]?._tag, "Started")
    assert.strictEqual(events.at(-1)?._tag, "Finished")
    assert.strictEqual(events.filter(({ _tag }) => _tag === "Answered").length, 4)
  })

  it("ends --json with Failed where there is no Finished, also for words that can't be parsed", async () => {
    const cwd = folder()
    const missing = await command(["run", "no.txt", "--target", "2", ...quick, "--json"], { cwd, env: vendor })
    assert.strictEqual(missing.code, 1)
    assert.deepInclude(JSON.parse(lines(missing.stdout).at(-1) ?? ""), {
      _tag: "Failed",
      code: 1,
      error: "SourceError"
    })
    const unknown = await command(["run", "no.txt", "--nope", "--json"], { cwd })
    assert.strictEqual(unknown.code, 2)
    assert.deepInclude(JSON.parse(unknown.stdout), { _tag: "Failed", code: 2, error: "UsageError" })
  })

  const hanging = [
    "run",
    "p.txt",
    "--target",
    "2",
    "--member",
    "ollama/brisk",
    "--member",
    "simulated/silent",
    "--judge",
    "ollama/careful"
  ]

  it("stops cleanly at Ctrl-C, and the same command goes on", async () => {
    const cwd = folder({ "p.txt": "What is rain?\nWhy do cats purr?\n" })
    let sent = false
    const ended = await command([...hanging, "--json"], {
      cwd,
      env: vendor,
      onOutput: (child, stdout) => {
        // The other member never answers: only a run that does not wait for it ends.
        if (!sent && stdout.includes('"Answered"')) sent = child.kill("SIGINT")
      }
    })
    assert.strictEqual(ended.code, 130, ended.stderr)
    assert.match(ended.stderr, /interrupted; the same command goes on/)
    assert.deepInclude(JSON.parse(lines(ended.stdout).at(-1) ?? ""), { _tag: "Failed", code: 130 })
    const database = new DatabaseSync(join(cwd, "consortium-out/run.db"))
    assert.deepStrictEqual({ ...database.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" })
    database.close()
    const again = await command([...hanging, "--json"], {
      cwd,
      env: vendor,
      onOutput: (child, stdout) => {
        if (stdout.includes('"cached":true')) child.kill("SIGINT")
      }
    })
    assert.strictEqual(decodeEvent(lines(again.stdout)[0])._tag, "Started")
    assert.match(again.stdout, /"resumed":true/)
    assert.match(again.stdout, /"Answered".*"cached":true/, "what was answered is not asked again")
  })

  it("ends at once at the second Ctrl-C", async () => {
    const cwd = folder({ "p.txt": "What is rain?\n" })
    let sent = false
    const ended = await command([...hanging, "--out", "o"], {
      cwd,
      env: vendor,
      onOutput: (child, _stdout, stderr) => {
        if (sent || !stderr.includes("selected:")) return
        sent = true
        child.kill("SIGINT")
        child.kill("SIGINT")
      }
    })
    assert.strictEqual(ended.code, 130)
  })

  it("stops cleanly when nobody reads its events any more", async () => {
    const cwd = folder({ "p.txt": "What is rain?\nWhy do cats purr?\n" })
    const ended = await command([...hanging, "--json"], {
      cwd,
      env: vendor,
      onOutput: (child) => child.stdout?.destroy()
    })
    assert.strictEqual(ended.code, 130, ended.stderr)
    assert.notMatch(ended.stderr, /EPIPE|\n\s+at /)
  })

  it("keeps its progress short where there is no terminal", async () => {
    const cwd = folder({ "p.txt": Array.from({ length: 40 }, (_, i) => `Question ${i} of ${i * 7}?`).join("\n") })
    const { stderr } = await command(["run", "p.txt", "--target", "40", ...quick], { cwd, env: vendor })
    // The plan, and a line for each tenth.
    assert.isAtMost(lines(stderr).length, 28)
    assert.match(stderr, /40\/40 prompts · \d+ calls/)
  })

  it("does not send simulated members through a proxy", async () => {
    const cwd = folder({ "p.txt": "What is rain?\n" })
    const dead = "http://127.0.0.1:9"
    const ended = await command(
      ["run", "p.txt", "--target", "1", "--member", "simulated/brisk", "--judge", "simulated/brisk"],
      {
        cwd,
        env: { HTTP_PROXY: dead, HTTPS_PROXY: dead, http_proxy: dead, https_proxy: dead }
      }
    )
    assert.strictEqual(ended.code, 0, ended.stderr)
  })

  it("sends vendors through the proxy of the environment", async () => {
    const asked: Array<string> = []
    const proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.writeHead(403).end()
    })
    proxy.on("connect", (request, socket) => {
      asked.push(`CONNECT ${request.url}`)
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n")
    })
    await new Promise<void>((ready) => proxy.listen(0, "127.0.0.1", ready))
    const address = proxy.address()
    const via = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
    const cwd = folder({ "p.txt": "What is rain?\n" })
    const ended = await command(
      [
        "run",
        "p.txt",
        "--target",
        "1",
        "--member",
        "openrouter/a/b",
        "--member",
        "groq/c",
        "--judge",
        "openrouter/a/b"
      ],
      {
        cwd,
        env: {
          HTTP_PROXY: via,
          HTTPS_PROXY: via,
          OPENROUTER_API_KEY: "k",
          OPENROUTER_BASE_URL: "http://127.0.0.1:9/api/v1",
          GROQ_API_KEY: "k",
          GROQ_BASE_URL: "https://127.0.0.1:9/openai/v1"
        }
      }
    )
    proxy.closeAllConnections()
    proxy.close()
    assert.strictEqual(ended.code, 1, ended.stderr)
    assert.isTrue(
      asked.some((line) => line.includes("127.0.0.1:9")),
      asked.join("\n")
    )
    assert.isTrue(
      asked.every((line) => line.includes("127.0.0.1:9")),
      asked.join("\n")
    )
  })

  it("a run that the guard ends says what to do", async () => {
    const cwd = folder({ "p.txt": "Why is the sky blue?\nWhy is the sky blue??\nWhy is the sky blue???\n" })
    const ended = await command(["run", "p.txt", "--target", "3", ...quick], { cwd, env: vendor })
    assert.strictEqual(ended.code, 0, ended.stderr)
    assert.match(ended.stdout, /stopped: guarded/)
    assert.include(ended.stderr, "--guard off takes copies too")
  })
})

describe.concurrent("help and version", () => {
  it("are on stdout with code 0", async () => {
    const cwd = folder()
    const help = await command(["run", "--help"], { cwd })
    assert.strictEqual(help.code, 0)
    for (const flag of ["--target", "--tripwire", "--member", "--judge", "--out", "--json"])
      assert.include(help.stdout, flag)
    assert.strictEqual((await command(["--help"], { cwd })).stdout, (await command([], { cwd })).stdout)
    const version = await command(["--version"], { cwd })
    assert.match(version.stdout, /^consortium \d+\.\d+\.\d+\n$/)
    assert.strictEqual(version.stderr + help.stderr, "")
  })

  it("survive a reader who goes away", async () => {
    const ended = await command(["run", "--help"], { cwd: folder(), onOutput: (child) => child.stdout?.destroy() })
    assert.notMatch(ended.stderr, /EPIPE|\n\s+at /)
  })
})
