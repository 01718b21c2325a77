import { defineConfig } from "vitest/config"

/** Sources, not builds: a stale `dist` never passes for the code. */
const conditions = ["source"]
/** Has TypeScript under the same condition, which Node does not read there; vite does, for it and who imports it. */
const inline = [/\/node_modules\/(@ai-sdk\/[\w-]+|eventsource-parser)\//]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["*.test.ts"],
    server: { deps: { inline } },
    globalSetup: ["./internal/built.ts"],
    testTimeout: 600_000,
    hookTimeout: 240_000,
    // Each suite starts processes of its own, and says its numbers without other suites' noise in them.
    fileParallelism: false,
    disableConsoleIntercept: true
  }
})
