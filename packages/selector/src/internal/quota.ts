/** Shares of a whole number. */

export interface Share {
  readonly weight: number
  /** How much it can take at most. */
  readonly room: number
}

/**
 * Whole parts of `total` by weight, largest remainder first (Hamilton), the first of equal ones; what one has no room for
 * goes to the others by the same rule. Their sum is `total`, or all room.
 */
export const divide = (total: number, shares: ReadonlyArray<Share>): ReadonlyArray<number> => {
  const parts = shares.map(() => 0)
  const roomOf = (k: number) => (shares[k]?.room ?? 0) - (parts[k] ?? 0)
  let left = Math.min(
    total,
    shares.reduce((sum, { room }) => sum + room, 0)
  )
  while (left > 0) {
    const able = shares.flatMap(({ weight }, k) => (roomOf(k) > 0 ? [{ k, weight }] : []))
    const weights = able.reduce((sum, { weight }) => sum + weight, 0)
    const ideal = able.map(({ k, weight }) => ({ k, exact: (left * weight) / weights }))
    const give = (k: number, amount: number): void => {
      const given = Math.min(amount, roomOf(k), left)
      parts[k] = (parts[k] ?? 0) + given
      left -= given
    }
    for (const { k, exact } of ideal) give(k, Math.floor(exact))
    const isFull = able.some(({ k }) => roomOf(k) === 0)
    // Where one could not take its part, the rest is divided anew among those that can.
    if (isFull) continue
    ideal.sort((a, b) => (b.exact % 1) - (a.exact % 1) || a.k - b.k)
    for (const { k } of ideal) give(k, Math.min(1, left))
  }
  return parts
}
