/** `consortium verify` and `consortium show`: looks into the folder of a run, and changes nothing there. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import { layerOf, show, type Shown, type Verified, verify } from "@consortium/pipeline/Inspect"
import { exitCodes } from "./internal/endings.js"
import { environment } from "./internal/environment.js"
import { ended } from "./internal/failures.js"
import { money } from "./internal/money.js"
import { storeOf } from "./Resolve.js"

export interface InspectFlags {
  readonly out: string
  readonly json: boolean
  /** A database that holds the run. */
  readonly store?: string
}

export const storeLayer = ({ out, store }: InspectFlags) =>
  (store === undefined ? undefined : storeOf(store, out).store) ?? layerOf(out)

const count = (value: number): string => value.toLocaleString("en-US")

const verified = ({ ledger, problems, spending }: Verified): string => {
  const usd = spending.reduce((sum, one) => sum + one.usd, 0)
  const unpriced = spending.reduce((sum, one) => sum + one.unpriced, 0)
  const calls = spending.reduce((sum, one) => sum + one.attempts, 0)
  const {
    dropped = 0,
    duplicate,
    examples,
    failed,
    invalid,
    notSelected,
    pending,
    rejected,
    rows,
    selected,
    unfinished
  } = ledger
  return [
    `rows      ${count(rows)} = ${selected} selected + ${notSelected} not selected + ${duplicate} duplicate + ${invalid} invalid${dropped > 0 ? ` + ${dropped} dropped` : ""} + ${failed} failed + ${pending} pending`,
    `selected  ${count(selected)} = ${examples} examples + ${rejected} rejected + ${unfinished} unfinished`,
    `calls     ${count(calls)} over all starts, ${money(usd)}${unpriced > 0 ? ` and ${count(unpriced)} of unknown price` : ""}`,
    ...(problems.length === 0 ? ["whole: every row is accounted for, rows and files say the same"] : problems),
    ""
  ].join("\n")
}

/** A line for each seat, as the run's settings have it. */
const asked = (settings: Shown["settings"]): ReadonlyArray<string> => {
  if (!Predicate.isObject(settings)) return []
  const seats = ["members", "judges"].flatMap((name) => {
    const list = Predicate.hasProperty(settings, name) ? settings[name] : []
    return Array.isArray(list) ? list.map((seat) => `  ${JSON.stringify(seat)}`) : []
  })
  return seats.length === 0 ? [] : ["", "asked with", ...seats]
}

const described = ({ cosine, detail, id, number, prompt, rank, receipts, row, settings, state }: Shown): string => {
  const place = rank === null ? "" : `, rank ${rank}${cosine === null ? "" : `, cosine ${cosine.toFixed(4)}`}`
  const candidates = (row?.candidates ?? []).map(
    ({ failure, id: candidate, text }) => `${candidate}\n${text ?? `failed: ${failure?.tag}`}`
  )
  const orders = (row?.judges ?? []).map(({ absent, judge, order, pass, reasons }) =>
    [
      `  ${judge}, pass ${pass}: ${order?.map((tier) => tier.join(" = ")).join(" > ") ?? `absent (${absent?.tag})`}`,
      ...Object.entries(reasons ?? {}).map(([candidate, why]) => `    ${candidate}: ${why}`)
    ].join("\n")
  )
  const ranking =
    row !== null && "ranking" in row
      ? row.ranking.map(
          ({ candidates: ids, pBest, score }, at) =>
            `  ${at + 1}. ${ids.join(" = ")}  score ${score.toFixed(3)}, P(best) ${pBest.toFixed(3)}`
        )
      : []
  const why = row !== null && "why" in row ? [`rejected: ${row.why}`] : []
  const calls = Array.isArray(receipts) ? receipts.map((receipt) => `  ${JSON.stringify(receipt)}`) : []
  return [
    `${id}: row ${number}, ${state}${place}${detail === null ? "" : ` (${detail})`}`,
    "",
    prompt,
    ...(ranking.length > 0 ? ["", "ranking", ...ranking] : []),
    ...why,
    ...(orders.length > 0 ? ["", "orders", ...orders] : []),
    ...candidates.flatMap((candidate) => ["", candidate]),
    ...(calls.length > 0 ? ["", "calls", ...calls] : []),
    ...(row === null ? [] : asked(settings)),
    ...(row === null ? [] : ["", `seed ${row.seed}, version ${row.version}${row.simulated ? ", simulated" : ""}`]),
    ""
  ].join("\n")
}

export const printed = async <A, E extends { readonly _tag: string; readonly message: string }>(
  program: Effect.Effect<A, E>,
  flags: InspectFlags,
  text: (value: A) => string,
  code: (value: A) => number
): Promise<number> => {
  const exit = await Effect.runPromiseExit(program)
  if (Exit.isFailure(exit)) return ended(exit.cause, flags.json)
  process.stdout.write(flags.json ? `${JSON.stringify(exit.value)}\n` : text(exit.value))
  return code(exit.value)
}

/** Whether every row of the run is accounted for; exit code 1 where something is wrong. */
export const executeVerify = (flags: InspectFlags): Promise<number> =>
  printed(
    verify(flags.out).pipe(Effect.provide(storeLayer(flags)), Effect.provide(environment)),
    flags,
    verified,
    ({ problems }) => (problems.length === 0 ? exitCodes.done : exitCodes.failed)
  )

/** All that is known of one prompt. */
export const executeShow = (id: string, flags: InspectFlags): Promise<number> =>
  printed(
    show(id).pipe(Effect.provide(storeLayer(flags)), Effect.provide(environment)),
    flags,
    described,
    () => exitCodes.done
  )
