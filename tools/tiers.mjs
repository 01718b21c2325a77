// Imports point to lower tiers only. Reads every package.json and every import in src; `--self-test` proves that it bites.
import { builtinModules } from "node:module"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")

/** A package finds its tier by its name, or by the family that its name begins with. A new room is added here. */
const tiers = {
  core: 0,
  wire: 1,
  middleware: 1,
  embeddings: 1,
  selector: 1,
  "judge-strategies": 1,
  sampling: 1,
  aggregation: 1,
  pricing: 1,
  formats: 1,
  curation: 1,
  testing: 1,
  // Signs and reads for the wires of more than one family.
  aws: 1.5,
  // The engine below its one sibling: OpenAI's own chat endpoint is this wire with OpenAI's facts.
  "providers-openai-compatible": 1.5,
  // Claude stands at Google's addresses too, with its tokens; what it takes is said once, for Bedrock's own wire too.
  "providers-google": 1.5,
  "providers-anthropic": 1.75,
  panel: 2,
  simulated: 2,
  store: 2,
  verifiers: 1.5,
  "store-postgres": 2.5,
  pipeline: 3,
  ensemble: 3,
  server: 4,
  report: 4,
  cli: 5
}
const families = { "providers-": 2, "embedders-": 2, "bridge-": 2 }

/** Rooms that never know a provider, although it lies below them. */
const blindToVendors = new Set(["panel", "pipeline", "ensemble"])

function tierOf(name) {
  if (Object.hasOwn(tiers, name)) return tiers[name]
  return Object.entries(families).find(([prefix]) => name.startsWith(prefix))?.[1]
}

const scope = "@consortium/"
const inWorkspace = (name) => name.startsWith(scope)

/** `@a/b/c` → `@a/b`, `a/b` → `a`. */
const packageOf = (specifier) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")

/** What is wrong with these packages: `{ folder, manifest, imports: [{ file, specifier }] }`. */
function problems(packages) {
  const found = []
  for (const { folder, imports, manifest } of packages) {
    const tier = tierOf(folder)
    if (manifest.name !== scope + folder) found.push(`packages/${folder} is named ${manifest.name}`)
    if (tier === undefined) {
      found.push(`${folder} has no tier: add it to tools/tiers.mjs`)
      continue
    }
    const shipped = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies }
    for (const name of Object.keys(shipped).filter(inWorkspace)) {
      const other = name.slice(scope.length)
      if (other === "testing") found.push(`${folder} ships ${name}: it proves, so it belongs into devDependencies`)
      else if (blindToVendors.has(folder) && Object.keys(families).some((family) => other.startsWith(family))) {
        found.push(`${folder} depends on ${other}: it asks for a service by its type, and a door supplies it`)
      } else if (tierOf(other) === undefined) found.push(`${folder} depends on ${name}, which has no tier`)
      else if (tierOf(other) >= tier) {
        found.push(`${folder} (tier ${tier}) depends on ${other} (tier ${tierOf(other)}): arrows point down`)
      }
    }
    for (const { file, specifier } of imports) {
      if (specifier.startsWith(".") || specifier.startsWith("node:")) continue
      const name = packageOf(specifier)
      if (builtinModules.includes(name)) found.push(`${file} imports "${specifier}": write "node:${specifier}"`)
      else if (!Object.hasOwn(shipped, name)) found.push(`${file} imports ${name}, which ${folder} does not depend on`)
    }
  }
  return found
}

/** Static, dynamic and re-exporting imports, and those inside types. */
const specifiers = (text) =>
  [...text.matchAll(/(?:^(?:import|export)\s(?:[\w$\s{},*]+from\s)?|\bimport\(\s*)"([^"\s]+)"/gm)].map(
    (match) => match[1]
  )

const sources = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))

const read = () =>
  readdirSync(join(root, "packages"))
    .filter((folder) => existsSync(join(root, "packages", folder, "package.json")))
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")),
      imports: sources(`packages/${folder}/src`).flatMap((file) =>
        specifiers(readFileSync(file, "utf8")).map((specifier) => ({ file: file.slice(root.length + 1), specifier }))
      )
    }))

/** One wrong package for each rule; a rule that lets its own pass is no rule. */
function selfTest() {
  const one = (folder, manifest, specifier) => [
    {
      folder,
      manifest: { name: scope + folder, ...manifest },
      imports: specifier === undefined ? [] : [{ file: "a.ts", specifier }]
    }
  ]
  const down = { dependencies: { "@consortium/core": "workspace:^" } }
  const wrong = {
    "an arrow up": one("core", { dependencies: { "@consortium/wire": "workspace:^" } }),
    "an arrow sideways": one("sampling", { dependencies: { "@consortium/selector": "workspace:^" } }),
    "an arrow up by a peer": one("store", { peerDependencies: { "@consortium/pipeline": "workspace:^" } }),
    "a known vendor": one("pipeline", { dependencies: { "@consortium/providers-x": "workspace:^" } }),
    "testing shipped": one("cli", { dependencies: { "@consortium/testing": "workspace:^" } }),
    "an unknown package": one("misc", {}),
    "an unknown dependency": one("cli", { dependencies: { "@consortium/misc": "workspace:^" } }),
    "an undeclared import": one("wire", down, "effect/Effect"),
    "an undeclared sibling": one("wire", down, "@consortium/selector/Fence"),
    "a bare builtin": one("wire", down, "fs"),
    "another name": one("wire", { name: "wire" })
  }
  const passed = Object.keys(wrong).filter((name) => problems(wrong[name]).length === 0)
  const right = problems(one("wire", down, "@consortium/core/Ids"))
  if (passed.length === 0 && right.length === 0) return Object.keys(wrong).length
  console.error(`self-test: not noticed: ${passed.join(", ") || "–"}; noticed wrongly: ${right.join(", ") || "–"}`)
  process.exit(1)
}

if (process.argv.includes("--self-test")) console.log(`tiers: ${selfTest()} wrong packages were refused`)
else {
  const packages = read()
  const found = problems(packages)
  for (const problem of found) console.error(problem)
  if (found.length > 0) process.exit(1)
  console.log(`tiers: ${packages.length} packages, every arrow points down`)
}
