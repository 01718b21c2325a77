/** The same program in every runtime: Node, Bun and Deno over undici and over fetch, a browser, and an edge. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, it } from "vitest"
import { bundle } from "./internal/bundle.js"
import { bin } from "./internal/command.js"
import { print } from "./internal/table.js"
import type { Report } from "./runtimes/asked.js"
import * as programs from "./runtimes/programs.js"
import { start } from "./runtimes/server.js"

const from = fileURLToPath(new URL("runtimes", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "consortium-runtimes-"))
const found: Array<ReadonlyArray<string>> = []
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  print("runtimes", ["runtime", "client", "what it said"], found)
})

const posts = 'import { asked } from "./asked.js"\n'
const line = `${posts}console.log(JSON.stringify(await asked(process.argv[2])))`
const page = `${posts}const report = await asked(location.origin).catch((error) => ({ error: String(error) }))
await fetch("/report", { method: "POST", body: JSON.stringify(report) })`
const worker = `${posts}export default {
  fetch: async (request) => {
    const report = await asked(new URL(request.url).searchParams.get("at")).catch((error) => ({ error: String(error) }))
    return Response.json(report)
  }
}`

beforeAll(async () => {
  const [undici, fetch, edge] = await Promise.all([
    bundle(line, { from, platform: "node" }),
    bundle(line, { from, platform: "browser" }),
    bundle(worker, { from, platform: "browser" })
  ])
  writeFileSync(join(folder, "undici.mjs"), undici.code)
  writeFileSync(join(folder, "fetch.mjs"), fetch.code)
  writeFileSync(join(folder, "worker.js"), edge.code)
})

/** What every runtime has to report. */
const holds = (runtime: string, client: string, text: string): void => {
  const report: Partial<Report> = JSON.parse(text)
  found.push([runtime, client, `${report.pieces} pieces of a stream, ${report.outputTokens} tokens, ${report.refused}`])
  expect(report.whole).toMatch(/\w/)
  expect(report.streamed).toBe(report.whole)
  expect(report.pieces).toBeGreaterThan(1)
  expect(report.outputTokens).toBeGreaterThan(0)
  expect(report.triedAgain).toBe(true)
  expect(report.refused).toBe("Authentication without the key")
  expect(report.best).toMatch(/\w/)
  expect(report.judged).toBe(true)
}

const skipped = (runtime: string, why: string): void => {
  found.push([runtime, "–", `skipped: ${why}`])
  console.log(`skipped: ${runtime}: ${why}`)
}

const outputOf = (command: string, words: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.on("error", reject)
    child.on("close", (code) => (code === 0 ? resolve(stdout) : reject(new Error(`exit ${code}: ${stderr}`))))
  })

/** `undici` is what Node's layer loads, `fetch` what a bundle has for browsers and edges. */
const asks = ["run", "--allow-net", "--allow-env", "--allow-read", "--no-config"]
const shells = [
  { name: `Node ${process.versions.node}`, program: () => process.execPath, words: [], command: [] },
  { name: "Node 22.19.0", program: programs.oldNode, words: [], command: [] },
  { name: "Bun", program: programs.bun, words: ["run"], command: ["run"] },
  { name: "Deno", program: programs.deno, words: asks, command: ["run", "--allow-all", "--no-config"] }
]
for (const { name, program, words } of shells) {
  it(name, async () => {
    const command = program()
    if (command === undefined) return skipped(name, "its program is not among the packages for this platform")
    for (const client of ["undici", "fetch"]) {
      const vendor = await start()
      try {
        holds(name, client, await outputOf(command, [...words, `${client}.mjs`, vendor.url]))
      } finally {
        await vendor.stop()
      }
    }
  })
}

it("the command writes the same bytes in all of them", async () => {
  const rows = ["What is rain?", "Name a river in Poland.", "Sort a list in Rust."]
  writeFileSync(join(folder, "prompts.jsonl"), rows.map((prompt) => `${JSON.stringify({ prompt })}\n`).join(""))
  const cast = ["--member", "simulated/a", "--member", "simulated/b", "--judge", "simulated/c"]
  const written = new Map<string, string>()
  for (const { command: words, name, program } of shells) {
    const runtime = program()
    if (runtime === undefined) continue
    const out = name.replaceAll(/\W/g, "-")
    await outputOf(runtime, [...words, bin, "run", "prompts.jsonl", "--target", "2", ...cast, "--out", out])
    written.set(name, readFileSync(join(folder, out, "dataset.jsonl"), "utf8"))
  }
  expect(written.size).toBeGreaterThan(0)
  expect(new Set(written.values()).size).toBe(1)
  found.push([[...written.keys()].join(", "), "–", "consortium run: the same dataset"])
})

/** Ends only what was started here. */
const ended = async (child: ChildProcess): Promise<void> => {
  child.kill("SIGKILL")
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once("close", resolve))
}

it("a browser", async () => {
  const command = programs.chromium()
  if (command === undefined) return skipped("Chromium", "the machine has none")
  const { code } = await bundle(page, { from, platform: "browser" })
  const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'
  const vendor = await start({ "/": html, "/page.js": code })
  const own = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    `--user-data-dir=${join(folder, "profile")}`
  ]
  const child = spawn(command, [...own, "--remote-debugging-port=0", vendor.url], { stdio: "ignore" })
  try {
    const late = wait(60_000, undefined, { ref: false }).then(() =>
      Promise.reject(new Error("the page reports nothing"))
    )
    holds("Chromium", "fetch", await Promise.race([vendor.posted, late]))
  } finally {
    await ended(child)
    await vendor.stop()
  }
})

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

it("an edge", async () => {
  const command = programs.workerd()
  if (command === undefined) return skipped("workerd", "its program is not among the packages for this platform")
  const vendor = await start()
  const port = await freePort()
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .asking), (name = "outside", network = (allow = ["private", "public"])) ],
  sockets = [ (name = "http", address = "127.0.0.1:${port}", http = (), service = "main") ]
);
const asking :Workerd.Worker = (
  modules = [ (name = "worker", esModule = embed "worker.js") ],
  compatibilityDate = "2026-01-01",
  globalOutbound = "outside"
);
`
  )
  const child = spawn(command, ["serve", "config.capnp"], { cwd: folder, stdio: "inherit" })
  try {
    let said: Response | undefined
    for (let tries = 0; said === undefined && tries < 100; tries++) {
      said = await fetch(`http://127.0.0.1:${port}/?at=${encodeURIComponent(vendor.url)}`).catch(() => undefined)
      if (said === undefined) await wait(100)
    }
    holds("workerd", "fetch", (await said?.text()) ?? "{}")
  } finally {
    await ended(child)
    await vendor.stop()
  }
})
