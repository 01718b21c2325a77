/** The world of `scheduler.ts`: four vendors with limits, every latency and fault a function of the call, and the ideal. */
import { draws, Seed } from "@consortium/core/Seed"

export const prompts = 2000
/** Prompts on the road at a time, for everybody but the unlimited one and the ideal. */
export const width = 256
const seed = Seed.make(7)

/** Who answers and who judges: three vendors do both. */
export const members = ["requests", "requests-too", "tokens", "in-flight"] as const
export const judges = ["requests", "tokens", "in-flight"] as const
export type VendorName = (typeof members)[number]

export const limits = {
  requests: { requestsPerMinute: 4200 },
  "requests-too": { requestsPerMinute: 2400 },
  tokens: { tokensPerMinute: 3_000_000 },
  "in-flight": { inFlight: 16 }
} as const
/** A vendor lets this much of its rate go at once after a pause. */
const burstMillis = 6000
export const maxTokens = 800
/** What a request without an answer is counted as. */
export const inputTokens = 200

export interface Scenario {
  /** Parts of all attempts. */
  readonly refused: number
  readonly failed: number
  /** When the vendor `requests` stops answering, in milliseconds. */
  readonly diesAt: number
}
export const calm: Scenario = { refused: 0, failed: 0, diesAt: Infinity }

const normal = (draw: () => number) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())

/** What an attempt comes to if the vendor takes it: log-normal, median 200 ms, σ 0.5. */
const fate = (scenario: Scenario, call: string, attempt: number) => {
  const draw = draws(seed, call, attempt)
  const millis = 200 * Math.exp(0.5 * normal(draw))
  const outputTokens = Math.floor(200 + 600 * draw())
  const luck = draw()
  const fault = luck < scenario.refused ? 429 : luck < scenario.refused + scenario.failed ? 500 : undefined
  return { millis, outputTokens, fault } as const
}

export interface Reply {
  readonly status: 200 | 429 | 500 | "dead"
  readonly millis: number
  readonly outputTokens: number
  readonly retryAfterMillis?: number
}

/** One vendor, as a server sees it: it keeps its limit and counts what came. */
export class Vendor {
  readonly name: VendorName
  readonly seen = { attempts: 0, limited: 0, faults: 0, dead: 0, answered: 0 }
  private readonly scenario: Scenario
  private inside = 0
  private fullAt = -Infinity
  private readonly tries = new Map<string, number>()

  constructor(name: VendorName, scenario: Scenario) {
    this.name = name
    this.scenario = scenario
  }

  /** Takes or refuses an attempt now; `leave` has to be called when its time is over. */
  arrive(now: number, call: string): Reply {
    this.seen.attempts++
    if (this.isDead(now)) {
      this.seen.dead++
      return { status: "dead", millis: 5, outputTokens: 0 }
    }
    const wait = this.wait(now, call)
    if (wait > 0) {
      this.seen.limited++
      return {
        status: 429,
        millis: 20,
        outputTokens: 0,
        ...(wait !== Infinity && { retryAfterMillis: Math.ceil(wait) })
      }
    }
    const { fault, millis, outputTokens } = this.next(call)
    if (fault !== undefined) {
      this.seen.faults++
      return { status: fault, millis: 20, outputTokens: 0 }
    }
    this.take(now, outputTokens)
    return { status: 200, millis, outputTokens }
  }

  leave(reply: Reply): void {
    if (reply.status !== 200) return
    this.inside--
    this.seen.answered++
  }

  isDead(now: number): boolean {
    return this.name === "requests" && now >= this.scenario.diesAt
  }

  /** Milliseconds until there is room; Infinity where nobody can say. */
  wait(now: number, call: string): number {
    if (this.name === "in-flight") return this.inside < limits["in-flight"].inFlight ? 0 : Infinity
    return Math.max(0, Math.max(this.fullAt, now) + this.cost(this.peek(call).outputTokens) - burstMillis - now)
  }

  private cost(outputTokens: number): number {
    if (this.name === "requests" || this.name === "requests-too") return 60_000 / limits[this.name].requestsPerMinute
    return this.name === "tokens" ? ((inputTokens + outputTokens) * 60_000) / limits.tokens.tokensPerMinute : 0
  }

  private take(now: number, outputTokens: number): void {
    this.inside++
    this.fullAt = Math.max(this.fullAt, now) + this.cost(outputTokens)
  }

  private peek(call: string) {
    return fate(this.scenario, call, this.tries.get(call) ?? 0)
  }

  private next(call: string) {
    const found = this.peek(call)
    this.tries.set(call, (this.tries.get(call) ?? 0) + 1)
    return found
  }
}

export const vendorsOf = (scenario: Scenario): Readonly<Record<VendorName, Vendor>> => ({
  requests: new Vendor("requests", scenario),
  "requests-too": new Vendor("requests-too", scenario),
  tokens: new Vendor("tokens", scenario),
  "in-flight": new Vendor("in-flight", scenario)
})

export const memberCall = (prompt: number, vendor: VendorName) => `${prompt} member ${vendor}`
export const judgeCall = (prompt: number, vendor: VendorName) => `${prompt} judge ${vendor}`

/** Work divided by limit, without any waiting of one for another: no schedule can be faster. */
export const floorMillis = (scenario: Scenario): number => {
  const all: Record<VendorName, Array<string>> = { requests: [], "requests-too": [], tokens: [], "in-flight": [] }
  for (let prompt = 0; prompt < prompts; prompt++) {
    for (const name of members) all[name].push(memberCall(prompt, name))
    for (const name of judges) all[name].push(judgeCall(prompt, name))
  }
  const time = (name: VendorName): number => {
    const fates = all[name].map((call) => fate(scenario, call, 0))
    switch (name) {
      case "in-flight":
        return fates.reduce((sum, one) => sum + one.millis, 0) / limits["in-flight"].inFlight
      case "tokens":
        return (
          (fates.reduce((sum, one) => sum + inputTokens + one.outputTokens, 0) * 60_000) /
            limits.tokens.tokensPerMinute -
          burstMillis
        )
      default:
        return (fates.length * 60_000) / limits[name].requestsPerMinute - burstMillis
    }
  }
  return Math.max(...members.map(time))
}

interface Job {
  readonly call: string
  readonly prompt: number
  readonly vendor: VendorName
  readonly judges: boolean
}

/**
 * The ideal: it knows every latency, starts each attempt at the very instant that the
 * limit allows, and repeats a fault at once. The best of several orders: judges before members or prompt by prompt, all
 * prompts open or some.
 */
export const ideal = (scenario: Scenario): number =>
  Math.min(
    ...[64, 128, width, 512, prompts].flatMap((open) => [greedy(scenario, true, open), greedy(scenario, false, open)])
  )

const greedy = (scenario: Scenario, judgesFirst: boolean, width: number): number => {
  const vendors = vendorsOf(scenario)
  const lines = new Map<VendorName, { readonly judging: Array<Job>; readonly asking: Array<Job> }>(
    members.map((name) => [name, { judging: [], asking: [] }])
  )
  const open = Array.from({ length: prompts }, () => ({ members: members.length, judges: judges.length }))
  const events: Array<{ readonly at: number; readonly run: () => void }> = []
  let now = 0
  let last = 0
  const at = (time: number, run: () => void) => {
    let low = 0
    let high = events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((events[middle]?.at ?? 0) > time) low = middle + 1
      else high = middle
    }
    events.splice(low, 0, { at: time, run })
  }
  const ended = (job: Job) => {
    const left = open[job.prompt]
    if (left === undefined) return
    if (job.judges) {
      if (--left.judges === 0) {
        last = now
        begin()
      }
    } else if (--left.members === 0) {
      for (const vendor of judges) {
        lines
          .get(vendor)
          ?.judging.push({ call: judgeCall(job.prompt, vendor), prompt: job.prompt, vendor, judges: true })
        serve(vendor)
      }
    }
  }
  const due = new Map<VendorName, number>()
  const serve = (name: VendorName): void => {
    const line = lines.get(name)
    if (line === undefined) return
    for (;;) {
      const [judging, asking] = [line.judging[0], line.asking[0]]
      const isTurn = judging !== undefined && (judgesFirst || judging.prompt <= (asking?.prompt ?? prompts))
      const queue = isTurn || asking === undefined ? line.judging : line.asking
      const job = queue[0]
      if (job === undefined) return
      const vendor = vendors[name]
      const wait = vendor.isDead(now) ? 0 : vendor.wait(now, job.call)
      if (wait > 0) {
        // One wake-up is enough; those who leave wake the vendor that has no rate.
        const when = now + wait
        if (wait !== Infinity && !((due.get(name) ?? -1) >= now && (due.get(name) ?? 0) <= when)) {
          due.set(name, when)
          at(when, () => {
            due.delete(name)
            serve(name)
          })
        }
        return
      }
      queue.shift()
      const reply = vendor.arrive(now, job.call)
      at(now + reply.millis, () => {
        vendor.leave(reply)
        if (reply.status === 200 || reply.status === "dead") ended(job)
        else (job.judges ? line.judging : line.asking).unshift(job)
        serve(name)
      })
    }
  }
  let begun = 0
  const begin = () => {
    if (begun === prompts) return
    const prompt = begun++
    for (const vendor of members) {
      lines.get(vendor)?.asking.push({ call: memberCall(prompt, vendor), prompt, vendor, judges: false })
    }
    for (const name of members) serve(name)
  }
  while (begun < width) begin()
  for (let event = events.pop(); event !== undefined; event = events.pop()) {
    now = event.at
    event.run()
  }
  return last
}
