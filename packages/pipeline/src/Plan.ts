/**
 * What a run will ask and what that will cost, known before the first paid call: counted where the store knows, taken
 * from the run's own calls where there are some, else assumed, which it says.
 */
import type { CallFailure, Halted } from "@consortium/core/Call"
import { estimateTokens } from "@consortium/core/Embedder"
import { embeddedText, type Prompt, textOf } from "@consortium/core/Prompt"
import { stated } from "@consortium/core/PriceBook"
import * as TokenCount from "@consortium/pricing/TokenCount"
import type { Spending } from "@consortium/store/Calls"
import type { Pick } from "@consortium/store/Rows"
import type { RunStore } from "@consortium/store/RunStore"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as KeyLimits from "./KeyLimits.js"
import { ofJudge, ofMember } from "./internal/modelWarnings.js"
import { judgeIn, type RunConfig } from "./RunConfig.js"

export interface Range {
  readonly low: number
  readonly expected: number
  readonly high: number
}

/** What one seat, or the embedder, will be asked. */
export interface Line {
  readonly purpose: "embed" | "sample" | "judge"
  readonly id: string
  readonly ref: string
  readonly calls: Range
  readonly inputTokens: Range
  readonly outputTokens: Range
  /** US dollars; null where no price is known. */
  readonly usd: Range | null
  /** Milliseconds of all calls, one after the other; null where none was made yet. */
  readonly millis: number | null
  readonly basis: "measured" | "assumed"
}

export interface Plan {
  readonly rows: number
  /** Rows that are left after duplicates and invalid ones. */
  readonly prompts: number
  /** How many prompts will have been selected. */
  readonly selected: Range
  /** Selected prompts that have their outcome. */
  readonly done: number
  readonly lines: ReadonlyArray<Line>
  readonly calls: Range
  /** Input and output together. */
  readonly tokens: Range
  /** Null where any price is unknown. */
  readonly usd: Range | null
  /**
   * Milliseconds with `inFlight` calls at a time, and not faster than the limits of keys allow; by those alone where
   * latencies are unknown; null without either.
   */
  readonly millis: Range | null
  readonly inFlight: number
  /** What the numbers above don't know. */
  readonly unknown: ReadonlyArray<string>
  /** What is known of the models that speaks against these settings or prompts. */
  readonly warnings: ReadonlyArray<string>
}

/** Somebody was shown the plan and did not agree. */
export class Declined extends Schema.TaggedError<Declined>()("Declined", {}) {
  readonly isRetryable = false
  override get message(): string {
    return "no model was called; --yes answers for you"
  }
}

/** Tokens of an answer and of a verdict that nobody has measured. */
const assumed = {
  answer: { low: 100, expected: 400, high: 2000 },
  verdict: { low: 40, expected: 120, high: 600 },
  /** What a judge is told besides the task and the candidates. */
  instructions: 500,
  /** Around each message and each candidate. */
  frame: 8,
  inFlight: 16,
  /** Prompts whose tokens are counted; the others are taken to be like them. */
  counted: 500
} as const

const zero: Range = { low: 0, expected: 0, high: 0 }
const exactly = (n: number): Range => ({ low: n, expected: n, high: n })
const times = (a: Range, b: Range): Range => ({
  low: a.low * b.low,
  expected: a.expected * b.expected,
  high: a.high * b.high
})
const plus = (a: Range, b: Range): Range => ({
  low: a.low + b.low,
  expected: a.expected + b.expected,
  high: a.high + b.high
})
const sumOf = (ranges: ReadonlyArray<Range>): Range => ranges.reduce(plus, zero)
const rounded = ({ expected, high, low }: Range): Range => ({
  low: Math.floor(low),
  expected: Math.round(expected),
  high: Math.ceil(high)
})
const capped = (range: Range, most: number | undefined): Range =>
  most === undefined
    ? range
    : { low: Math.min(range.low, most), expected: Math.min(range.expected, most), high: Math.min(range.high, most) }

/** A mean of so many, as wide as a sample of lengths that vary as much as they are long. */
const around = (mean: number, count: number): Range => {
  const off = Math.min(0.5, 1 / Math.sqrt(count))
  return { low: mean * (1 - off), expected: mean, high: mean * (1 + off) }
}

/** What is known of one model in one role. */
interface Known {
  readonly ref: string
  readonly inputTokens: Range
  readonly outputTokens: Range
  readonly measured: Spending | undefined
}

const lineOf = (
  prices: NonNullable<RunConfig["prices"]>,
  purpose: Line["purpose"],
  id: string,
  known: Known,
  calls: Range
): Line => {
  const { inputTokens, measured, outputTokens, ref } = known
  const price = (at: keyof Range) => {
    const withOutput = purpose === "embed" ? {} : { outputTokens: outputTokens[at] }
    return prices.usd(ref, { inputTokens: inputTokens[at], ...withOutput })
  }
  const each = { low: price("low"), expected: price("expected"), high: price("high") }
  const paid =
    measured !== undefined && measured.unpriced === 0 && measured.answered > 0
      ? around(measured.usd / measured.answered, measured.answered)
      : undefined
  const { expected, high, low } = each
  const byTokens =
    low === undefined || expected === undefined || high === undefined ? undefined : { low, expected, high }
  const usd = paid ?? byTokens
  return {
    purpose,
    id,
    ref,
    calls: rounded(calls),
    inputTokens: rounded(times(calls, inputTokens)),
    outputTokens: rounded(times(calls, outputTokens)),
    usd: usd === undefined ? null : times(calls, usd),
    millis: measured === undefined ? null : (calls.expected * measured.millis) / Math.max(1, measured.answered),
    basis: measured === undefined ? "assumed" : "measured"
  }
}

/** Prompts at even distances, so that the first, which are the most unlike the others, do not stand for all. */
export const spread = <A>(all: ReadonlyArray<A>, most: number): ReadonlyArray<A> =>
  all.length <= most
    ? all
    : Array.from({ length: most }, (_, index) => all[Math.floor(((index + 0.5) * all.length) / most)]).filter(
        (one) => one !== undefined
      )

const textsOf = (prompt: Prompt): string => prompt.messages.map(textOf).join("\n")

const meanTokens = Effect.fnUntraced(function* (ref: string, texts: ReadonlyArray<string>) {
  let sum = 0
  for (const text of texts) sum += (yield* TokenCount.count(ref, text)).tokens + assumed.frame
  return texts.length === 0 ? 0 : sum / texts.length
})

/** Tokens of the longest, by its characters. */
const longestTokens = (ref: string, texts: ReadonlyArray<string>): Effect.Effect<number> => {
  const longest = texts.reduce((best, text) => (text.length > best.length ? text : best), "")
  return Effect.map(TokenCount.count(ref, longest), ({ tokens }) => tokens)
}

/** Verdicts of one judge in one pass; more than six candidates meet in groups of five and a final. */
const verdicts = (candidates: number): number => (candidates <= 6 ? 1 : Math.ceil(candidates / 5) + 1)

const atLeast = (a: Range, b: Range): Range => ({
  low: Math.max(a.low, b.low),
  expected: Math.max(a.expected, b.expected),
  high: Math.max(a.high, b.high)
})

/** The time that the slowest key takes, or nothing where there are no limits on these models. */
const limited = (limits: KeyLimits.KeyLimits, lines: ReadonlyArray<Line>): Range | undefined => {
  const times = Object.entries(limits).flatMap(([name, limit]) => {
    const own = lines.filter(({ ref }) => KeyLimits.keyOf(limits, ref) === name)
    const calls = sumOf(own.map((line) => line.calls))
    const tokens = sumOf(own.map((line) => plus(line.inputTokens, line.outputTokens)))
    const at = (end: keyof Range) => KeyLimits.leastMillis(limit, calls[end], tokens[end])
    return own.length === 0 ? [] : [{ low: at("low"), expected: at("expected"), high: at("high") }]
  })
  return times.length === 0 ? undefined : times.reduce(atLeast)
}

interface Options<E extends CallFailure> {
  readonly store: RunStore["Service"]
  readonly config: RunConfig<E>
  /** The collection, where it is chosen already. */
  readonly picks: ReadonlyArray<Pick> | undefined
}

/** Prompts that stand for those on the road. */
const sampleOf = Effect.fnUntraced(function* (
  store: RunStore["Service"],
  picks: ReadonlyArray<Pick> | undefined
): Effect.fn.Return<ReadonlyArray<Prompt>, Halted> {
  if (picks !== undefined)
    return yield* Effect.forEach(spread(picks, assumed.counted), ({ id }) => store.rows.prompt(id))
  return (yield* store.rows.pending(0, assumed.counted)).map(({ prompt }) => prompt)
})

/** As many as a row has in the mean, each as long as they are in the mean. */
const givenAnswers = Effect.fnUntraced(function* (
  given: NonNullable<RunConfig["given"]>,
  sample: ReadonlyArray<Prompt>
) {
  const texts = sample.map(given)
  const each = yield* meanTokens("", texts.flat())
  const count = Math.round(texts.flat().length / Math.max(1, texts.length))
  return Array.from({ length: count }, () => exactly(each))
})

/** How many will be selected, as far as the stop rule says. */
const selectedOf = (stop: RunConfig["stop"], picks: ReadonlyArray<Pick> | undefined, prompts: number): Range => {
  if (picks !== undefined) return exactly(picks.length)
  const most = Math.min(prompts, stop.targetSize ?? prompts)
  return stop.tripwire === undefined ? exactly(most) : { low: Math.min(1, most), expected: most, high: most }
}

/** What is left to ask. */
export const make = Effect.fnUntraced(function* <E extends CallFailure>(options: Options<E>) {
  const { config, picks, store } = options
  const ledger = yield* store.rows.ledger
  const spending = yield* store.spending
  const prices = config.prices ?? stated
  const measuredOf = (ref: string, purpose: string) =>
    spending.find((one) => one.ref === ref && one.purpose === purpose && one.answered > 0)
  const prompts = ledger.rows - ledger.duplicate - ledger.invalid - (ledger.dropped ?? 0) - ledger.failed
  const selected = selectedOf(config.stop, picks, prompts)
  const again = config.retryFailed === true ? yield* store.outcomes.failed : yield* store.outcomes.open
  const done = ledger.examples + ledger.rejected - again
  const left = { low: Math.max(0, selected.low - done), expected: selected.expected - done, high: selected.high - done }
  const sample = yield* sampleOf(store, picks)

  const known = Effect.fnUntraced(function* (
    ref: string,
    purpose: string,
    input: Effect.Effect<number>,
    output: Range
  ): Effect.fn.Return<Known> {
    const measured = measuredOf(ref, purpose)
    const inputMean = measured === undefined ? 0 : measured.inputTokens / measured.answered
    const outputMean = measured === undefined ? 0 : measured.outputTokens / measured.answered
    const estimated = inputMean > 0 ? 0 : yield* input
    return {
      ref,
      measured,
      inputTokens:
        measured !== undefined && inputMean > 0
          ? around(inputMean, measured.answered)
          : { low: estimated * 0.8, expected: estimated, high: estimated * 1.25 },
      outputTokens: measured !== undefined && outputMean > 0 ? around(outputMean, measured.answered) : output
    }
  })

  const lines: Array<Line> = []
  if (config.embedder.local !== true && picks === undefined) {
    const { maxBatch, maxTokens = Number.POSITIVE_INFINITY, ref } = config.embedder
    const texts = sample.map(embeddedText)
    // Batches are cut by the estimate that embedAll makes, which is higher than what will be counted.
    const cautious = texts.reduce((sum, text) => sum + estimateTokens(text), 0) / Math.max(1, texts.length)
    const calls = Math.max(Math.ceil(prompts / maxBatch), Math.ceil((prompts * cautious) / maxTokens))
    const each = Effect.map(meanTokens(ref, texts), (mean) => (mean * prompts) / Math.max(1, calls))
    lines.push(lineOf(prices, "embed", ref, yield* known(ref, "embed", each, zero), exactly(calls)))
  }

  const warnings: Array<string> = []
  const answers: Array<Range> = config.given === undefined ? [] : [...(yield* givenAnswers(config.given, sample))]
  for (const member of config.given === undefined ? config.members : []) {
    const { id, model, samples, sampling, system } = member
    const texts = sample.map((prompt) => (system === undefined ? "" : `${system}\n`) + textsOf(prompt))
    const output = capped(assumed.answer, sampling?.maxTokens)
    const one = yield* known(model.ref, "sample", meanTokens(model.ref, texts), output)
    for (let at = 0; at < samples; at++) answers.push(one.outputTokens)
    lines.push(lineOf(prices, "sample", id, one, times(left, exactly(samples))))
    warnings.push(...(yield* ofMember(member, sample, yield* longestTokens(model.ref, texts))))
  }

  const candidates = answers.length
  const said = sumOf(answers)
  for (const [index, seat] of config.judges.entries()) {
    if (!("model" in seat) || candidates < 2) continue
    const { ref } = seat.model
    const task = Effect.map(
      meanTokens(ref, sample.map(textsOf)),
      (mean) => mean + assumed.instructions + said.expected + candidates * assumed.frame
    )
    const one = yield* known(ref, "judge", task, assumed.verdict)
    const seats = config.judges.filter((other) => "model" in other && other.model.ref === ref).length
    const each = verdicts(candidates)
    const calls =
      one.measured !== undefined && done > 0
        ? exactly(one.measured.answered / seats / done)
        : { low: each, expected: 1.5 * each, high: 2 * each + (index === 0 ? 2 : 0) }
    lines.push(lineOf(prices, "judge", judgeIn(seat).id, one, times(left, calls)))
    const shown = (yield* longestTokens(ref, sample.map(textsOf))) + assumed.instructions + said.expected
    warnings.push(...(yield* ofJudge(ref, Math.round(shown))))
  }

  const unpriced = [...new Set(lines.filter(({ usd }) => usd === null).map(({ ref }) => ref))]
  const unmeasured = lines.filter(({ basis, purpose }) => basis === "assumed" && purpose !== "embed")
  const inFlight = config.concurrency ?? assumed.inFlight
  const usd = unpriced.length > 0 ? null : sumOf(lines.flatMap((line) => (line.usd === null ? [] : [line.usd])))
  const busy = lines.map(({ millis }) => millis)
  const spent = busy.reduce<number>((sum, millis) => sum + (millis ?? 0), 0) / inFlight
  const isTimed = busy.length > 0 && busy.every((millis) => millis !== null)
  const least = limited(config.limits ?? {}, lines)
  const byLatency = { low: spent * 0.8, expected: spent, high: spent * 1.5 }
  const plan: Plan = {
    rows: ledger.rows,
    prompts,
    selected,
    done,
    lines,
    calls: rounded(sumOf(lines.map(({ calls }) => calls))),
    tokens: rounded(sumOf(lines.map(({ inputTokens, outputTokens }) => plus(inputTokens, outputTokens)))),
    usd,
    millis: isTimed ? rounded(atLeast(byLatency, least ?? zero)) : least === undefined ? null : rounded(least),
    inFlight,
    unknown: [
      ...unpriced.map((ref) => `the price of ${ref}`),
      ...(selected.low < selected.high ? ["how many prompts the tripwire lets in"] : []),
      ...(unmeasured.length > 0 ? ["how long answers are, and how long they take: assumed until some were given"] : []),
      ...(config.embeddingCache !== undefined && lines.some(({ purpose }) => purpose === "embed")
        ? ["how much of the embedding the cache answers"]
        : []),
      ...(config.judges.some((seat) => !("model" in seat)) ? ["what own judges cost"] : [])
    ],
    warnings: [...new Set(warnings)]
  }
  return plan
})
