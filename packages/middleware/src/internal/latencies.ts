/** A quantile of the last answers' latencies. */

/** How many answers are remembered. */
const size = 256
/** After how many new answers the quantile is found anew. */
const pace = 16

export class Latencies {
  /** Milliseconds; absent until enough are known. */
  value: number | undefined
  private readonly quantile: number
  private readonly atLeast: number
  private readonly ring = new Float64Array(size)
  private count = 0

  constructor(quantile: number, atLeast: number) {
    this.quantile = quantile
    this.atLeast = atLeast
  }

  add(millis: number): void {
    this.ring[this.count++ % size] = millis
    if (this.count < this.atLeast || (this.count > this.atLeast && this.count % pace !== 0)) return
    const known = this.ring.slice(0, Math.min(this.count, size)).sort()
    this.value = known[Math.min(known.length - 1, Math.floor(this.quantile * known.length))]
  }
}
