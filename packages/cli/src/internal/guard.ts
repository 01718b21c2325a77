/** What `--guard` says. */
import * as Result from "effect/Result"
import type { Guard } from "@consortium/selector/Guard"

/** The guard, or what to say instead. */
export const guardOf = (said: string): Result.Result<Guard, string> => {
  if (said === "adaptive" || said === "off") return Result.succeed(said)
  const cosine = Number(said)
  return said.trim() !== "" && cosine >= -1 && cosine <= 1
    ? Result.succeed(cosine)
    : Result.fail(`--guard ${said}: say a cosine from -1 to 1, adaptive, or off`)
}
