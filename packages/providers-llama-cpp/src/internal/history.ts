/** Messages as the library's history of a chat. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import { type AssistantPart, type Message, textOf } from "@consortium/core/Prompt"

type Item = { readonly type: "system" | "user"; readonly text: string } | ModelItem
interface ModelItem {
  readonly type: "model"
  readonly response: ReadonlyArray<string | object>
}

/** Why a request can't be said to the engine; nothing where it can. */
export const unsayable = ({ messages, responseSchema, toolChoice, tools }: ChatRequest): string | undefined => {
  const parts: ReadonlyArray<{ readonly _tag: string }> = messages.flatMap((said) => [...said.parts])
  if (parts.some(({ _tag }) => _tag === "Image")) return "the engine sees no pictures"
  if (tools !== undefined && toolChoice !== "none")
    return `the engine calls no tools${responseSchema === undefined ? "" : ", with a schema or without"}: ask a llama-server for that`
  return undefined
}

const parsed = (written: string): unknown => {
  try {
    return JSON.parse(written)
  } catch {
    return written
  }
}

const modelPart = (part: AssistantPart, results: ReadonlyMap<string, string>): ReadonlyArray<string | object> => {
  switch (part._tag) {
    case "Text":
      return part.text === "" ? [] : [part.text]
    case "Reasoning":
      return part.text === "" ? [] : [{ type: "segment", segmentType: "thought", text: part.text, ended: true }]
    case "ToolCall":
      // A result stands with its call.
      return [
        {
          type: "functionCall",
          name: part.name,
          params: parsed(part.arguments),
          result: parsed(results.get(part.id) ?? "null")
        }
      ]
  }
}

/** What is said, and a place for the answer. An assistant's words at the end are the beginning of it. */
export const history = (messages: ReadonlyArray<Message>): ReadonlyArray<Item> => {
  const results = new Map(
    messages.flatMap((said) => (said.role === "tool" ? said.parts.map(({ id, text }) => [id, text] as const) : []))
  )
  const items: Array<Item> = []
  for (const said of messages) {
    if (said.role === "system" || said.role === "user") items.push({ type: said.role, text: textOf(said) })
    else if (said.role === "assistant") {
      const response = said.parts.flatMap((part) => modelPart(part, results))
      const last = items.at(-1)
      // What follows a tool's result goes on with the same turn.
      if (last?.type === "model") items[items.length - 1] = { ...last, response: [...last.response, ...response] }
      else items.push({ type: "model", response })
    }
  }
  return items.at(-1)?.type === "model" ? items : [...items, { type: "model", response: [] }]
}
