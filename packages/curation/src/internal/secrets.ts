/** Secrets by secretlint's recommended rules. */
import type { SecretLintCoreConfig } from "@secretlint/types"
import type { Span } from "./personal.js"

const prefix = "@secretlint/secretlint-rule-"
/** Its comments would let a text switch the search off for itself. */
const obeying = `${prefix}filter-comments`

/** Loads the rules; the search answers with what it found, overlaps too. */
export const loadSecrets = async (): Promise<(text: string) => Promise<ReadonlyArray<Span>>> => {
  const [{ lintSource }, { rules }, { secretLintProfiler }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
    import("@secretlint/profiler")
  ])
  // It keeps a mark for every rule and text, which is memory that grows.
  secretLintProfiler.setEnabled(false)
  const config: SecretLintCoreConfig = {
    rules: rules.filter(({ meta }) => meta.id !== obeying).map((rule) => ({ id: rule.meta.id, rule }))
  }
  return async (content) => {
    const { messages } = await lintSource({
      source: { filePath: "prompt.txt", content, ext: ".txt", contentType: "text" },
      options: { config, noPhysicFilePath: true, maskSecrets: true }
    })
    return messages.map(({ range: [start, end], ruleId }) => ({ kind: ruleId.replace(prefix, ""), start, end }))
  }
}
