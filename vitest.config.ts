import { existsSync, readdirSync } from "node:fs"
import { defineConfig } from "vitest/config"

/** Sources, not builds: a stale `dist` never passes for the code. */
const conditions = ["source"]
/** Has TypeScript under the same condition, which Node does not read there; vite does, for it and who imports it. */
const inline = [/\/node_modules\/(ai|@ai-sdk\/[\w-]+|eventsource-parser)\//]
const rooms = [...readdirSync("packages").map((name) => `packages/${name}`), "examples", "tools"]

export default defineConfig({
  test: {
    reporters: ["default", "./tools/countReporter.mjs"],
    projects: [
      ...rooms
        .filter((room) => existsSync(`${room}/package.json`))
        .map((room) => ({
          resolve: { conditions },
          ssr: { resolve: { conditions, externalConditions: conditions } },
          test: {
            name: room.replace("packages/", ""),
            root: room,
            include: ["test/**/*.test.ts"],
            testTimeout: 30_000,
            server: { deps: { inline } }
          }
        })),
      {
        // One compiler for the types of all packages; an error in any file of tsconfig.test.json fails the run.
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["packages/*/test/**/*.test-d.ts"],
            tsconfig: "./tsconfig.test.json"
          }
        }
      }
    ]
  }
})
