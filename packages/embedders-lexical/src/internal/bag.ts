/** A reused hash table of features: key, weight and how often. */

export interface Bag {
  /** Counts a feature once more; the weight of its first mention stays. */
  readonly add: (key: number, weight: number) => void
  readonly size: () => number
  /** Visits every feature in the order of first mention, and empties the bag. */
  readonly drain: (visit: (key: number, weight: number, count: number) => void) => void
}

const slotsAtFirst = 1 << 13

/** Open addressing, at most half full; grows with the longest text and is emptied feature by feature. */
export const make = (): Bag => {
  // A slot holds the number of a feature, from 1; 0 is free.
  let slots = new Uint32Array(slotsAtFirst)
  let keys = new Uint32Array(slotsAtFirst >> 1)
  let weights = new Float32Array(slotsAtFirst >> 1)
  let counts = new Uint32Array(slotsAtFirst >> 1)
  let places = new Uint32Array(slotsAtFirst >> 1)
  let used = 0

  /** The slot of a key, or the free one where it belongs. */
  const slotOf = (key: number): number => {
    const mask = slots.length - 1
    let slot = (key ^ (key >>> 15)) & mask
    for (;;) {
      const number = slots[slot] as number
      if (number === 0 || keys[number - 1] === key) return slot
      slot = (slot + 1) & mask
    }
  }

  const grow = (): void => {
    slots = new Uint32Array(slots.length * 2)
    const [oldKeys, oldWeights, oldCounts] = [keys, weights, counts]
    keys = new Uint32Array(slots.length >> 1)
    weights = new Float32Array(slots.length >> 1)
    counts = new Uint32Array(slots.length >> 1)
    places = new Uint32Array(slots.length >> 1)
    keys.set(oldKeys)
    weights.set(oldWeights)
    counts.set(oldCounts)
    for (let i = 0; i < used; i++) {
      const slot = slotOf(keys[i] as number)
      slots[slot] = i + 1
      places[i] = slot
    }
  }

  return {
    add: (signed, weight) => {
      const key = signed >>> 0
      if (used === keys.length) grow()
      const slot = slotOf(key)
      const number = slots[slot] as number
      if (number > 0) {
        counts[number - 1] = (counts[number - 1] as number) + 1
        return
      }
      keys[used] = key
      weights[used] = weight
      counts[used] = 1
      places[used] = slot
      slots[slot] = ++used
    },
    size: () => used,
    drain: (visit) => {
      for (let i = 0; i < used; i++) {
        slots[places[i] as number] = 0
        visit(keys[i] as number, weights[i] as number, counts[i] as number)
      }
      used = 0
    }
  }
}
