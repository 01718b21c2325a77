/** Many timers on one sleeping fiber: a call's time limit costs an entry in a heap, not a fiber and a timer. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import { monotonic } from "./monotonic.js"

/** Calls `ring` at an instant, unless it is cancelled before. */
export class Alarm {
  readonly at: number
  readonly ring: () => void
  /** Its place in the heap, or -1. */
  place = -1
  private readonly alarms: Alarms

  constructor(alarms: Alarms, at: number, ring: () => void) {
    this.alarms = alarms
    this.at = at
    this.ring = ring
  }

  cancel(): void {
    this.alarms.cancel(this)
  }
}

/** A binary heap by time, in which each alarm knows its place. */
class Heap {
  private readonly alarms: Array<Alarm> = []

  get first(): Alarm | undefined {
    return this.alarms[0]
  }

  add(alarm: Alarm): void {
    this.alarms.push(alarm)
    this.rise(this.alarms.length - 1, alarm)
  }

  remove(alarm: Alarm): void {
    const { place } = alarm
    if (place < 0) return
    alarm.place = -1
    const last = this.alarms.pop()
    if (last === undefined || last === alarm) return
    this.rise(place, last)
    this.sink(last.place, last)
  }

  private rise(from: number, alarm: Alarm): void {
    let place = from
    while (place > 0) {
      const parent = this.alarms[(place - 1) >> 1]
      if (parent === undefined || parent.at <= alarm.at) break
      this.put(place, parent)
      place = (place - 1) >> 1
    }
    this.put(place, alarm)
  }

  private sink(from: number, alarm: Alarm): void {
    let place = from
    for (;;) {
      const left = this.alarms[2 * place + 1]
      const right = this.alarms[2 * place + 2]
      const child = right !== undefined && left !== undefined && right.at < left.at ? right : left
      if (child === undefined || child.at >= alarm.at) break
      const below = child.place
      this.put(place, child)
      place = below
    }
    this.put(place, alarm)
  }

  private put(place: number, alarm: Alarm): void {
    this.alarms[place] = alarm
    alarm.place = place
  }
}

/** The alarms of one clock. While none is set, nothing sleeps and nothing keeps the process alive. */
class Alarms {
  private readonly clock: Clock.Clock
  private readonly heap = new Heap()
  private readonly start: (sleeper: Effect.Effect<void>) => Fiber.Fiber<void>
  private sleeper: Fiber.Fiber<void> | undefined
  private until = Infinity
  private ringing = false

  constructor(fiber: Fiber.Fiber<unknown, unknown>, clock: Clock.Clock) {
    this.clock = clock
    // Of the caller's context only what sleeping needs: the rest would be kept for as long as somebody sleeps.
    const context = Context.make(Clock.Clock, clock).pipe(
      Context.add(Scheduler.Scheduler, fiber.getRef(Scheduler.Scheduler))
    )
    this.start = Effect.runForkWith(context)
  }

  set(at: number, ring: () => void): Alarm {
    const alarm = new Alarm(this, at, ring)
    this.heap.add(alarm)
    if (!this.ringing && at < this.until) this.sleep()
    return alarm
  }

  cancel(alarm: Alarm): void {
    if (alarm.place < 0) return
    this.heap.remove(alarm)
    if (!this.ringing && this.heap.first === undefined) this.wake()
  }

  private wake(): void {
    const { sleeper } = this
    this.sleeper = undefined
    this.until = Infinity
    sleeper?.interruptUnsafe()
  }

  private sleep(): void {
    this.wake()
    this.sleeper = this.start(this.watch)
  }

  private readonly watch: Effect.Effect<void> = Effect.suspend(() => {
    const now = monotonic(this.clock)
    this.ringing = true
    for (let due = this.heap.first; due !== undefined && due.at <= now; due = this.heap.first) {
      this.heap.remove(due)
      due.ring()
    }
    this.ringing = false
    const next = this.heap.first
    this.until = next?.at ?? Infinity
    if (next === undefined) {
      this.sleeper = undefined
      return Effect.void
    }
    return Effect.andThen(Effect.sleep(Math.max(1, Math.ceil(next.at - now))), this.watch)
  })
}

const alarmsOf = new WeakMap<Clock.Clock, Alarms>()

/** Calls `ring` once so many milliseconds have passed. */
export const setAlarm = (fiber: Fiber.Fiber<unknown, unknown>, millis: number, ring: () => void): Alarm => {
  const clock = fiber.getRef(Clock.Clock)
  let alarms = alarmsOf.get(clock)
  if (alarms === undefined) {
    alarms = new Alarms(fiber, clock)
    alarmsOf.set(clock, alarms)
  }
  return alarms.set(monotonic(clock) + millis, ring)
}
