// Installs every packed package outside of the workspace and uses it as a stranger would. See README.md.
import { execFileSync, spawnSync } from "node:child_process"
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const here = dirname(fileURLToPath(import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "consortium-user-"))
const tarballs = join(folder, "tarballs")
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const windows = process.platform === "win32"
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"))

execFileSync(process.execPath, [join(here, "..", "tools", "tarballs.mjs"), tarballs], {
  stdio: ["ignore", "ignore", "inherit"]
})

/** The manifest inside a tarball. */
const manifestOf = (file) =>
  JSON.parse(execFileSync("tar", ["-xzOf", file, "package/package.json"], { cwd: tarballs, encoding: "utf8" }))

const packages = readdirSync(tarballs)
  .filter((file) => file.endsWith(".tgz"))
  .map((file) => ({ file, manifest: manifestOf(file) }))
const names = packages.map(({ manifest }) => manifest.name)

function install() {
  const effect = readJson(join(here, "..", "node_modules", "effect", "package.json")).version
  const dependencies = Object.fromEntries(
    packages.map(({ file, manifest }) => [manifest.name, `file:${join(tarballs, file).replaceAll("\\", "/")}`])
  )
  const manifest = {
    name: "a-user",
    private: true,
    type: "module",
    dependencies: { ...dependencies, effect },
    // What depends on a sibling gets the packed one, not one of that name from a registry.
    overrides: Object.fromEntries(names.map((name) => [name, `$${name}`]))
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2))
  const options = { cwd: folder, shell: windows, encoding: "utf8" }
  const { status, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], options)
  if (status !== 0) throw new Error(`npm install failed:\n${stderr}`)
}

/** `./*` → every module that stands for it: `Ballot`, `vendors/groq`; an `internal` one is not public. */
function subpaths({ exports, name }) {
  const base = join(folder, "node_modules", name)
  return Object.entries(exports).flatMap(([key, target]) => {
    if (target === null || key.endsWith(".json")) return []
    const path = target.default
    if (!key.includes("*")) return [join(name, key).split(sep).join("/")]
    const [before, after] = path.split("*")
    const found = readdirSync(join(base, before), { recursive: true })
      .map((file) => file.split(sep).join("/"))
      .filter((file) => file.endsWith(after) && !file.startsWith("internal/") && !/^[a-z]\w*\.js$/.test(file))
    return found.map((file) => key.replace("./", `${name}/`).replace("*", file.slice(0, -after.length)))
  })
}

const problems = []

/** A fresh process for each package: nothing that one loads hides what another lacks. */
function importAll(name, specifiers) {
  const program = `const all = ${JSON.stringify(specifiers)}
    for (const one of all) await import(one).catch((error) => { console.error(one + ": " + error); process.exitCode = 1 })`
  const run = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program],
    {
      cwd: folder,
      encoding: "utf8",
      timeout: 60_000
    }
  )
  if (run.error !== undefined) problems.push(`${name}: loading it does not end: ${run.error.message}`)
  if (run.stdout + run.stderr !== "") problems.push(`${name}: loading it prints:\n${run.stdout}${run.stderr}`)
  else if (run.status !== 0) problems.push(`${name}: loading it exits with ${run.status}`)
}

function compile(specifiers) {
  // The settings of a strict user; none of ours.
  const compilerOptions = {
    target: "ES2024",
    lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    module: "NodeNext",
    strict: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(here, "node_modules", "@types")],
    skipLibCheck: false
  }
  const lines = specifiers.map((one, at) => `import * as m${at} from "${one}"\nconsole.log(m${at})\n`)
  writeFileSync(join(folder, "all.ts"), lines.join(""))
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["all.ts"] }))
  const tsc = join(here, "node_modules", "typescript", "bin", "tsc")
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" })
  // Only ours: what a dependency's own declarations get wrong is not for us to mend.
  const ours = stdout.split("\n").filter((text) => /error TS/.test(text) && /all\.ts|@consortium/.test(text))
  if (status !== 0 && ours.length > 0) problems.push(`declarations:\n${ours.join("\n")}`)
}

function commands({ bin, name }) {
  const all = typeof bin === "string" ? { [name.split("/")[1]]: bin } : (bin ?? {})
  for (const [command, file] of Object.entries(all)) {
    const path = relative(folder, join(folder, "node_modules", name, file))
    const run = spawnSync(process.execPath, [path, "--help"], { cwd: folder, encoding: "utf8", timeout: 60_000 })
    if (run.status !== 0 || run.stdout === "") problems.push(`${command} --help: exit ${run.status}\n${run.stderr}`)
  }
}

/** Runs Node in the user's folder; what it prints has to match. */
function prints(what, args, pattern) {
  const run = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", timeout: 60_000 })
  if (run.status !== 0 || !pattern.test(run.stdout))
    problems.push(`${what}: exit ${run.status}\n${run.stdout}${run.stderr}`)
  return run
}

/** The README's road: a program of one's own, and the command with simulated members. */
function firstSteps() {
  copyFileSync(join(here, "user.mjs"), join(folder, "user.mjs"))
  prints("a first program", ["user.mjs"], /^2 target 42 1\n$/)
  const cli = join("node_modules", "@consortium", "cli")
  const { bin, version } = readJson(join(folder, cli, "package.json"))
  const command = join(cli, bin.consortium)
  prints("consortium --version", [command, "--version"], new RegExp(version.replaceAll(".", "\\.")))
  const prompts = ["What is rain?", "Name a river in Poland.", "Sort a list in Rust."].map((prompt) =>
    JSON.stringify({ prompt })
  )
  writeFileSync(join(folder, "prompts.jsonl"), `${prompts.join("\n")}\n`)
  const members = ["--member", "simulated/scholar", "--member", "simulated/plain", "--judge", "simulated/careful"]
  prints(
    "consortium run",
    [command, "run", "prompts.jsonl", "--out", "out", "--target", "2", ...members],
    /dataset\.jsonl/
  )
  const dataset = join(folder, "out", "dataset.jsonl")
  const rows = existsSync(dataset) ? readFileSync(dataset, "utf8").trim().split("\n").length : 0
  if (rows !== 2) problems.push(`consortium run wrote ${rows} rows instead of 2`)
}

/** A bundler for browsers finds what stands for Node's own modules. */
async function browser() {
  const contents = `export { make } from "@consortium/providers-openai-compatible/ChatCompletions"
    export { layer } from "@consortium/wire/HttpClients"
    export { promises } from "@consortium/ensemble/Promises"`
  const stdin = { contents, resolveDir: folder }
  const options = { stdin, bundle: true, write: false, format: "esm", platform: "browser", logLevel: "silent" }
  await build(options).catch((error) => problems.push(`a browser's bundle: ${error.message}`))
}

install()
const all = packages.flatMap(({ manifest }) => {
  const specifiers = subpaths(manifest)
  importAll(manifest.name, specifiers)
  commands(manifest)
  return specifiers
})
compile(all)
firstSteps()
await browser()
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
console.log(
  `conformance: ${packages.length} packages, ${all.length} public modules load and compile outside of the workspace`
)
