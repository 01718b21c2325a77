/** Where two bodies for embeddings say the same, or where ours says on purpose something else: the published list. */
import { isDeepStrictEqual } from "node:util"
import { type Fields, fields, isFields, list } from "../json.js"

export interface Rule {
  /** What is taken for equal, or is not compared. */
  readonly what: string
  readonly reason: string
  readonly apply: (body: Fields) => Fields
}

const without = (from: Fields, ...names: ReadonlyArray<string>): Fields =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)))

const withoutNulls = (from: Fields): Fields =>
  Object.fromEntries(Object.entries(from).filter(([, value]) => value !== null))

const each =
  (field: string, change: (one: Fields) => Fields) =>
  (body: Fields): Fields =>
    Array.isArray(body[field]) ? { ...body, [field]: list(body[field]).map((one) => change(fields(one))) } : body

export const rules: ReadonlyArray<Rule> = [
  {
    what: "a field that is null = no such field",
    reason: "typed clients send their empty fields",
    apply: (body) => each("instances", withoutNulls)(each("requests", withoutNulls)(withoutNulls(body)))
  },
  {
    what: "a text alone = a list of it",
    reason: "the wires take both",
    apply: (body) => {
      const name = ["input", "inputs", "texts"].find((it) => typeof body[it] === "string")
      return name === undefined ? body : { ...body, [name]: [body[name]] }
    }
  },
  {
    what: "`encoding_format`, `embedding_types` of floats",
    reason: "how rows travel is the client's decision by vendor; what they hold is compared",
    apply: (body) => {
      const types = list(body.embedding_types)
      const isFloat = types.length === 1 && types[0] === "float"
      return without(body, "encoding_format", ...(isFloat ? ["embedding_types"] : []))
    }
  },
  {
    what: "`truncate`, `truncation`, `autoTruncate`",
    reason: "our clients never have a text cut without a word; `embedAll` decides",
    apply: (body) => {
      const bare = without(body, "truncate", "truncation")
      const name = ["parameters", "embedContentConfig"].find((it) => isFields(bare[it]))
      if (name === undefined) return bare
      const settings = without(fields(bare[name]), "autoTruncate")
      return Object.keys(settings).length > 0 ? { ...bare, [name]: settings } : without(bare, name)
    }
  },
  {
    what: "`truncationMode`; `schemaVersion` of Nova",
    reason: "as above; there is one version, which is the default",
    apply: (body) => {
      const bare = without(body, "schemaVersion")
      const params = fields(bare.singleEmbeddingParams)
      return isFields(params.text)
        ? { ...bare, singleEmbeddingParams: { ...params, text: without(params.text, "truncationMode") } }
        : bare
    }
  },
  {
    what: "`role` of a content",
    reason: "the vendor reads no role there",
    apply: each("requests", (one) => (isFields(one.content) ? { ...one, content: without(one.content, "role") } : one))
  },
  {
    what: "`normalize: true` = no such field",
    reason: "the default of the vendors that have it",
    apply: (body) => (body.normalize === true ? without(body, "normalize") : body)
  },
  {
    what: "`output_dimensionality` = `outputDimensionality`",
    reason: "JSON of protocol buffers is read in both",
    apply: each("requests", (one) =>
      "output_dimensionality" in one
        ? { ...without(one, "output_dimensionality"), outputDimensionality: one.output_dimensionality }
        : one
    )
  }
]

/** A body as it is compared, and the rules that made it so. */
export const canonical = (body: unknown): { readonly body: Fields; readonly used: ReadonlyArray<string> } => {
  let now = fields(body)
  const used: Array<string> = []
  for (const { apply, what } of rules) {
    const next = apply(now)
    if (!isDeepStrictEqual(now, next)) used.push(what)
    now = next
  }
  return { body: now, used }
}
