import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { command, folders, quickVendor } from "./command.js"

const folder = folders()
const vendor = quickVendor()

describe("models of other libraries", () => {
  it("are members and judges of a configuration, in one line each", async () => {
    const cwd = folder({ "p.txt": "What is rain?\nWhy do cats purr at night?\n" })
    const bridged = fileURLToPath(new URL("configs/bridged.config.ts", import.meta.url))
    const ended = await command(["run", "p.txt", "--config", bridged], { cwd, env: vendor })
    assert.strictEqual(ended.code, 0, ended.stderr)
    assert.match(ended.stdout, /ai\.chat\/scholar +\d +2 +0\n/)
    assert.match(ended.stdout, /ai\.chat\/careful/)
    const rows = readFileSync(join(cwd, "consortium-out/dataset.jsonl"), "utf8").trim().split("\n")
    assert.strictEqual(rows.length, 2)
  })
})
