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
  readonly dataType?: string
  /** Why the request can't be compared. */
  readonly why?: string
}

const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined)

/** The places where wires keep their texts. */
const textsIn = (body: Fields): ReadonlyArray<unknown> => {
  const plain = body.input ?? body.texts ?? body.inputs ?? body.inputText
  if (plain !== undefined) return Array.isArray(plain) ? plain : [plain]
  const requests = [...list(body.requests), ...list(body.instances)].map(fields)
  return requests.map((one) => one.content).map((it) => (isFields(it) ? fields(list(it.parts)[0]).text : it))
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

/** What is asked of our client. */
export const askedOf = (recording: Recording): Asked => {
  const model = modelIn(recording)
  const body = fields(recording.request?.body)
  if (recording.request === null || !isFields(recording.request.body))
    return { model, texts: fill(answered(recording)), why: "no request was recorded" }
  const given = textsIn(body)
  const first = fields([...list(body.requests), ...list(body.instances)][0])
  const dimensions =
    number(body.dimensions) ??
    number(body.output_dimension) ??
    number(first.outputDimensionality ?? first.output_dimensionality)
  const use = text(body.input_type ?? body.task ?? first.taskType ?? first.task_type)
  const texts = given.filter((one) => typeof one === "string")
  const [one, ...more] = texts
  return {
    model,
    ...(dimensions !== undefined && { dimensions }),
    ...(use !== "" && { use }),
    ...(one !== undefined && texts.length === given.length
      ? { texts: [one, ...more] as const }
      : { texts: fill(Math.max(1, given.length)), why: "no word for texts as numbers of tokens" })
  }
}
