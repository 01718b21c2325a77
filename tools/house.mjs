// The house's small rules, for which no linter has one. Each says where it is broken and what to do.
import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root })
  .toString()
  .split("\0")
  .filter((file) => file !== "" && existsSync(join(root, file)))

const texts = new Map()
const text = (file) => {
  if (!texts.has(file)) texts.set(file, readFileSync(join(root, file), "utf8"))
  return texts.get(file)
}
const lineOf = (file, index) => text(file).slice(0, index).split("\n").length
const matches = (file, pattern) => [...text(file).matchAll(pattern)]
const isSource = (file) => /^packages\/[^/]+\/src\/.*\.ts$/.test(file)
const found = []

// Each package says what it is, on one screen.
const maxReadmeLines = 60
for (const name of readdirSync(join(root, "packages"))) {
  if (!existsSync(join(root, "packages", name, "package.json"))) continue
  const readme = `packages/${name}/README.md`
  if (!existsSync(join(root, readme))) found.push(`${readme} is missing`)
  else {
    const lines = text(readme).trimEnd().split("\n").length
    if (lines > maxReadmeLines) found.push(`${readme} has ${lines} lines; ${maxReadmeLines} are a screen`)
  }
}

// A drawer holds whatever falls into it; a noun says what belongs there.
const drawer = /(?:^|\/)(?:utils?|common|helpers?|types|managers?)(?:\.[cm]?[jt]sx?|\/)/i
for (const file of files) if (drawer.test(file)) found.push(`${file}: name it after what it holds`)

for (const file of files.filter(isSource)) {
  // Nothing rewrites specifiers when libraries are built, and Node wants the whole file name.
  for (const match of matches(file, /(?:\bfrom\s+|^import\s+|\bimport\(\s*)"(\.{1,2}\/[^"]*)"/gm)) {
    if (!match[1].endsWith(".js")) found.push(`${file}:${lineOf(file, match.index)}: "${match[1]}" has to end in .js`)
  }
  // Waiting and repeating is a middleware's: elsewhere it is neither counted nor paid for.
  if (!file.startsWith("packages/middleware/")) {
    for (const match of matches(file, /\bEffect\.retry\s*\(/g)) {
      found.push(`${file}:${lineOf(file, match.index)}: Effect.retry belongs into middleware`)
    }
  }
}

// What holds on one machine only, or ties the lockfile to one network.
const local = [
  { pattern: /(?<![\w.$}-])\/(?:work|root|home)\/[\w.]/g, what: "a path of one machine" },
  { pattern: /\b[A-Za-z]:\\+Users\\+\w/g, what: "a path of one machine" },
  { pattern: /\bregistry\.[\w-]+\.\w+|\bnpm\.pkg\.github\b|\bjfrog\.io\b|\bverdaccio\b/g, what: "a registry's host" }
]
for (const file of files.filter((file) => !/\.(?:png|ico|gz|db|bin)$/.test(file))) {
  for (const { pattern, what } of local) {
    for (const match of matches(file, pattern)) {
      found.push(`${file}:${lineOf(file, match.index)}: ${what}: ${match[0]}`)
    }
  }
}

// A link that leads nowhere.
for (const file of files.filter((file) => file.endsWith(".md"))) {
  for (const match of matches(file, /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)) {
    const target = match[1].split("#")[0]
    if (target === "" || /^[a-z][a-z+.-]*:/i.test(target)) continue
    const path = target.startsWith("/") ? target.slice(1) : normalize(join(dirname(file), decodeURI(target)))
    if (!existsSync(join(root, path))) found.push(`${file}:${lineOf(file, match.index)}: no ${path}`)
  }
}

for (const problem of found) console.error(problem)
if (found.length > 0) process.exit(1)
console.log(`house: ${files.length} files in order`)
