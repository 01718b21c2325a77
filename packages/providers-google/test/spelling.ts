/** How a server of the `generateContent` wire writes: synthetic bodies, made by hand from the documented fields. */
import { modelName, type Said, type Spelling } from "@consortium/testing/ChatModelContract"

const finishes = { stop: "STOP", length: "MAX_TOKENS", "tool-calls": "STOP" } as const

const usage = (said: Said) => ({
  promptTokenCount: said.inputTokens,
  candidatesTokenCount: said.outputTokens,
  totalTokenCount: said.inputTokens + said.outputTokens
})

const halves = (text: string): ReadonlyArray<string> => {
  const letters = [...text]
  const middle = letters.length >> 1
  return [letters.slice(0, middle).join(""), letters.slice(middle).join("")].filter((half) => half !== "")
}

const chunk = (parts: ReadonlyArray<object>, finishReason?: string, more: object = {}) => ({
  candidates: [{ content: { role: "model", parts }, index: 0, ...(finishReason !== undefined && { finishReason }) }],
  modelVersion: modelName,
  responseId: "synthetic-response",
  ...more
})

const callOf = ({ arguments: written, id, name }: NonNullable<Said["toolCall"]>) => ({
  functionCall: { id, name, args: JSON.parse(written) }
})

/** The lines of a stream of these chunks. */
export const sse = (chunks: ReadonlyArray<object>): string =>
  chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`).join("")

const spelling = (keyOf: (headers: Readonly<Record<string, string>>) => unknown): Spelling => ({
  whole: (said) =>
    JSON.stringify(
      chunk(
        [
          ...(said.reasoning === undefined ? [] : [{ text: said.reasoning, thought: true }]),
          ...(said.text === "" ? [] : [{ text: said.text }]),
          ...(said.toolCall === undefined ? [] : [callOf(said.toolCall)])
        ],
        finishes[said.finish],
        { usageMetadata: usage(said) }
      )
    ),
  streamed: (said) =>
    sse([
      ...halves(said.reasoning ?? "").map((text) => chunk([{ text, thought: true }])),
      ...halves(said.text).map((text) =>
        chunk([{ text }], undefined, { usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 } })
      ),
      ...(said.toolCall === undefined ? [] : [chunk([callOf(said.toolCall)])]),
      chunk([{ text: "" }], finishes[said.finish], { usageMetadata: usage(said) })
    ]),
  error: (message, code) => JSON.stringify({ error: { message, ...(code !== undefined && { status: code }) } }),
  brokenStream: (text, message) => sse([chunk([{ text }]), { error: { code: 500, message, status: "INTERNAL" } }]),
  cutStream: (text) => sse([chunk([{ text }])]),
  read: ({ body, headers, path }) => ({
    model: /\/models\/([^:]+):/.exec(path)?.[1],
    text: JSON.parse(body).contents[0].parts[0].text,
    key: keyOf(headers)
  })
})

/** How the Gemini API takes its key. */
export const gemini = spelling((headers) => headers["x-goog-api-key"])
/** How Vertex takes its token. */
export const vertex = spelling((headers) => headers.authorization?.replace("Bearer ", ""))
