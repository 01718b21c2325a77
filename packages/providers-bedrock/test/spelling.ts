/** How a server of Converse writes: synthetic bodies and frames, made by hand from the documented fields. */
import type { Said, Spelling } from "@consortium/testing/ChatModelContract"
import { EventStreamCodec } from "@smithy/eventstream-codec"

const codec = new EventStreamCodec(
  (input) => (typeof input === "string" ? input : new TextDecoder().decode(input)),
  (input) => new TextEncoder().encode(input)
)

type Headers = Readonly<Record<string, string>>

/** One frame of these headers, all of them texts. */
const frame = (headers: Headers, body: string): Uint8Array =>
  codec.encode({
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { type: "string", value }])),
    body: new TextEncoder().encode(body)
  })

/** A stream's text has an event a paragraph: its type, or `!` and an exception's, and its JSON. */
export const line = (type: string, json: object): string => `${type} ${JSON.stringify(json)}\n\n`

const framed = (paragraph: string): Uint8Array => {
  const [, mark = "", type = "", body = ""] = /^(!?)(\S*) ?(.*)$/s.exec(paragraph) ?? []
  const name = type.slice(0, 200)
  return mark === "!"
    ? frame({ ":exception-type": name, ":content-type": "application/json", ":message-type": "exception" }, body)
    : frame({ ":event-type": name, ":content-type": "application/json", ":message-type": "event" }, body)
}

export const pack = (written: string): Uint8Array =>
  Buffer.concat(
    written
      .split("\n\n")
      .filter((paragraph) => paragraph !== "")
      .map(framed)
  )

const stops = { stop: "end_turn", length: "max_tokens", "tool-calls": "tool_use" } as const

const halves = (text: string): ReadonlyArray<string> => {
  const letters = [...text]
  const middle = letters.length >> 1
  return [letters.slice(0, middle).join(""), letters.slice(middle).join("")].filter((half) => half !== "")
}

const usageOf = ({ inputTokens, outputTokens }: Pick<Said, "inputTokens" | "outputTokens">) => ({
  inputTokens,
  outputTokens,
  totalTokens: inputTokens + outputTokens
})

export const body = (content: ReadonlyArray<object>, more: object = {}): string =>
  JSON.stringify({
    output: { message: { role: "assistant", content } },
    stopReason: "end_turn",
    metrics: { latencyMs: 7 },
    ...more
  })

const block = (contentBlockIndex: number, deltas: ReadonlyArray<object>) => [
  ...deltas.map((delta) => line("contentBlockDelta", { contentBlockIndex, delta, p: "abc" })),
  line("contentBlockStop", { contentBlockIndex })
]

const blocks = ({ reasoning, text, toolCall }: Said): string => {
  let at = 0
  const out: Array<string> = []
  if (reasoning !== undefined)
    out.push(...block(at++, [...halves(reasoning).map((half) => ({ reasoningContent: { text: half } }))]))
  if (text !== "") out.push(...block(at++, [...halves(text).map((half) => ({ text: half }))]))
  if (toolCall !== undefined) {
    const start = { toolUse: { toolUseId: toolCall.id, name: toolCall.name } }
    out.push(line("contentBlockStart", { contentBlockIndex: at, start }))
    out.push(...block(at++, [...halves(toolCall.arguments).map((half) => ({ toolUse: { input: half } }))]))
  }
  return out.join("")
}

const start = line("messageStart", { role: "assistant" })

export const converse: Spelling = {
  whole: (said) => {
    const { finish, reasoning, text, toolCall } = said
    return body(
      [
        ...(reasoning === undefined ? [] : [{ reasoningContent: { reasoningText: { text: reasoning } } }]),
        ...(text === "" ? [] : [{ text }]),
        ...(toolCall === undefined
          ? []
          : [{ toolUse: { toolUseId: toolCall.id, name: toolCall.name, input: JSON.parse(toolCall.arguments) } }])
      ],
      { stopReason: stops[finish], usage: usageOf(said) }
    )
  },
  streamed: (said) =>
    [
      start,
      blocks(said),
      line("messageStop", { stopReason: stops[said.finish] }),
      line("metadata", { usage: usageOf(said), metrics: { latencyMs: 7 } })
    ].join(""),
  error: (message, code) => JSON.stringify({ message, ...(code !== undefined && { __type: code }) }),
  brokenStream: (text, error) =>
    start +
    line("contentBlockDelta", { contentBlockIndex: 0, delta: { text } }) +
    line("!internalServerException", { message: error }),
  cutStream: (text) => start + line("contentBlockDelta", { contentBlockIndex: 0, delta: { text } }),
  read: ({ body, headers, path }) => {
    const [said] = JSON.parse(body).messages
    return {
      model: decodeURIComponent(/^\/model\/([^/]+)\/converse(-stream)?$/.exec(path)?.[1] ?? ""),
      text: said.content[0].text,
      key: headers.authorization?.replace(/^Bearer /, "")
    }
  },
  streamType: "application/vnd.amazon.eventstream",
  pack
}
