/** One row of an input, as people and programs write them, to a prompt or to what is wrong with it. */
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { PromptId } from "@consortium/core/Ids"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import { type Message, message, type Prompt, textOf } from "@consortium/core/Prompt"
import { chatOf } from "./chatLogs.js"
import { contentKey } from "./contentKey.js"
import { parse } from "./json.js"
import { messagesOf } from "./messages.js"
import { fail, isGiven, isRecord, kind, type Read } from "./trouble.js"

const reserved = new Set(["prompt", "messages", "system", "id"])
/** Deeper values overflow the stack of whoever writes them again. */
const deepest = 100

const promptOf = (prompt: unknown): Read<ReadonlyArray<Message>> => {
  if (prompt === undefined) return fail("is missing: give a prompt or messages", "prompt")
  if (typeof prompt !== "string") return fail(`must be a text, not ${kind(prompt)}`, "prompt")
  return prompt.trim() === "" ? fail("is empty", "prompt") : Result.succeed([message("user", prompt)])
}

/** What is asked, and the fields that it was read from. */
interface Asked {
  readonly messages: ReadonlyArray<Message>
  readonly took: ReadonlyArray<string>
}

/** A table may say the last message once more as the prompt, as our own rows do. */
const repeats = (prompt: unknown, messages: ReadonlyArray<Message>): boolean => {
  const last = messages.at(-1)
  return last !== undefined && textOf(last) === prompt
}

const conversation = (row: Readonly<Record<string, unknown>>): Read<Asked> =>
  Result.flatMap(chatOf(row), (found) => {
    if (found === undefined) return Result.map(promptOf(row.prompt), (messages) => ({ messages, took: [] }))
    return Result.flatMap(messagesOf(found.messages, found.field), (messages) =>
      found.field === "messages" && isGiven(row.prompt) && !repeats(row.prompt, messages)
        ? fail("give either prompt or messages, not both")
        : Result.succeed({ messages, took: found.took })
    )
  })

const asked = (row: Readonly<Record<string, unknown>>): Read<Asked> => {
  const { system } = row
  if (isGiven(system) && typeof system !== "string") return fail(`must be a text, not ${kind(system)}`, "system")
  return Result.map(conversation(row), ({ messages, took }) => ({
    messages: typeof system === "string" && system.trim() !== "" ? [message("system", system), ...messages] : messages,
    took
  }))
}

const idOf = (id: unknown, messages: Prompt["messages"]): Read<PromptId> => {
  if (!isGiven(id)) return Result.succeed(PromptId.make(`p-${contentKey({ messages }).slice(0, 12)}`))
  if (typeof id === "string") {
    if (id.trim() === "") return fail("is empty", "id")
    // Half a surrogate pair can't be kept: two such ids would become one.
    return id.isWellFormed() ? Result.succeed(PromptId.make(id)) : fail("holds half a character: mend its text", "id")
  }
  if (typeof id !== "number") return fail(`must be a text or a number, not ${kind(id)}`, "id")
  // Beyond this two different numbers of the file read as the same one.
  if (Math.abs(id) > Number.MAX_SAFE_INTEGER)
    return fail("the number is too large to be kept exactly: write it in quotes", "id")
  return Result.succeed(PromptId.make(String(id)))
}

const isJson = (value: unknown, depth = 0): value is Schema.Json => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true
  if (typeof value === "number") return Number.isFinite(value)
  if (depth === deepest) return false
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1))
  return isRecord(value) && Object.values(value).every((field) => isJson(field, depth + 1))
}

const carriedOf = (
  row: Readonly<Record<string, unknown>>,
  took: ReadonlyArray<string>
): Read<Readonly<Record<string, Schema.Json>>> => {
  const fields: Array<readonly [string, Schema.Json]> = []
  for (const [name, value] of Object.entries(row)) {
    if (reserved.has(name) || took.includes(name)) continue
    if (!isJson(value)) return fail(`holds a number beyond 1e308, or more than ${deepest} levels: simplify it`, name)
    fields.push([name, value])
  }
  return Result.succeed(Object.fromEntries(fields))
}

/** A row as a value: an object with `prompt`, `messages` or a chat of another known shape, or the prompt itself. */
export const fromValue = (value: unknown): Read<Prompt> => {
  const row = typeof value === "string" ? { prompt: value } : value
  if (!isRecord(row)) return fail(`a row must be an object or a text, not ${kind(value)}`)
  return Result.gen(function* () {
    const { messages, took } = yield* asked(row)
    if (!isNonEmpty(messages)) return yield* fail("is empty", "messages")
    const id = yield* idOf(row.id, messages)
    const carried = yield* carriedOf(row, took)
    return { id, messages, ...(Object.keys(carried).length > 0 && { carried }) }
  })
}

/** A value as JSON text. */
export const jsonOf = (text: string, field?: string): Read<unknown> =>
  Result.mapError(parse(text), ({ at, reason }) => ({
    reason: `broken JSON at column ${at + 1}: ${reason}`,
    ...(field !== undefined && { field })
  }))

/** A row as JSON text. */
export const fromJson = (text: string): Read<Prompt> => Result.flatMap(jsonOf(text), fromValue)
