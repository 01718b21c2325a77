/** Which part of the data a prompt belongs to: by a hash of what is asked, so that it stays there in every export. */
import { createHash } from "node:crypto"
import type { Ranked } from "./Ranked.js"

export type Split = "train" | "validation"

export interface Options {
  /** The share of the prompts that is held back, 0 to 1; about that many, since each is decided by itself. */
  readonly validation: number
  /** Another seed holds back other prompts. @default 0 */
  readonly seed?: number
}

/** 48 bits are as many as a number divides exactly. */
const bytes = 6

const squeezed = (_: string, value: unknown): unknown =>
  typeof value === "string" ? value.trim().replace(/\s+/gu, " ") : value

/** White space and ids are no matter. */
export const splitOf = ({ messages, prompt }: Pick<Ranked, "messages" | "prompt">, options: Options): Split => {
  const asked = JSON.stringify(messages ?? [{ role: "user", content: prompt }], squeezed)
  const digest = createHash("sha256")
    .update(`${options.seed ?? 0}\n${asked}`)
    .digest()
  return digest.readUIntBE(0, bytes) / 2 ** (8 * bytes) < options.validation ? "validation" : "train"
}
