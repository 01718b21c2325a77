/** A digest of many lines, computed as they come. */
import { createHash } from "node:crypto"

export const digest = () => {
  const hash = createHash("sha256")
  return {
    update: (line: string): void => {
      hash.update(line)
      hash.update("\n")
    },
    finish: (): string => hash.digest("hex")
  }
}
