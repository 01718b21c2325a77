// Packs every package as it would be published, and asks publint and attw about the tarballs.
// `node tools/tarballs.mjs <folder>` only packs into that folder, for whoever installs them.
import { execFile, execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const shell = process.platform === "win32"
const asked = process.argv[2]
const folder = asked === undefined ? mkdtempSync(join(tmpdir(), "consortium-tarballs-")) : resolve(asked)

mkdirSync(folder, { recursive: true })
execFileSync("pnpm", ["--silent", "-r", "--filter", "./packages/*", "pack", "--pack-destination", folder], {
  cwd: root,
  shell,
  stdio: ["ignore", "ignore", "pipe"]
})
const tarballs = readdirSync(folder).filter((file) => file.endsWith(".tgz"))

/** What has to be in a tarball, beside what publint asks. */
const needed = ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "package.json"]

async function problems(tarball) {
  const path = join(folder, tarball)
  const files = execFileSync("tar", ["-tzf", path], { encoding: "utf8" })
    .split("\n")
    .map((file) => file.trim().replace(/^package\//, ""))
  const missing = needed.filter((file) => !files.includes(file)).map((file) => `no ${file}`)
  const odd = files.filter((file) => /(?:^src\/|\.map$|\.tsbuildinfo$)/.test(file)).map((file) => `ships ${file}`)
  // The resolver does not follow a wildcard, so that the public modules are named one by one.
  const modules = files.flatMap((file) => /^dist\/([A-Z]\w*)\.d\.ts$/.exec(file)?.[1] ?? [])
  const manifest = JSON.parse(execFileSync("tar", ["-xzOf", path, "package/package.json"], { encoding: "utf8" }))
  const wildcard = manifest.exports["./*"] === undefined ? [] : ["--include-entrypoints", ...modules]
  const said = await Promise.all([
    ask("publint", ["--strict", path]),
    ask("attw", [path, "--profile", "esm-only", "--no-summary", "--no-emoji", "-f", "ascii", ...wildcard])
  ])
  const local = JSON.stringify(manifest).match(/"(?:workspace|catalog|link|file):[^"]*"/g) ?? []
  return [
    ...missing,
    ...odd,
    ...local.map((range) => `depends on ${range}`),
    ...said.filter((text) => text !== undefined)
  ]
}

/** What the tool says when it refuses. */
const ask = (tool, args) =>
  promisify(execFile)(join(root, "node_modules", ".bin", tool), args, { cwd: root, shell, maxBuffer: 2 ** 26 }).then(
    () => undefined,
    (error) => `${tool}:\n${error.stdout}${error.stderr}`
  )

if (asked === undefined) {
  let bad = 0
  for (const tarball of tarballs) {
    for (const problem of await problems(tarball)) {
      console.error(`${tarball}: ${problem}`)
      bad++
    }
  }
  rmSync(folder, { recursive: true, force: true })
  if (bad > 0) process.exit(1)
}
console.log(`${tarballs.length} tarballs ${asked === undefined ? "are sound" : `in ${folder}`}`)
