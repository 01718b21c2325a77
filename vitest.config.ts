import { existsSync, readdirSync } from "node:fs"
import { defineConfig } from "vitest/config"

/** Sources, not builds: a stale `dist` never passes for the code. */
const conditions = ["source"]
const packages = readdirSync("packages").filter((name) => existsSync(`packages/${name}/package.json`))

export default defineConfig({
  test: {
    reporters: ["default", "./tools/countReporter.mjs"],
    projects: packages.map((name) => ({
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name,
        root: `packages/${name}`,
        include: ["test/**/*.test.ts"],
        testTimeout: 30_000,
        typecheck: { enabled: true, include: ["test/**/*.test-d.ts"], tsconfig: "../../tsconfig.test.json" }
      }
    }))
  }
})
