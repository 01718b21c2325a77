/** The one way to say that time is up. */
import { Halted } from "@consortium/core/Call"

/** The error of a call that meets the question's deadline. */
export const deadlinePassed = (): Halted =>
  new Halted({ why: "deadline", detail: "the deadline was reached; allow more time or ask for less" })
