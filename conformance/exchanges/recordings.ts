/** The recorded exchanges, line by line as their README describes them, and what a server sends of each. */
import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { EventStreamCodec } from "@smithy/eventstream-codec"
import { fields } from "./json.js"

export interface Recording {
  readonly id: string
  readonly endpoint: string
  /** Empty where only the address says it. */
  readonly model: string
  readonly stream: boolean
  readonly request: { readonly method: string; readonly url: string; readonly body?: unknown } | null
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly kind: string
    readonly body?: unknown
    readonly body_text?: string
    readonly sse?: string
    /** A stream of AWS, frame by frame as it was. */
    readonly body_base64?: string
    /** A stream of AWS of which only the events were kept. */
    readonly events_json_lines?: string
  }
}

/** All exchanges of the folder, by the name of their file. */
export const read = (folder: string): ReadonlyMap<string, ReadonlyArray<Recording>> =>
  new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith(".jsonl"))
      .sort()
      .map((file) => {
        const lines = readFileSync(join(folder, file), "utf8").trim().split("\n")
        return [basename(file, ".jsonl"), lines.map((line): Recording => JSON.parse(line))]
      })
  )

/** What a server sends: the recorded events and frames to the byte; of JSON, which is kept parsed, its text. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

/** Said of how the bytes travelled, which is another way now. */
const ofTransport = new Set(["content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"])

const utf8 = new TextEncoder()
const codec = new EventStreamCodec(
  (input) => (typeof input === "string" ? input : new TextDecoder().decode(input)),
  (input) => utf8.encode(input)
)
const header = (value: string) => ({ type: "string" as const, value })

/** `{ "contentBlockStop": { … } }` in a frame of that type. */
const frameOf = (line: string): Uint8Array => {
  const [type = "", payload] = Object.entries(fields(JSON.parse(line)))[0] ?? []
  return codec.encode({
    headers: { ":event-type": header(type), ":message-type": header("event") },
    body: utf8.encode(JSON.stringify(payload))
  })
}

const bytesOf = (response: Recording["response"]): Uint8Array => {
  const { body_base64, events_json_lines } = response
  if (body_base64 !== undefined) return Buffer.from(body_base64, "base64")
  if (events_json_lines !== undefined) return Buffer.concat(events_json_lines.trim().split("\n").map(frameOf))
  return Buffer.from(textOf(response))
}

const textOf = ({ body, body_text, sse }: Recording["response"]): string =>
  sse ?? body_text ?? (body === undefined ? "" : JSON.stringify(body))

export const answerOf = ({ response }: Recording): Answer => {
  const sent = Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const)
  const type = response.kind === "sse" ? "text/event-stream" : "application/json"
  return {
    status: response.status,
    headers: { "content-type": type, ...Object.fromEntries(sent.filter(([name]) => !ofTransport.has(name))) },
    bytes: bytesOf(response)
  }
}
