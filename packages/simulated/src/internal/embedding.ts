/** Small vectors from the hashed words of a text: equal texts are equal, texts that share words are near. */
import * as Seed from "@consortium/core/Seed"
import { modelOf, parseFields, type Refusal } from "./chatRequest.js"
import { tokensOf } from "./chatResponse.js"

const world = Seed.Seed.make(0)
const defaults = { dimensions: 64 }

const vectorOf = (text: string, dimensions: number): Float32Array => {
  const vector = new Float32Array(dimensions)
  // The constant keeps a text without words from having no direction.
  vector[0] = 0.1
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const hash = Seed.hash(world, "embedding", word)
    const at = hash % dimensions
    vector[at] = (vector[at] ?? 0) + (hash & 0x80000000 ? 1 : -1)
  }
  let sum = 0
  for (const x of vector) sum += x * x
  const length = Math.sqrt(sum) || 1
  return vector.map((x) => x / length)
}

/** The body of an embeddings response: floats, or base64 of little-endian float32 where that is asked for. */
export const embeddings = (text: string): { readonly body: string; readonly member: string } | Refusal => {
  const body = parseFields(text)
  if (body === undefined) return { refused: "We could not parse the JSON body of your request.", param: null }
  const member = modelOf(body)
  if (member === undefined) return { refused: "you must provide a model parameter", param: "model" }
  const inputs = Array.isArray(body.input) ? body.input : [body.input]
  if (inputs.length === 0 || !inputs.every((input) => typeof input === "string" && input !== "")) {
    return { refused: "'$.input' is invalid: a string or an array of strings that are not empty.", param: "input" }
  }
  const dimensions = body.dimensions ?? defaults.dimensions
  if (typeof dimensions !== "number" || !Number.isInteger(dimensions) || dimensions < 1 || dimensions > 4096) {
    return { refused: "Invalid value for 'dimensions': an integer from 1 to 4096.", param: "dimensions" }
  }
  const data = inputs.map((input, index) => {
    const vector = vectorOf(String(input), dimensions)
    const embedding = body.encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : [...vector]
    return { object: "embedding", index, embedding }
  })
  const tokens = inputs.reduce((sum: number, input) => sum + tokensOf(String(input).length), 0)
  const usage = { prompt_tokens: tokens, total_tokens: tokens }
  return { member, body: JSON.stringify({ object: "list", data, model: `simulated/${member}`, usage }) }
}
