/** Timers that cost no time, for programs that know only `setTimeout`. */

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** Replaces the process's `setTimeout` and `Date.now`; whenever nothing else moves, the next timer rings. */
export const virtual = () => {
  const timers: Array<Timer> = []
  const turn = setImmediate
  let now = 0
  const set = (run: (...words: ReadonlyArray<unknown>) => void, millis = 0, ...words: ReadonlyArray<unknown>) => {
    const timer: Timer = { at: now + Math.max(0, millis), run: () => run(...words) }
    let low = 0
    let high = timers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((timers[middle]?.at ?? 0) > timer.at) low = middle + 1
      else high = middle
    }
    timers.splice(low, 0, timer)
    return Object.assign(timer, { unref: () => timer, ref: () => timer, hasRef: () => true })
  }
  Reflect.set(globalThis, "setTimeout", set)
  Reflect.set(globalThis, "clearTimeout", (timer: Timer | undefined) => {
    const index = timer === undefined ? -1 : timers.indexOf(timer)
    if (index >= 0) timers.splice(index, 1)
  })
  Date.now = () => now
  return {
    now: () => now,
    run: async (work: Promise<unknown>): Promise<void> => {
      let isOver = false
      work.finally(() => {
        isOver = true
      })
      while (!isOver) {
        for (let quiet = 0; quiet < 4; quiet++) await new Promise<void>((resolve) => turn(resolve))
        const next = timers.pop()
        if (next === undefined) continue
        now = next.at
        next.run()
      }
    }
  }
}
