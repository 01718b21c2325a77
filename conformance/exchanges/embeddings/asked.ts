/** What a recorded request asks for, in words that all wires share; and why it can't be asked again where it can't. */
import type { Recording } from "../recordings.js"
import { type Fields, fields, isFields, list, text } from "../json.js"

export interface Asked {
  readonly model: string
  /** As many as the recorded request has, where their words are not told. */
  readonly texts: readonly [string, ...ReadonlyArray<string>]
  readonly dimensions?: number
  /** What the texts are for, in the vendor's own word. */
  readonly use?: string
  /** Why the request can't be compared. */
  readonly why?: string
}

const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined)

/** The text of a content that is one text; anything else is not a text. */
const inContent = (content: unknown): unknown => {
  if (!isFields(content)) return content
  const parts = list(content.parts)
  return parts.length === 1 ? fields(parts[0]).text : undefined
}

/** The places where wires keep their texts. */
const textsIn = (body: Fields): ReadonlyArray<unknown> => {
  const nova = fields(fields(body.singleEmbeddingParams).text).value
  const plain = body.input ?? body.texts ?? body.inputs ?? body.inputText ?? nova ?? inContent(body.content)
  if (plain !== undefined) return Array.isArray(plain) ? plain : [plain]
  return [...list(body.requests), ...list(body.instances)].map((one) => inContent(fields(one).content))
}

const modelIn = ({ model, request }: Recording): string => {
  const body = fields(request?.body)
  const inUrl = /models?\/(.+?)(?::(?:batchE|e|p)|\/(?:invoke|pipeline))/.exec(
    decodeURIComponent(request?.url ?? "")
  )?.[1]
  return inUrl ?? (text(body.model) || model || "recorded")
}

/** How many rows the answer has, where no request was recorded. */
const answered = ({ response }: Recording): number => {
  const body = fields(response.body)
  const embeddings = isFields(body.embeddings) ? list(body.embeddings.float) : list(body.embeddings)
  return Math.max(1, list(body.data).length, embeddings.length, list(body.predictions).length)
}

const fill = (count: number): Asked["texts"] => ["?", ...Array.from({ length: count - 1 }, () => "?")]

/** Fields that hold what our clients have a word for, at the top or in one of these. */
const inner = ["parameters", "embedContentConfig", "singleEmbeddingParams", "embeddingConfig"]
const known = new Set([
  ...["model", "input", "inputs", "texts", "inputText", "content", "requests", "instances", ...inner],
  ...["dimensions", "output_dimension", "outputDimensionality", "output_dimensionality", "embeddingDimension"],
  ...[
    "outputEmbeddingLength",
    "input_type",
    "task",
    "taskType",
    "task_type",
    "embeddingPurpose",
    "schemaVersion",
    "text"
  ],
  ...["encoding_format", "embedding_types", "truncate", "truncation", "autoTruncate", "normalize", "keep_alive"]
])

/** A field that is sent and that none of our clients has a word for. */
const strange = (body: Fields): string | undefined => {
  const parts = [
    body,
    ...inner.map((name) => fields(body[name])),
    ...[...list(body.requests), ...list(body.instances)].map(fields)
  ]
  const names = parts.flatMap((part) => Object.keys(part).filter((name) => part[name] !== null))
  return names.find((name) => !known.has(name))
}

/** What is asked of our client. */
export const askedOf = (recording: Recording): Asked => {
  const model = modelIn(recording)
  const body = fields(recording.request?.body)
  if (recording.request === null || !isFields(recording.request.body))
    return { model, texts: fill(answered(recording)), why: "no request was recorded" }
  const given = textsIn(body)
  const parts = [
    body,
    ...inner.map((name) => fields(body[name])),
    fields([...list(body.requests), ...list(body.instances)][0])
  ]
  const first = (...names: ReadonlyArray<string>) =>
    parts.flatMap((part) => names.map((name) => part[name])).find((it) => it !== undefined && it !== null)
  const dimensions = number(
    first(
      "dimensions",
      "output_dimension",
      "outputDimensionality",
      "output_dimensionality",
      "embeddingDimension",
      "outputEmbeddingLength"
    )
  )
  // At the top of Nova's requests `taskType` is another word.
  const use = text(
    isFields(body.singleEmbeddingParams)
      ? first("embeddingPurpose")
      : first("input_type", "task", "taskType", "task_type")
  )
  const texts = given.filter((one) => typeof one === "string")
  const [one, ...more] = texts
  const unknown = strange(body)
  const isTold = one !== undefined && texts.length === given.length
  return {
    model,
    ...(dimensions !== undefined && { dimensions }),
    ...(use !== "" && { use }),
    texts: isTold ? [one, ...more] : fill(Math.max(1, given.length)),
    ...(isTold ? unknown !== undefined && { why: `no word for ${unknown}` } : { why: "no word for what is no text" })
  }
}
