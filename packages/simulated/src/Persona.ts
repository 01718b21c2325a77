/** Who a simulated member is: how good, how fast, how reliable, how dear, and how it judges. All of it is made up. */
import * as Seed from "@consortium/core/Seed"

/** How an answer looks; what it says comes from `quality`. */
export type Style = "headings" | "bullets" | "prose" | "terse" | "rambling" | "numbered"

/** Log-normal waiting; `firstTokenShare` of it passes before the first word of a stream. */
export interface Latency {
  readonly medianMillis: number
  /** Standard deviation of the logarithm; 0 is always the median. */
  readonly sigma: number
  /** 0 to 1. */
  readonly firstTokenShare: number
}

/** What the server enforces for one member; absent is unlimited. */
export interface Limits {
  readonly requestsPerMinute?: number
  readonly tokensPerMinute?: number
  /** Requests at a time. */
  readonly inFlight?: number
}

/** The ways in which an attempt goes wrong. */
export type FailureKind = "rate429" | "rate5xx" | "reset" | "hang" | "truncate" | "malformed"

/** The share of attempts that go wrong in each way; `always` makes all of them. */
export interface Failures extends Partial<Readonly<Record<FailureKind, number>>> {
  readonly always?: FailureKind
}

/** US dollars for a million tokens. */
export interface Price {
  readonly inputPerMillion: number
  readonly outputPerMillion: number
}

/** How it judges. Its estimate of a candidate is on the scale of `Quality.qualityOf`, 0 to 1. */
export interface Judging {
  /** How much of the text's real quality it sees, 0 to 1; the rest is taste. */
  readonly reads: number
  /** Standard deviation that is added to every estimate. */
  readonly noise: number
  /** Added to the first that is shown, and taken from the last; negative favours the last. */
  readonly positionBias: number
  /** Added to the longest that is shown, and taken from the shortest. */
  readonly lengthBias: number
  /** Added to a text that is written in its own style. */
  readonly selfPreference: number
  /** Added to a text that tells its judge what to do. */
  readonly gullible: number
  /** The share of its verdicts that are no verdict at all. */
  readonly rubbishRate: number
  /** Words and a code fence around its JSON when no schema is asked for. */
  readonly chatty: boolean
}

/** A simulated member. */
export interface Persona {
  /** The model's name, without `simulated/`. */
  readonly name: string
  /** 0 to 1: the share of what there is to say that it says, and how seldom it says something wrong. */
  readonly quality: number
  readonly style: Style
  readonly latency: Latency
  readonly limits: Limits
  readonly failure: Failures
  readonly price: Price
  readonly judging: Judging
}

const defaults = {
  quality: 0.6,
  style: "prose",
  latency: { medianMillis: 600, sigma: 0.35, firstTokenShare: 0.3 },
  limits: {},
  failure: {},
  price: { inputPerMillion: 0.5, outputPerMillion: 1.5 },
  judging: {
    reads: 0.8,
    noise: 0.06,
    positionBias: 0.02,
    lengthBias: 0.02,
    selfPreference: 0.02,
    gullible: 0,
    rubbishRate: 0,
    chatty: false
  }
} satisfies Omit<Persona, "name">

/** A persona by what is special about it. */
export interface Options {
  readonly name: string
  /** @default 0.6 */
  readonly quality?: number
  /** @default "prose" */
  readonly style?: Style
  /** @default { medianMillis: 600, sigma: 0.35, firstTokenShare: 0.3 } */
  readonly latency?: Partial<Latency>
  /** @default no limits */
  readonly limits?: Limits
  /** @default never fails */
  readonly failure?: Failures
  /** @default { inputPerMillion: 0.5, outputPerMillion: 1.5 } */
  readonly price?: Price
  /** @default a fair judge: { reads: 0.8, noise: 0.06, ... } */
  readonly judging?: Partial<Judging>
}

/** A persona; what is not said is ordinary. */
export const make = (options: Options): Persona => ({
  ...defaults,
  ...options,
  latency: { ...defaults.latency, ...options.latency },
  judging: { ...defaults.judging, ...options.judging }
})

const cast: ReadonlyArray<Options> = [
  {
    name: "scholar",
    quality: 0.92,
    style: "headings",
    latency: { medianMillis: 1800 },
    price: { inputPerMillion: 5, outputPerMillion: 20 },
    judging: { reads: 0.97, noise: 0.03, positionBias: 0, lengthBias: 0.01 }
  },
  {
    name: "careful",
    quality: 0.82,
    style: "bullets",
    latency: { medianMillis: 1200 },
    price: { inputPerMillion: 2, outputPerMillion: 8 },
    judging: { reads: 0.92, noise: 0.04, positionBias: 0.01 }
  },
  { name: "plain", quality: 0.68, style: "prose", latency: { medianMillis: 700 } },
  {
    name: "brisk",
    quality: 0.55,
    style: "terse",
    latency: { medianMillis: 250 },
    price: { inputPerMillion: 0.1, outputPerMillion: 0.4 },
    judging: { reads: 0.7, noise: 0.08, positionBias: 0.04, lengthBias: -0.03 }
  },
  {
    name: "rambler",
    quality: 0.45,
    style: "rambling",
    latency: { medianMillis: 1500 },
    judging: { reads: 0.6, noise: 0.1, lengthBias: 0.2, chatty: true }
  },
  {
    name: "sloppy",
    quality: 0.25,
    style: "numbered",
    latency: { medianMillis: 400 },
    price: { inputPerMillion: 0.05, outputPerMillion: 0.1 },
    judging: { reads: 0.4, noise: 0.15, positionBias: 0.15, chatty: true }
  },
  { name: "vain", quality: 0.5, style: "bullets", judging: { reads: 0.7, selfPreference: 0.5 } },
  {
    name: "flaky",
    quality: 0.7,
    style: "prose",
    failure: { rate429: 0.06, rate5xx: 0.06, reset: 0.03, truncate: 0.03, malformed: 0.02 }
  },
  {
    name: "throttled",
    quality: 0.65,
    style: "bullets",
    limits: { requestsPerMinute: 60, tokensPerMinute: 60_000, inFlight: 4 }
  },
  { name: "silent", failure: { always: "hang" } },
  { name: "dead", failure: { always: "rate5xx" } },
  { name: "rubbish-judge", quality: 0.4, style: "rambling", judging: { rubbishRate: 1 } }
]

/** The personas with a telling name. */
export const named: ReadonlyArray<Persona> = cast.map(make)

const byName = new Map(named.map((persona) => [persona.name, persona]))
const styles: ReadonlyArray<Style> = ["headings", "bullets", "prose", "terse", "rambling", "numbered"]
const letters = Seed.Seed.make(0)

/** The persona of a name: one of `named`, or else drawn from the name's letters, always the same and never failing. */
export const of = (name: string): Persona => {
  const known = byName.get(name)
  if (known !== undefined) return known
  const draw = Seed.draws(letters, "persona", name)
  const between = (low: number, high: number) => low + draw() * (high - low)
  const quality = between(0.3, 0.9)
  return make({
    name,
    quality,
    style: styles[Math.floor(draw() * styles.length)] ?? "prose",
    latency: { medianMillis: Math.round(between(300, 1600)), sigma: between(0.2, 0.5) },
    price: { inputPerMillion: quality * 2, outputPerMillion: quality * 8 },
    judging: {
      reads: between(0.55, 0.95),
      noise: between(0.03, 0.1),
      positionBias: between(-0.04, 0.08),
      lengthBias: between(-0.04, 0.08),
      selfPreference: between(0, 0.08),
      chatty: draw() < 0.25
    }
  })
}
