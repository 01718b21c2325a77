import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { vendors } from "@consortium/providers-openai-compatible/Vendors"
import { assert, describe, it } from "@effect/vitest"
import { bin, command, folders } from "./command.js"

const folder = folders()
const bash = spawnSync("bash", ["--version"]).status === 0

/** What the script makes of a line in a real bash; what `bash-completion` brings is written in short. */
const completed = (script: string, line: string): string => {
  const cwd = folder({ "completions.bash": script })
  const words = line.split(" ")
  writeFileSync(
    join(cwd, "try.bash"),
    `_init_completion() { words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur="\${words[cword]}"; prev="\${words[cword-1]}"; }
compopt() { echo "$*"; }
consortium() { "\${NODE}" "\${BIN}" "$@"; }
source completions.bash
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; COMPREPLY=()
_consortium_refs consortium "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
echo "\${COMPREPLY[*]}"
`
  )
  const run = spawnSync("bash", ["try.bash"], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, BIN: bin, NODE: process.execPath }
  })
  assert.strictEqual(run.stderr, "")
  return run.stdout.trim()
}

describe("consortium completions", () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    it(`names every vendor in ${shell}, and says how the script is installed`, async () => {
      const { code, stderr, stdout } = await command(["completions", shell], { cwd: folder() })
      assert.strictEqual(code, 0, stderr)
      for (const id of [...Object.keys(vendors), "openai", "anthropic", "simulated"]) assert.include(stdout, `${id}/`)
      assert.include(stdout, "lexical/default")
      assert.notInclude(stdout, "--completions")
    })
  }

  it.skipIf(!bash)("completes commands, vendors and flags that are said again in bash", async () => {
    const { stdout } = await command(["completions", "bash"], { cwd: folder() })
    assert.strictEqual(completed(stdout, "consortium ru"), "run")
    assert.strictEqual(completed(stdout, "consortium run --member op"), "-o nospace\nopenai/ openrouter/")
    assert.strictEqual(completed(stdout, "consortium run --member openai/x --memb"), "--member")
    assert.strictEqual(completed(stdout, "consortium run --judge cerebras/gpt"), "cerebras/gpt-oss-120b")
    assert.strictEqual(completed(stdout, "consortium run --judge nobody/gpt"), "")
    assert.strictEqual(completed(stdout, "consortium run --embedder lex"), "lexical/default")
    assert.strictEqual(completed(stdout, "consortium completions z"), "zsh")
  })

  it("refuses a shell that it does not know", async () => {
    const { code, stderr } = await command(["completions", "csh"], { cwd: folder() })
    assert.strictEqual(code, 2)
    assert.include(stderr, "csh")
  })
})
