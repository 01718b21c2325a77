import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { defineConfig } from "tsup"

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string }

/** What the command says to `--help`, so that it need not load its parser to say it. */
const writeHelp = async () => {
  const page = (words: ReadonlyArray<string>) =>
    execFileSync(process.execPath, ["dist/bin.js", ...words], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" }
    })
  const asked = [["--help"], ["run", "--help"], ["select", "--help"], ["export", "--help"]].map(
    (words) => [words.join(" "), page(words)] as const
  )
  writeFileSync("dist/help.js", `export const help = ${JSON.stringify(Object.fromEntries(asked))}\n`)
}

/** The command: bundled, since it starts many times faster than its modules; what it loads late is split off. */
export default defineConfig({
  entry: ["src/bin.ts", "src/Main.ts", "src/Run.ts"],
  format: "esm",
  platform: "node",
  target: "node22",
  bundle: true,
  splitting: true,
  minify: true,
  // The plain modules and their declarations live below; only earlier chunks go.
  clean: ["!lib/**", "!tsconfig.tsbuildinfo"],
  dts: false,
  noExternal: [/.*/],
  removeNodeProtocol: false,
  define: { __VERSION__: JSON.stringify(version) },
  // What is CommonJS among the bundled modules asks for Node's own by `require`.
  banner: {
    js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);'
  },
  esbuildOptions: (options) => {
    options.conditions = ["source"]
  },
  silent: true,
  onSuccess: writeHelp
})
