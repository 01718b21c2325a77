/** The programs of other runtimes, as packages of the registries bring them; and Chromium, as the machine has it. */
import { spawnSync } from "node:child_process"
import { existsSync, realpathSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL("..", import.meta.url))

/** A file in a package that is an optional dependency of another one. */
const shipped = (owner: string, name: string, file: string): string | undefined => {
  const from = realpathSync(join(here, "node_modules", owner, "package.json"))
  try {
    const found = join(dirname(createRequire(from).resolve(`${name}/package.json`)), file)
    return existsSync(found) ? found : undefined
  } catch {
    return undefined
  }
}

const { arch, platform } = process

export const bun = () => shipped("bun", `@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}`, "bin/bun")
export const deno = () => shipped("deno", `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`, "deno")
export const workerd = () =>
  shipped("workerd", `@cloudflare/workerd-${platform}-${arch === "x64" ? "64" : arch}`, "bin/workerd")

let old: string | undefined

/** The oldest Node that is supported, from the registry's package `node`. */
export const oldNode = (): string | undefined => {
  if (old !== undefined) return old
  const script = "process.stdout.write(process.execPath)"
  const run = spawnSync("npx", ["-y", "-p", "node@22.19.0", "node", "-e", script], {
    encoding: "utf8",
    timeout: 240_000
  })
  if (run.status === 0 && run.stdout !== process.execPath) old = run.stdout
  return old
}

/** Debian's and Ubuntu's names of it. */
export const chromium = (): string | undefined =>
  ["chromium", "chromium-browser", "google-chrome"].find((name) => spawnSync(name, ["--version"]).status === 0)
