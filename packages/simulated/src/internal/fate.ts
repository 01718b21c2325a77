/** What becomes of one attempt: how long it takes and whether it fails. */
import * as Seed from "@consortium/core/Seed"
import type { FailureKind, Persona } from "../Persona.js"
import { normal } from "./chance.js"

export interface Fate {
  readonly failure: FailureKind | undefined
  /** Unscaled milliseconds until the whole answer is said. */
  readonly millis: number
  /** A uniform number for what the failure looks like. */
  readonly shade: number
}

const kinds: ReadonlyArray<FailureKind> = ["rate429", "rate5xx", "reset", "hang", "truncate", "malformed"]

const failureOf = (persona: Persona, u: number): FailureKind | undefined => {
  if (persona.failure.always !== undefined) return persona.failure.always
  let below = 0
  for (const kind of kinds) {
    below += persona.failure[kind] ?? 0
    if (u < below) return kind
  }
  return undefined
}

/** Depends on the attempt, so that a retry has a new fate; never on the order of arrival of different requests. */
export const fateOf = (seed: Seed.Seed, persona: Persona, digest: string, attempt: number): Fate => {
  const draw = Seed.draws(seed, "fate", persona.name, digest, attempt)
  const failure = failureOf(persona, draw())
  return {
    failure,
    shade: draw(),
    millis: persona.latency.medianMillis * Math.exp(persona.latency.sigma * normal(draw))
  }
}
