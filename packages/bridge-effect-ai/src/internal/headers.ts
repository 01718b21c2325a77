/** Headers as `effect/ai` keeps them: some are redacted, and those tell nothing that is wanted here. */
import * as Redacted from "effect/Redacted"

export const plain = (
  headers: Readonly<Record<string, string | Redacted.Redacted<string>>> | undefined
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers ?? {}).flatMap(([name, value]) =>
      typeof value === "string" ? [[name.toLowerCase(), value]] : []
    )
  )
