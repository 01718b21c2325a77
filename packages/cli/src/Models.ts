/** `consortium models`: whose keys are set, which models are known, and what each of them takes and costs. */
import * as ModelFacts from "@consortium/pricing/ModelFacts"
import * as Prices from "@consortium/pricing/Prices"
import { vendors as chat } from "@consortium/providers-openai-compatible/Vendors"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { exitCodes } from "./internal/endings.js"
import { environment } from "./internal/environment.js"
import { ended } from "./internal/failures.js"
import { ownWires } from "./internal/ownWires.js"
import { simulatedVendor } from "./internal/simulatedVendor.js"
import { parse } from "./Refs.js"
import { chatVendors } from "./Registry.js"
import { UsageError } from "./Settings.js"

/** A vendor as users see it: whether it can be asked now, and how many of its models are known. */
interface VendorLine {
  readonly vendor: string
  readonly key: string
  readonly state: "set" | "not set" | "optional"
  readonly models: number
}

/** A model's facts with what a million of its tokens costs, in US dollars. */
interface ModelLine extends ModelFacts.ModelFacts {
  readonly usdIn: number | null
  readonly usdOut: number | null
}

interface Known {
  readonly apiKey: { readonly variable: string; readonly optional?: boolean }
}
const known: Readonly<Record<string, Known>> = { ...chat, ...ownWires, [simulatedVendor.id]: simulatedVendor }

const vendorLine = Effect.fnUntraced(function* (vendor: string) {
  const { apiKey } = known[vendor] ?? simulatedVendor
  const set = Option.isSome(yield* Config.option(Config.NonEmptyString(apiKey.variable)))
  const models = (yield* ModelFacts.ofVendor(vendor)).length
  const state = set ? "set" : apiKey.optional === true ? "optional" : "not set"
  return { vendor, key: apiKey.variable, state, models } satisfies VendorLine
})

const book = Prices.make()
/** Few enough that no tier of long prompts begins. */
const thousand = 1000

const modelLine = (facts: ModelFacts.ModelFacts): ModelLine => {
  const input = book.usd(facts.ref, { inputTokens: thousand, outputTokens: 0 })
  const both = book.usd(facts.ref, { inputTokens: thousand, outputTokens: thousand })
  if (input === undefined || both === undefined) return { ...facts, usdIn: null, usdOut: null }
  const perMillion = (usd: number) => Number((usd * thousand).toFixed(6))
  return { ...facts, usdIn: perMillion(input), usdOut: perMillion(both - input) }
}

type Found =
  | { readonly _tag: "Vendors"; readonly vendors: ReadonlyArray<VendorLine> }
  | { readonly _tag: "Models"; readonly date: string; readonly models: ReadonlyArray<ModelLine> }

const found = Effect.fnUntraced(function* (
  of: string | undefined
): Effect.fn.Return<Found, UsageError | Config.ConfigError> {
  if (of === undefined) return { _tag: "Vendors", vendors: yield* Effect.forEach(chatVendors, vendorLine) }
  const date = yield* ModelFacts.date
  const text = of.includes("/") ? of : `${of}/`
  const { vendor } = yield* Effect.mapError(
    Effect.fromResult(parse(of.includes("/") ? of : `${text}any`, chatVendors)),
    ({ detail }) => new UsageError({ detail: `${of}: ${detail}` })
  )
  if (!of.includes("/")) return { _tag: "Models", date, models: (yield* ModelFacts.ofVendor(vendor)).map(modelLine) }
  const facts = yield* ModelFacts.of(of)
  if (facts !== undefined) return { _tag: "Models", date, models: [modelLine(facts)] }
  return yield* new UsageError({
    detail: `${of}: nothing is known of it on ${date}; it can be asked all the same. Known models: consortium models ${vendor}`
  })
})

const count = (value: number | undefined): string => (value === undefined ? "?" : value.toLocaleString("en-US"))
const dollars = (value: number | null): string => (value === null ? "?" : value.toFixed(2))
const word = (value: boolean | undefined): string => (value === undefined ? "?" : value ? "yes" : "no")

const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((cells) => cells[at]?.length ?? 0)))
  return rows
    .map(
      (cells) =>
        `${cells
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join("  ")
          .trimEnd()}\n`
    )
    .join("")
}

const head = ["model", "window", "answer", "reads", "reasons", "tools", "schemas", "temperature", "$/M in", "out"]
const cells = (model: ModelLine): ReadonlyArray<string> => [
  model.ref,
  count(model.context),
  count(model.output),
  model.inputs.join(","),
  word(model.reasoning),
  word(model.tools),
  word(model.structured),
  word(model.temperature),
  dollars(model.usdIn),
  dollars(model.usdOut)
]

const shown = (said: Found): string => {
  if (said._tag === "Vendors")
    return table([
      ["vendor", "key", "", "models known"],
      ...said.vendors.map(({ key, models, state, vendor }) => [vendor, key, state, models === 0 ? "–" : count(models)])
    ])
  if (said.models.length === 0) return "no models of it are known; any name that the vendor has can be asked\n"
  return `${table([head, ...said.models.map(cells)])}as models.dev had them on ${said.date}; ? is not known\n`
}

const namesOf = (said: Found): ReadonlyArray<string> =>
  said._tag === "Vendors" ? said.vendors.map(({ vendor }) => `${vendor}/`) : said.models.map(({ ref }) => ref)

/** Prints what is known: for people, as one JSON line, or names for a shell. */
export const execute = async (
  of: string | undefined,
  { json, names }: { readonly json: boolean; readonly names: boolean }
): Promise<number> => {
  const exit = await Effect.runPromiseExit(Effect.provide(found(of), environment))
  if (Exit.isFailure(exit)) return ended(exit.cause, json)
  const { value } = exit
  const text = names
    ? namesOf(value)
        .map((name) => `${name}\n`)
        .join("")
    : shown(value)
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : text)
  return exitCodes.done
}
