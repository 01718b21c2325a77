/**
 * What is known of a vendor's models besides their prices: how much they read and write, what of a request they take.
 * The facts are models.dev's (MIT), of one day, and come with the package; they are loaded when they are first asked for.
 */
import * as Effect from "effect/Effect"
import { parts } from "./internal/ref.js"

/** What a model reads. */
export type Input = "text" | "image" | "pdf" | "audio" | "video"

/** What nobody says is `undefined`. */
export interface ModelFacts {
  /** `vendor/model`. */
  readonly ref: string
  /** Tokens of the prompt and its answer together. */
  readonly context: number | undefined
  /** Tokens of the prompt, where they have a limit of their own. */
  readonly input: number | undefined
  /** Tokens of the answer, thoughts among them. */
  readonly output: number | undefined
  /** Whether it thinks before it answers. */
  readonly reasoning: boolean | undefined
  readonly tools: boolean | undefined
  /** Whether answers can be held to a JSON Schema. */
  readonly structured: boolean | undefined
  /** Whether a request may set the temperature; where not, most such models refuse it. */
  readonly temperature: boolean | undefined
  readonly inputs: ReadonlyArray<Input>
}

type Rows = typeof import("./internal/modelRows.js")

const source: Effect.Effect<Rows> = Effect.runSync(
  Effect.cached(Effect.promise(() => import("./internal/modelRows.js")))
)

const inputs: Readonly<Record<string, Input>> = { t: "text", i: "image", p: "pdf", a: "audio", v: "video" }

const number = (said: string | undefined): number | undefined =>
  said === undefined || said === "" ? undefined : Number(said)

const flag = (flags: string, yes: string): boolean | undefined =>
  flags.includes(yes) ? true : flags.includes(yes.toLowerCase()) ? false : undefined

const read = (vendor: string, row: string): ModelFacts => {
  const [id = "", context, input, output, flags = "", letters = ""] = row.split("|")
  return {
    ref: `${vendor}/${id}`,
    context: number(context),
    input: number(input),
    output: number(output),
    reasoning: flag(flags, "R"),
    tools: flag(flags, "T"),
    structured: flag(flags, "S"),
    temperature: flag(flags, "C"),
    inputs: [...letters].flatMap((letter) => inputs[letter] ?? [])
  }
}

type Found = ReadonlyMap<string, ModelFacts>

const found = new Map<string, Found>()

const modelsOf = ({ rows }: Rows, vendor: string): Found => {
  const known = found.get(vendor)
  if (known !== undefined) return known
  const said = Object.hasOwn(rows, vendor) ? (rows[vendor] ?? "") : ""
  const models = said === "" ? [] : said.split(" ").map((row) => read(vendor, row))
  const made = new Map(models.map((facts) => [facts.ref, facts]))
  found.set(vendor, made)
  return made
}

/** The day of the facts, `2026-07-02`. */
export const date: Effect.Effect<string> = Effect.map(source, (from) => from.date)

/** The facts of a model by `vendor[.wire]/model`; nothing where the source has no such model of that vendor. */
export const of = (ref: string): Effect.Effect<ModelFacts | undefined> =>
  Effect.map(source, (from) => {
    const [vendor, model] = parts(ref)
    return modelsOf(from, vendor).get(`${vendor}/${model}`)
  })

/** All models of a vendor that the source has, by name. */
export const ofVendor = (vendor: string): Effect.Effect<ReadonlyArray<ModelFacts>> =>
  Effect.map(source, (from) => [...modelsOf(from, vendor).values()])
