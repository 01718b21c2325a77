import { defineConfig } from "tsup"

/** Libraries: one file per module, nothing bundled; declarations come from `tsc -b`. */
export default defineConfig({
  entry: ["src/**/*.ts"],
  format: "esm",
  target: "node22",
  bundle: false,
  dts: false,
  sourcemap: true,
  removeNodeProtocol: false,
  silent: true
})
