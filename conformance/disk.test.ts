/** A disk that is full, then has room, then can't be written; and a clock that runs backwards. Through the built command. */
import { spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { balances } from "@consortium/core/RunEvent"
import { afterAll, beforeAll, expect, it } from "vitest"
import { bin, run } from "./internal/command.js"
import { folders } from "./internal/places.js"
import { serve, type Server } from "./internal/simulated.js"
import { print } from "./internal/table.js"

const folder = folders()
const script = fileURLToPath(new URL("internal/disk.sh", import.meta.url))
const seats = ["--member", "simulated/scholar", "--member", "simulated/plain", "--judge", "simulated/careful"]
const prompts = Array.from({ length: 60 }, (_, n) => `${n} is a number: what should I know about it, and why?\n`).join(
  ""
)
let server: Server
let whole: string

const words = (file: string, out: string) => [file, "--target", "60", "--out", out, ...seats]
const env = () => ({ SIMULATED_BASE_URL: server.url })

beforeAll(async () => {
  server = await serve({ latencyScale: 0 })
  const cwd = folder()
  writeFileSync(join(cwd, "p.txt"), prompts)
  expect((await run(words("p.txt", "run"), { cwd, env: env() })).code).toBe(0)
  whole = readFileSync(join(cwd, "run", "dataset.jsonl"), "utf8")
})
afterAll(() => server.stop())

const table: Array<ReadonlyArray<string | number>> = []
afterAll(() => print("disk", ["what fails", "what the command says", "after it"], table))

/** A shell in a namespace of its own, where a disk can be mounted without rights over this machine. */
const onDisk = (cwd: string, size: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const command = [process.execPath, bin, "run", ...words("p.txt", "disk/run")]
    const child = spawn("unshare", ["-rm", "sh", script, cwd, size, ...command], {
      cwd,
      env: { ...process.env, ...env() },
      stdio: ["ignore", "pipe", "ignore"]
    })
    let stdout = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
    })
    child.on("error", reject)
    child.on("close", () => resolve(stdout))
  })

it("a full disk stops a run, which goes on when there is room; a read-only one is named", async (context) => {
  for (const size of ["100k", "400k", "1200k"]) {
    const cwd = folder()
    writeFileSync(join(cwd, "p.txt"), prompts)
    const codes = await onDisk(cwd, size).catch(() => "")
    if (!codes.startsWith("full")) {
      console.log("skipped: this machine lets nobody mount a disk in a namespace")
      return context.skip()
    }
    expect(codes).toBe("full 1\nroom 0\nread-only 1\n")
    expect(readFileSync(join(cwd, "full.err"), "utf8")).toContain(
      "full (database or disk is full); free some disk space"
    )
    expect(readFileSync(join(cwd, "dataset.jsonl"), "utf8")).toBe(whole)
    expect(readFileSync(join(cwd, "read-only.err"), "utf8")).toMatch(
      /store .*: read-only .*make the file and its folder/
    )
    table.push([`a disk of ${size}`, "full: free some disk space", "the same bytes, once there is room"])
  }
  table.push(["a read-only disk", "read-only: make the file and its folder writable", "nothing was changed"])
})

it("a clock that runs backwards changes nothing but times", async () => {
  const cwd = folder()
  writeFileSync(join(cwd, "p.txt"), prompts)
  writeFileSync(
    join(cwd, "back.mjs"),
    "const now = Date.now\nconst start = now()\nDate.now = () => start - 20 * (now() - start)\n"
  )
  const ended = await run(words("p.txt", "run"), { cwd, env: env(), node: ["--import", join(cwd, "back.mjs")] })
  expect(ended.code).toBe(0)
  const last = ended.events.at(-1)
  expect(last?._tag === "Finished" && balances(last.ledger)).toBe(true)
  expect(readFileSync(join(cwd, "run", "dataset.jsonl"), "utf8")).toBe(whole)
  table.push(["a clock that runs backwards", "nothing", "the same bytes"])
})
