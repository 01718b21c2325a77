/** Token buckets of one minute, by the clock that the server was started with. */

export interface Bucket {
  readonly limit: number
  /** Takes so many; answers 0, or the milliseconds after which there would be enough. */
  readonly take: (count: number, now: number) => number
  readonly remaining: (now: number) => number
  /** Milliseconds until it is full. */
  readonly resets: (now: number) => number
}

/** Full at first; fills evenly. A single charge above the limit takes all there is. */
export const make = (perMinute: number, startedAt: number): Bucket => {
  const rate = perMinute / 60_000
  let level = perMinute
  let at = startedAt
  const fill = (now: number) => {
    level = Math.min(perMinute, level + (now - at) * rate)
    at = now
  }
  return {
    limit: perMinute,
    take: (count, now) => {
      fill(now)
      const charge = Math.min(count, perMinute)
      // A sum of many small refills may miss the charge by a rounding error.
      if (level + 1e-9 < charge) return Math.ceil((charge - level) / rate)
      level -= charge
      return 0
    },
    remaining: (now) => {
      fill(now)
      return Math.max(0, Math.floor(level + 1e-9))
    },
    resets: (now) => {
      fill(now)
      return Math.ceil((perMinute - level) / rate)
    }
  }
}
