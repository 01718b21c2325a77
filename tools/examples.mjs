// Runs every numbered example as its reader would, without a key: it has to end well and to print something.
import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const cli = join(root, "packages/cli/dist/bin.js")

/** A configuration is run by the command, everything else by Node. */
const commands = (folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => (file === "consortium.config.ts" ? [cli, "run", "../demo/prompts.jsonl"] : [file]))

const wrong = []
const folders = readdirSync(join(root, "examples")).filter((name) => /^\d\d-/.test(name))
for (const folder of folders) {
  const cwd = join(root, "examples", folder)
  for (const args of commands(cwd)) {
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { cwd, encoding: "utf8", timeout: 120_000 })
    if (status === 0 && stdout.trim() !== "") continue
    wrong.push(`examples/${folder}: node ${args.join(" ")} ended with ${status}\n${stderr}${stdout}`)
  }
}
if (wrong.length > 0) {
  console.error(wrong.join("\n"))
  process.exit(1)
}
console.log(`examples: ${folders.length} ran without a key`)
