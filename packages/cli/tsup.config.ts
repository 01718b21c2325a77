import { readFileSync } from "node:fs"
import { defineConfig } from "tsup"

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string }

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
  silent: true
})
