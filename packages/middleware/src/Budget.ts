/** A hard limit in money, tokens or attempts: the worst case is reserved before an attempt, and settled after it. */
import { type Call, type CallFailure, Halted, type Middleware } from "@consortium/core/Call"
import { Deadline } from "@consortium/core/Deadline"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { isRefusal } from "./internal/blame.js"
import { deadlinePassed } from "./internal/deadlinePassed.js"
import { waited } from "./internal/waited.js"
import type { Amount, Metering } from "./Worst.js"

export interface Limits {
  /** US dollars. @default no limit */
  readonly usd?: number
  /** Input and output together. @default no limit */
  readonly tokens?: number
  /** Attempts, also those that failed. @default no limit */
  readonly calls?: number
  /** What was spent before, so that a run that goes on keeps its limit. @default nothing */
  readonly spent?: { readonly usd?: number; readonly tokens?: number; readonly calls?: number }
}

/** What is gone, or held for attempts that are in flight. */
export interface Spent {
  readonly usd: number
  readonly tokens: number
  readonly calls: number
}

/** The state behind one limit. Share the value: everything that it wraps spends from the same purse. */
export interface Budget {
  readonly limits: Limits
  /** What settled attempts took. */
  readonly spent: () => Spent
  /** The worst case of the attempts in flight. */
  readonly reserved: () => Spent
  /** Holds an amount for one attempt; never more than the limit together with what is spent and held. */
  readonly hold: (worst: Amount) => Hold
}

/** One attempt's place in a budget. */
export interface Hold {
  /**
   * Reserves at once where there is room, or says how to wait while attempts in flight may still give back enough; that
   * fails with `Halted` when there can be no room any more.
   */
  readonly take: () => "held" | Effect.Effect<void, Halted>
  /** Gives the reserve back and counts what was spent instead; without an amount, the attempt was never made. */
  readonly settle: (amount: Amount | undefined) => void
}

/** Sums of dollars in billionths, so that adding and taking away leaves nothing behind. */
const billionths = 1e9
const toUnits = (usd: number | undefined): number => Math.max(0, Math.ceil((usd ?? 0) * billionths - 1e-3))

/** Dollars in billionths, tokens, attempts. */
type Units = [usd: number, tokens: number, calls: number]

const spentOf = ([usd, tokens, calls]: Units): Spent => ({ usd: usd / billionths, tokens, calls })

const unitsOf = (amount: Amount): Units => [toUnits(amount.usd), Math.ceil(amount.tokens), 1]

const names = ["US dollars", "tokens", "attempts"] as const

const over = (limits: Limits, spent: Units, worst: Units, which: number): Halted => {
  const scale = which === 0 ? billionths : 1
  const left = [limits.usd, limits.tokens, limits.calls][which] ?? 0
  const gone = (spent[which] ?? 0) / scale
  const detail = `${gone} of ${left} ${names[which]} are spent and the next attempt may take ${(worst[which] ?? 0) / scale}; raise the limit, ask for shorter answers, or go on later`
  return new Halted({ why: "budget", detail })
}

const priceless = (): Halted =>
  new Halted({
    why: "budget",
    detail: "a limit in money needs a price; give the model's price, `unknownUsd`, or a limit in tokens or attempts"
  })

interface Waiting {
  readonly worst: Units
  /** Let in, or refused for good. */
  readonly go: (refused: Halted | undefined) => void
}

/** Makes a budget. Throws a `RangeError` for a limit below 0. */
export const makeBudget = (limits: Limits): Budget => {
  for (const limit of [limits.usd, limits.tokens, limits.calls]) {
    if (limit !== undefined && !(limit >= 0)) {
      throw new RangeError(`${limit} is no limit of a budget; give a number from 0`)
    }
  }
  const most: Units = [
    limits.usd === undefined ? Infinity : Math.floor(limits.usd * billionths),
    limits.tokens ?? Infinity,
    limits.calls ?? Infinity
  ]
  const before = limits.spent
  const spent: Units = [toUnits(before?.usd), before?.tokens ?? 0, before?.calls ?? 0]
  const held: Units = [0, 0, 0]
  const line = new Set<Waiting>()

  const add = (to: Units, [usd, tokens, calls]: Units, sign: 1 | -1): void => {
    to[0] += sign * usd
    to[1] += sign * tokens
    to[2] += sign * calls
  }
  /** The first limit that would be passed, or -1. */
  const passes = (worst: Units, withHeld: boolean): number => {
    for (let i = 0; i < 3; i++) {
      const taken = (spent[i] ?? 0) + (withHeld ? (held[i] ?? 0) : 0)
      if (taken + (worst[i] ?? 0) > (most[i] ?? 0)) return i
    }
    return -1
  }
  const reserve = (worst: Units): "held" | "full" | Halted => {
    const never = passes(worst, false)
    if (never >= 0) return over(limits, spent, worst, never)
    if (passes(worst, true) >= 0) return "full"
    add(held, worst, 1)
    return "held"
  }
  let serving = false
  /** Nobody overtakes: a cheap attempt waits behind a dear one, which would starve otherwise. */
  const serve = (): void => {
    if (serving) return
    serving = true
    for (const first of line) {
      const outcome = reserve(first.worst)
      if (outcome === "full") break
      line.delete(first)
      first.go(outcome === "held" ? undefined : outcome)
    }
    serving = false
  }

  class Place implements Hold {
    readonly worst: Units
    private readonly priced: boolean
    private mine = false

    constructor(amount: Amount) {
      this.worst = unitsOf(amount)
      this.priced = amount.usd !== undefined
    }

    take(): "held" | Effect.Effect<void, Halted> {
      if (limits.usd !== undefined && !this.priced) return Effect.fail(priceless())
      const outcome = line.size > 0 && passes(this.worst, false) < 0 ? "full" : reserve(this.worst)
      if (outcome === "full") return waited("budget", this.wait())
      if (outcome !== "held") return Effect.fail(outcome)
      this.mine = true
      return outcome
    }

    settle(actual: Amount | undefined): void {
      if (!this.mine) return
      this.mine = false
      add(held, this.worst, -1)
      if (actual !== undefined) add(spent, unitsOf(actual), 1)
      serve()
    }

    private wait(): Effect.Effect<void, Halted> {
      return Effect.callback<void, Halted>((resume) => {
        const waiting: Waiting = {
          worst: this.worst,
          go: (refused) => {
            this.mine = refused === undefined
            resume(refused === undefined ? Effect.void : Effect.fail(refused))
          }
        }
        line.add(waiting)
        return Effect.sync(() => {
          line.delete(waiting)
          serve()
        })
      })
    }
  }
  return { limits, spent: () => spentOf(spent), reserved: () => spentOf(held), hold: (worst) => new Place(worst) }
}

/** What a finished attempt counts for. */
const amountOf = <A, E extends CallFailure>(
  exit: Exit.Exit<A, E>,
  actual: (answer: A) => Partial<Amount>,
  worst: Amount
): Amount => {
  if (exit._tag === "Success") {
    const said = actual(exit.value)
    return { tokens: said.tokens ?? worst.tokens, usd: said.usd ?? worst.usd }
  }
  const failed = exit.cause.reasons.find(Cause.isFailReason)
  return failed !== undefined && isRefusal(failed.error) ? { tokens: 0, usd: 0 } : worst
}

/**
 * Lets an attempt through when its worst case fits into what is left. It is settled at what it took; one that says
 * nothing, broke or was cut off (a hedge's loser) at its worst case, since the vendor may have worked for it; one that
 * was refused counts as an attempt of no price. Without room it fails with `Halted`, and what is in flight ends well.
 * Put it around one attempt, inside of `retry` and `hedge`.
 */
export const budget =
  <I, A>(purse: Budget, metering: Metering<I, A>): Middleware<Halted, never, I, A> =>
  <I0 extends I, A0 extends A, E extends CallFailure, R>(call: Call<I0, A0, E, R>): Call<I0, A0, E | Halted, R> =>
  (input) =>
    Effect.withFiber((fiber): Effect.Effect<A0, E | Halted, R> => {
      // An attempt that has no time left is not made, and not counted.
      if (fiber.getRef(Clock.Clock).currentTimeMillisUnsafe() >= fiber.getRef(Deadline)) {
        return Effect.fail(deadlinePassed())
      }
      const worst = metering.worst(input)
      const hold = purse.hold(worst)
      let made = false
      return Effect.onExit(
        Effect.suspend(() => {
          const make = () => {
            made = true
            return call(input)
          }
          const taken = hold.take()
          return taken === "held" ? make() : Effect.flatMap(taken, make)
        }),
        (exit) => {
          hold.settle(made ? amountOf(exit, metering.actual, worst) : undefined)
          return Effect.void
        }
      )
    })
