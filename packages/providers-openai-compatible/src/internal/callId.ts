/** Ids of tool calls for vendors that take one form of them only. */
import { draws, Seed } from "@consortium/core/Seed"

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
const seed = Seed.make(0)

/** The id itself where it has the form, else one that is always the same for it: a call and its result stay together. */
export const nineLetters = (id: string): string => {
  if (/^[a-zA-Z0-9]{9}$/.test(id)) return id
  const draw = draws(seed, id)
  return Array.from({ length: 9 }, () => letters.charAt(Math.floor(draw() * letters.length))).join("")
}
