/** Where each row of a cache stands, by its text's digest; columns, since there may be millions. */

export interface Slot {
  readonly segment: number
  readonly space: number
  readonly crc: number
  /** Byte of the segment. */
  readonly from: number
}

export class Slots {
  readonly #byKey = new Map<string, number>()
  #segments = new Uint32Array(1024)
  #spaces = new Uint32Array(1024)
  #crcs = new Uint32Array(1024)
  #froms = new Float64Array(1024)
  /** The slot that a key had before, from 1; 0 where there was none. */
  #earlier = new Uint32Array(1024)
  #used = 0

  get size(): number {
    return this.#byKey.size
  }

  has(key: string): boolean {
    return this.#byKey.has(key)
  }

  find(key: string): number | undefined {
    return this.#byKey.get(key)
  }

  /** A later row stands before an earlier one. */
  add(key: string, { crc, from, segment, space }: Slot): void {
    if (this.#used === this.#segments.length) this.#grow()
    const slot = this.#used++
    this.#segments[slot] = segment
    this.#spaces[slot] = space
    this.#crcs[slot] = crc
    this.#froms[slot] = from
    this.#earlier[slot] = (this.#byKey.get(key) ?? -1) + 1
    this.#byKey.set(key, slot)
  }

  /** Takes the row away that stands first; an earlier one stands there again. */
  remove(key: string): void {
    const slot = this.#byKey.get(key)
    const earlier = slot === undefined ? 0 : (this.#earlier[slot] as number)
    if (earlier === 0) this.#byKey.delete(key)
    else this.#byKey.set(key, earlier - 1)
  }

  segment(slot: number): number {
    return this.#segments[slot] as number
  }

  space(slot: number): number {
    return this.#spaces[slot] as number
  }

  crc(slot: number): number {
    return this.#crcs[slot] as number
  }

  from(slot: number): number {
    return this.#froms[slot] as number
  }

  #grow(): void {
    const wider = <A extends Uint32Array | Float64Array>(old: A, made: A): A => {
      made.set(old)
      return made
    }
    const length = this.#segments.length * 2
    this.#segments = wider(this.#segments, new Uint32Array(length))
    this.#spaces = wider(this.#spaces, new Uint32Array(length))
    this.#crcs = wider(this.#crcs, new Uint32Array(length))
    this.#earlier = wider(this.#earlier, new Uint32Array(length))
    this.#froms = wider(this.#froms, new Float64Array(length))
  }
}
