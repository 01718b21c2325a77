/** One file of a program and all that it imports, from the sources of our packages, as bundlers make it. */
import { gzipSync } from "node:zlib"
import { build } from "esbuild"

export interface Bundle {
  readonly code: string
  readonly bytes: number
  readonly gzip: number
}

export interface Options {
  /** `browser` also stands for edges: fetch, and nothing of Node. */
  readonly platform: "browser" | "node"
  /** Where what it imports is looked for. */
  readonly from: string
}

/** What is CommonJS among the bundled modules asks for Node's own by `require`. */
const banner = 'import{createRequire as __r}from"node:module";const require=__r(import.meta.url);'

/** Fails where a module is missing, as `node:fs` is in a browser. */
export const bundle = async (contents: string, { from, platform }: Options): Promise<Bundle> => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: from, loader: "ts", sourcefile: "entry.ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform,
    target: "es2024",
    conditions: ["source"],
    legalComments: "none",
    logLevel: "silent",
    ...(platform === "node" && { banner: { js: banner } })
  })
  const code = outputFiles[0]?.text ?? ""
  return { code, bytes: Buffer.byteLength(code), gzip: gzipSync(code, { level: 9 }).length }
}
