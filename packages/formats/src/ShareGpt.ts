/** ShareGPT's rows: `{ conversations: [{ from, value }] }`, with the names that FastChat, Axolotl and LLaMA-Factory use. */
import type { ChatMessage } from "./ChatFormat.js"
import { assistant, contentOf, define, type Unsayable } from "./Format.js"

export interface ShareGptTurn {
  readonly from: "system" | "human" | "gpt" | "function_call" | "observation"
  readonly value: string
}

const names = { system: "system", user: "human", assistant: "gpt", tool: "observation" } as const

/** As a value; as a text where what a model wrote is no JSON. */
const argumentsOf = (said: string): unknown => {
  try {
    return JSON.parse(said)
  } catch {
    return said
  }
}

/** A call of a tool is a turn of its own here; one with words beside it, or several at once, has no place. */
const turnOf = (said: ChatMessage): ShareGptTurn | Unsayable => {
  if (Array.isArray(said.content) && said.content.some((part) => part.type !== "text")) return "pictures"
  const [call, ...more] = said.tool_calls ?? []
  if (call === undefined) return { from: names[said.role], value: contentOf(said) }
  if (more.length > 0 || contentOf(said) !== "") return "tool-traffic"
  return {
    from: "function_call",
    value: JSON.stringify({ name: call.function.name, arguments: argumentsOf(call.function.arguments) })
  }
}

export const sharegpt = define({
  name: "sharegpt",
  unit: "best",
  columns: { conversations: { list: { fields: { from: "text", value: "text" } } } },
  row: ({ prompt }, best) => {
    const conversations: Array<ShareGptTurn> = []
    for (const said of [...prompt, assistant(best.text)]) {
      const turn = turnOf(said)
      if (typeof turn === "string") return turn
      conversations.push(turn)
    }
    return { conversations }
  }
})
