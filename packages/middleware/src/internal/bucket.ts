/** A token bucket in units of time: it is full again at `fullAt`, and a unit takes `each` milliseconds to come back. */
export class Bucket {
  private each: number
  private capacity: number
  private fullAt = -Infinity

  /** Without a rate it lets everything through. */
  constructor(perMinute: number | undefined, burstMillis: number) {
    if (perMinute !== undefined && !(perMinute > 0)) {
      throw new RangeError(`${perMinute} a minute is no limit that lets anything through; give a number above 0`)
    }
    this.each = perMinute === undefined ? 0 : 60_000 / perMinute
    this.capacity = perMinute === undefined ? 0 : Math.max(this.each, burstMillis)
  }

  /** Milliseconds until `units` can be taken when `ahead` are taken before. More than the bucket holds needs it full. */
  untilFree(now: number, ahead: number, units: number): number {
    if (this.each === 0) return 0
    const needed = Math.min(units * this.each, this.capacity)
    return Math.max(this.fullAt, now) + ahead * this.each + needed - this.capacity - now
  }

  take(now: number, units: number): void {
    if (this.each > 0) this.fullAt = Math.max(this.fullAt, now) + units * this.each
  }

  giveBack(units: number): void {
    this.fullAt -= units * this.each
  }

  /**
   * Follows what the other side says of its own bucket: how much it holds, what is left, and when it is full again. It
   * comes back evenly between. Never more than that is left, since others may take from the same one; and no less than
   * what we ourselves have taken since, which the answer may not know of.
   */
  follow(now: number, limit: number, remaining: number, resetMillis: number): void {
    const used = limit - remaining
    if (!(resetMillis > 0 && used >= limit * worthFollowing)) return
    const each = resetMillis / used
    // What is taken here was counted in the old time; the same units take the new time to come back.
    if (this.each > 0 && this.fullAt > now) this.fullAt = now + ((this.fullAt - now) / this.each) * each
    this.each = each
    this.capacity = limit * each
    this.fullAt = Math.max(this.fullAt, now + resetMillis)
  }
}

/** A little use says little of the rate: times are rounded, to seconds by some vendors. */
const worthFollowing = 0.1
