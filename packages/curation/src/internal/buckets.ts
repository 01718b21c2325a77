/** Rows by a 32-bit key, in flat arrays: a Map of a million keys takes several times the memory. */

export const buckets = () => {
  let keys = new Uint32Array(1024)
  let next = new Int32Array(1024)
  let heads = new Int32Array(2048).fill(-1)

  const link = (row: number): void => {
    const slot = (keys[row] ?? 0) & (heads.length - 1)
    next[row] = heads[slot] ?? -1
    heads[slot] = row
  }
  const grow = (rows: number): void => {
    const size = keys.length * 2
    const [oldKeys, oldNext] = [keys, next]
    keys = new Uint32Array(size)
    keys.set(oldKeys)
    next = new Int32Array(size)
    next.set(oldNext)
    heads = new Int32Array(size * 2).fill(-1)
    for (let row = 0; row < rows; row++) link(row)
  }
  return {
    /** Rows are numbered from 0, without a gap. */
    add: (key: number, row: number): void => {
      if (row >= keys.length) grow(row)
      keys[row] = key
      link(row)
    },
    /** Calls for every row of this key, latest first. */
    each: (key: number, found: (row: number) => void): void => {
      for (let row = heads[key & (heads.length - 1)] ?? -1; row >= 0; row = next[row] ?? -1) {
        if (keys[row] === key) found(row)
      }
    }
  }
}
