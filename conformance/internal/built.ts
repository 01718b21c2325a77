/** Before any suite: the command as its sources are now. */
import { spawnSync } from "node:child_process"
import { globSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { bin } from "./command.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

const changed = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0

export default function setup(): void {
  const sources = globSync(["packages/*/src/**/*.ts", "packages/*/package.json"], { cwd: root })
  const newest = Math.max(...sources.map((file) => changed(`${root}${file}`)))
  if (changed(bin) > newest) return
  const words = ["tools/run.cjs", "exec", "pnpm", "--silent", "--filter", "@consortium/cli", "bundle"]
  const { status } = spawnSync(process.execPath, words, { cwd: root, stdio: ["ignore", "inherit", "inherit"] })
  if (status !== 0) throw new Error("the command could not be built: run npm test in the root and see why")
}
