/** Pools to select from: synthetic spaces, and real prompts from `CONSORTIUM_SHARED` or `../shared` beside the checkout. */
import { existsSync, readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import { draws, Seed, shuffle } from "@consortium/core/Seed"
import { vectors } from "@consortium/embedders-lexical/Lexical"
import * as Result from "effect/Result"
import { lsa } from "./lsa.ts"

const dimension = 384
/** Synthetic spaces have as many centres. */
const centres = 200

/** How a coordinate of a row is made of normals: a common part, one of its centre, one of its own. */
interface Shape {
  readonly parts: readonly [common: number, centre: number, own: number]
  /** The standard deviation of coordinate j. */
  readonly scale: (j: number) => number
  /** The centre of a row, from a number in [0, 1). */
  readonly centre: (u: number) => number
  /** The share of rows that are a little changed copy of one before. */
  readonly copies: number
}

const even = (u: number) => Math.floor(u * centres)
const plain = { scale: () => 1, centre: even, copies: 0 }
const shapes = {
  /** Mean cosine of a pair about .33. */
  clustered: { ...plain, parts: [0.55, 0.6, 0.55] },
  /** About .09. */
  "weakly clustered": { ...plain, parts: [0.3, 0.5, 0.8] },
  isotropic: { ...plain, parts: [0, 0, 1] },
  /** All in a narrow cone, cosines about .75, as of models that were not trained to spread. */
  cone: { ...plain, parts: [1.73, 0.5, 0.87], scale: (j: number) => (j + 1) ** -0.25 },
  /** Few strong directions, centres of very different sizes, and a third of the rows copies: as of templated prompts. */
  skewed: {
    parts: [0.5, 0.7, 0.5],
    scale: (j) => (j + 1) ** -0.5,
    centre: (u) => Math.floor(centres ** u) - 1,
    copies: 1 / 3
  }
} satisfies Record<string, Shape>

const matrixOf = (model: string, data: Float32Array): EmbeddingMatrix =>
  Result.getOrThrow(
    EmbeddingMatrix.make(
      { model, dimension },
      Array.from({ length: data.length / dimension }, (_, i) => PromptId.make(`p${i}`)),
      data
    )
  )

const synthetic = (name: keyof typeof shapes, rows: number): EmbeddingMatrix => {
  const { parts, scale, centre, copies }: Shape = shapes[name]
  const draw = draws(Seed.make(11), name)
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
  const scales = Float64Array.from({ length: dimension }, (_, j) => scale(j))
  const vector = () => scales.map((s) => s * normal())
  const middles = Array.from({ length: centres }, vector)
  const common = vector()
  const data = new Float32Array(rows * dimension)
  for (let row = 0; row < rows; row++) {
    if (row > 0 && draw() < copies) {
      const of = Math.floor(draw() * row) * dimension
      for (let j = 0; j < dimension; j++)
        data[row * dimension + j] = (data[of + j] as number) + 0.15 * (scales[j] as number) * normal()
      continue
    }
    const middle = middles[centre(draw())] as Float64Array
    for (let j = 0; j < dimension; j++) {
      const own = (scales[j] as number) * normal()
      data[row * dimension + j] = parts[0] * (common[j] as number) + parts[1] * (middle[j] as number) + parts[2] * own
    }
  }
  return matrixOf(name, data)
}

const prompts = (rows: number): ReadonlyArray<string> | undefined => {
  const shared = process.env.CONSORTIUM_SHARED ?? new URL("../../../shared", import.meta.url).pathname
  const file = `${shared}/data/prompts/mixed_30k.jsonl.gz`
  if (!existsSync(file)) return undefined
  const all = gunzipSync(readFileSync(file)).toString().trim().split("\n")
  const texts = all.map((line) => String(JSON.parse(line).prompt))
  return isNonEmpty(texts) ? shuffle(texts, Seed.make(11), "prompts").slice(0, rows) : undefined
}

const lexical = (texts: ReadonlyArray<string>): EmbeddingMatrix => {
  const data = new Float32Array(texts.length * dimension)
  for (let at = 0; at < texts.length; at += 256) {
    const some = texts.slice(at, at + 256)
    if (isNonEmpty(some)) data.set(vectors(some).data, at * dimension)
  }
  return matrixOf("real, lexical", data)
}

/** Without the texts that have no word in common with two others. */
const latent = (texts: ReadonlyArray<string>): EmbeddingMatrix => {
  const all = Float32Array.from(lsa(texts, dimension))
  const rows = texts.map((_, row) => all.subarray(row * dimension, (row + 1) * dimension))
  const kept = rows.filter((row) => row.some((x) => Math.abs(x) > 1e-9))
  const data = new Float32Array(kept.length * dimension)
  for (const [k, row] of kept.entries()) data.set(row, k * dimension)
  return matrixOf("real, LSA", data)
}

const real = { lexical, lsa: latent } as const

export const names: ReadonlyArray<string> = [...Object.keys(shapes), ...Object.keys(real)]

/** A pool by its name; nothing where the prompts are not there. */
export const space = (name: string, rows: number): EmbeddingMatrix | undefined => {
  if (name in shapes) return synthetic(name as keyof typeof shapes, rows)
  const texts = prompts(rows)
  return texts && real[name as keyof typeof real](texts)
}
