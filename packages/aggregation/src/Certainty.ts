/**
 * How sure pooled preferences are of the best candidate, under Bradley–Terry. Two numbers for two things: the one that
 * decides whether to ask on counts judges as whole votes; the one that is shown counts them as the fewer independent
 * votes that they are worth. Neither is a calibrated probability: that takes labels (`Calibration`).
 */
import type { Seed } from "@consortium/core/Seed"
import * as BradleyTerry from "./BradleyTerry.js"
import type { Pooled } from "./Pairs.js"

/**
 * What a judge counts for where a certainty is shown, until `EffectiveVotes` measured it on labels: judges err alike,
 * and five to nine recorded ones were worth about two independent ones.
 */
export const effectiveVotes = 0.6

/** Each candidate's chance of being best, their sum 1. @param effective what a judge counts for @default 0.6 */
export const pBest = (pooled: Pooled, seed: Seed, word: string, effective: number = effectiveVotes): Float64Array =>
  BradleyTerry.bestShares(BradleyTerry.fit(pooled, effective), seed, word)

/** The leader's share with whole weights, for stopping rules; 0 to 1. */
export const stopConfidence = (pooled: Pooled, seed: Seed, word: string): number =>
  pBest(pooled, seed, word, 1).reduce((high, share) => Math.max(high, share), 0)
