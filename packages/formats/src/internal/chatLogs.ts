/** Chats and preferences as trainers keep them, to the fields that a prompt is read from. */
import * as Result from "effect/Result"
import { isDeepStrictEqual } from "node:util"
import { fail, isGiven, isRecord, kind, type Read } from "./trouble.js"

type Row = Readonly<Record<string, unknown>>

/** Where the conversation stands in a row, and which fields of the row it took. */
export interface Found {
  /** Messages in OpenAI's format, not read yet. */
  readonly messages: unknown
  /** The field that is at fault when they can't be read. */
  readonly field: string
  readonly took: ReadonlyArray<string>
}

const speakers: ReadonlyMap<unknown, "system" | "user" | "assistant"> = new Map([
  ["system", "system"],
  ["human", "user"],
  ["user", "user"],
  ["gpt", "assistant"],
  ["assistant", "assistant"],
  ["model", "assistant"],
  ["bot", "assistant"],
  ["chatgpt", "assistant"]
])

/** What a call says, as `{ name, arguments }` in JSON; anything else is taken for arguments. */
const callOf = (value: string) => {
  try {
    const said: unknown = JSON.parse(value)
    if (isRecord(said) && typeof said.name === "string") {
      const given = said.arguments
      return { name: said.name, arguments: typeof given === "string" ? given : JSON.stringify(given ?? {}) }
    }
  } catch {
    // Not JSON: a text.
  }
  return { name: "tool", arguments: value }
}

/** ShareGPT's turns. Calls have no ids there: each observation answers the call before it. */
const shareGpt = (turns: unknown): Read<Found> => {
  const field = "conversations"
  if (!Array.isArray(turns)) return fail(`must be a list of turns, not ${kind(turns)}`, field)
  const messages: Array<unknown> = []
  let calls = 0
  for (const [at, turn] of turns.entries()) {
    if (!isRecord(turn)) return fail(`must be an object with from and value, not ${kind(turn)}`, `${field}[${at}]`)
    const [from, value] = [turn.from ?? turn.role, turn.value ?? turn.content]
    const role = speakers.get(from)
    if (role !== undefined) messages.push({ role, content: value })
    else if (from === "function_call" && typeof value === "string") {
      const call = { id: `call-${++calls}`, type: "function", function: callOf(value) }
      messages.push({ role: "assistant", content: null, tool_calls: [call] })
    } else if (from === "observation" || from === "tool" || from === "function_response") {
      messages.push({ role: "tool", tool_call_id: `call-${calls}`, content: value })
    } else {
      const known = [...new Set(speakers.keys()), "function_call", "observation"].join(", ")
      return fail(`${JSON.stringify(from ?? null)} is unknown: use ${known}`, `${field}[${at}].from`)
    }
  }
  return Result.succeed({ messages, field, took: [field] })
}

/** Alpaca's fields; `input` stands below the instruction, as trainers join them. */
const alpaca = (row: Row): Read<Found> => {
  const { history, input, instruction } = row
  if (typeof instruction !== "string") return fail(`must be a text, not ${kind(instruction)}`, "instruction")
  if (isGiven(input) && typeof input !== "string") return fail(`must be a text, not ${kind(input)}`, "input")
  const earlier: Array<unknown> = []
  if (isGiven(history)) {
    if (!Array.isArray(history)) return fail(`must be a list of [question, answer], not ${kind(history)}`, "history")
    for (const [at, pair] of history.entries()) {
      if (!Array.isArray(pair) || pair.length !== 2) return fail("must be [question, answer]", `history[${at}]`)
      earlier.push({ role: "user", content: pair[0] }, { role: "assistant", content: pair[1] })
    }
  }
  const content = typeof input === "string" && input !== "" ? `${instruction}\n${input}` : instruction
  const messages = [...earlier, { role: "user", content }]
  return Result.succeed({ messages, field: "instruction", took: ["instruction", "input", "history"] })
}

const opening = "<|im_start|>"
const closing = "<|im_end|>"

/** ChatML's one text; a turn that is not closed is the last one, which waits to be written. */
const chatMl = (text: string): Read<Found> => {
  const messages: Array<unknown> = []
  for (const turn of text.split(opening).slice(1)) {
    const line = turn.indexOf("\n")
    const end = turn.indexOf(closing)
    if (line < 0) return fail("a turn of ChatML has no line break after its role", "text")
    if (end < 0) break
    messages.push({ role: turn.slice(0, line).trim(), content: turn.slice(line + 1, end) })
  }
  return Result.succeed({ messages, field: "text", took: ["text"] })
}

/** What the two sides of a preference have in common. */
const shared = (chosen: ReadonlyArray<unknown>, rejected: ReadonlyArray<unknown>): Found => {
  const differ = chosen.findIndex((message, at) => !isDeepStrictEqual(message, rejected[at]))
  const messages = differ < 0 ? chosen : chosen.slice(0, differ)
  return { messages, field: "chosen", took: ["chosen", "rejected"] }
}

/** The conversation of a row, in whichever of the known shapes; nothing where it is in none of them. */
export const chatOf = (row: Row): Read<Found | undefined> => {
  const { chosen, conversations, instruction, messages, prompt, rejected, text } = row
  if (isGiven(messages)) return Result.succeed({ messages, field: "messages", took: [] })
  if (Array.isArray(prompt)) return Result.succeed({ messages: prompt, field: "prompt", took: [] })
  if (isGiven(prompt)) return Result.succeed(undefined)
  if (isGiven(conversations)) return shareGpt(conversations)
  if (isGiven(instruction)) return alpaca(row)
  if (typeof text === "string" && text.trimStart().startsWith(opening)) return chatMl(text)
  if (Array.isArray(chosen) && Array.isArray(rejected)) return Result.succeed(shared(chosen, rejected))
  return Result.succeed(undefined)
}
