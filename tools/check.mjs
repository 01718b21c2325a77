// What `npm test` leaves to be proven, step by step; all are tried, and those that fail say what to do.
// `npm run check` runs all; `node tools/run.cjs exec node tools/check.mjs lint knip` only those.
import { spawnSync } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
process.env.NO_COLOR = "1"
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1))

/** Runs a line in the shell and shows what it says. */
const line =
  (command, folder = "") =>
  () =>
    spawnSync(command, { cwd: join(root, folder), shell: true, stdio: ["ignore", "inherit", "inherit"] }).status === 0

/** A checker of types that lets a wrong test pass proves nothing: it has to refuse this one. */
function falseTypes() {
  const file = "packages/core/test/False.test-d.ts"
  const remove = () => rmSync(join(root, file), { force: true })
  process.on("exit", remove)
  writeFileSync(
    join(root, file),
    'import { expectTypeOf, it } from "vitest"\n\nit("is false", () => expectTypeOf<string>().toEqualTypeOf<number>())\n'
  )
  const vitest = `pnpm exec vitest run --project types --reporter=default ${file}`
  const { status, stderr, stdout } = spawnSync(vitest, { cwd: root, shell: true, encoding: "utf8" })
  remove()
  const refused = status !== 0 && /FAIL.*False\.test-d\.ts(?::\d+)? > is false\s+TypeCheckError/.test(stdout + stderr)
  if (!refused) console.error(stdout + stderr)
  return refused
}

const steps = [
  {
    name: "format",
    proves: "every file is laid out by Biome",
    remedy: "npm run fix",
    run: line("pnpm exec biome format .")
  },
  {
    name: "lint",
    proves: "the few rules of .oxlintrc.json, each with its reason there",
    remedy: "mend the lines that are named above",
    run: line("pnpm exec oxlint --deny-warnings")
  },
  {
    name: "types",
    proves: "sources, tests, examples and benchmarks compile",
    remedy: "mend the types that are named above",
    run: line("pnpm exec tsc -p tsconfig.test.json")
  },
  {
    name: "false-types",
    proves: "a wrong type test fails",
    remedy: "let tsconfig.test.json and the project `types` of vitest.config.ts cover packages/*/test again",
    run: falseTypes
  },
  {
    name: "tiers",
    proves: "imports point to lower tiers only",
    remedy: "move the noun to the room that owns it; tools/tiers.mjs has the table",
    run: line("node tools/tiers.mjs --self-test && node tools/tiers.mjs")
  },
  {
    name: "gen",
    proves: "generated files are up to date",
    remedy: "npm run fix",
    run: line(
      "node tools/gen.mjs --check && node tools/providers.mjs --check && pnpm --filter @consortium/selector exec node assembly/build.mjs --check"
    )
  },
  {
    name: "house",
    proves: "file names, READMEs, links, no machine's paths",
    remedy: "mend what is named above; tools/house.mjs says why each rule is there",
    run: line("node tools/house.mjs")
  },
  {
    name: "knip",
    proves: "no unused file, export or dependency",
    remedy: "delete it, or say in knip.jsonc why it stays",
    run: line("pnpm exec knip --no-progress")
  },
  {
    name: "sherif",
    proves: "one version of each dependency in the workspace",
    remedy: "use the catalog of pnpm-workspace.yaml",
    run: line("pnpm exec sherif --fail-on-warnings")
  },
  {
    name: "examples",
    proves: "every example runs without a key",
    remedy: "build first (npm test does), then mend the example that is named above",
    run: line("node tools/examples.mjs")
  },
  {
    name: "tarballs",
    proves: "the packed packages hold what they need and resolve for every user (publint, attw)",
    remedy: "mend the package.json that is named above: files, exports, publishConfig.exports",
    run: line("node tools/tarballs.mjs")
  },
  {
    name: "conformance",
    proves: "the packed packages work outside of this repository",
    remedy: "see conformance/README.md",
    run: line("pnpm install --frozen-lockfile --loglevel=warn && pnpm --silent test", "conformance")
  }
]

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(", ")}; there are: ${steps.map((step) => step.name).join(", ")}`)
  process.exit(2)
}
const failed = []
for (const { name, proves, remedy, run } of steps.filter((step) => asked.length === 0 || asked.includes(step.name))) {
  console.log(`\n== ${name}: ${proves}`)
  const started = performance.now()
  const held = run()
  if (!held) failed.push(`== ${name} failed. What to do: ${remedy}`)
  console.log(`== ${name} ${held ? "holds" : "FAILED"}, ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
console.log(failed.length === 0 ? "\nall checks hold" : `\n${failed.join("\n")}`)
if (failed.length > 0) process.exit(1)
