/** The parts of messages as parts of the wire. */
import type { AssistantPart, ToolCallPart, ToolResultPart } from "@consortium/core/Prompt"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as callId from "./callId.js"

export type Part = Record<string, Schema.Json>

const decodeObject = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.JsonObject))

/** Signatures are bytes; JSON gives them as base64, and reads base64url too. The marks of some other wires are neither. */
const isBytes = /^[\w+/-]+={0,2}$/

const mark = (signature: string | undefined): Part =>
  signature !== undefined && isBytes.test(signature) ? { thoughtSignature: signature } : {}

/** An id of the wire's own; one that was made up here says nothing to the vendor. */
const idOf = (id: string): Part => (callId.isMade(id) || id === "" ? {} : { id })

/** Arguments are an object here; words that are none are kept as one. */
const argumentsOf = (written: string): Part => {
  const found = Option.getOrUndefined(decodeObject(written))
  if (found !== undefined) return found
  return written.trim() === "" ? {} : { arguments: written }
}

/** What Google documents for calls whose signature is not known, because another model made them. */
const unsigned = "skip_thought_signature_validator"

const call = (part: ToolCallPart, isExcused: boolean): Part => ({
  functionCall: { ...idOf(part.id), name: part.name, args: argumentsOf(part.arguments) },
  ...(isExcused ? { thoughtSignature: unsigned } : mark(part.signature))
})

/** The parts of one message. Only the first of several calls is signed; `excuses` stands in for a signature that is wanted and missing. */
export const assistant = (parts: ReadonlyArray<AssistantPart>, excuses: boolean): ReadonlyArray<Part> => {
  const first = parts.find((part) => part._tag === "ToolCall")
  const isSigned = (part: AssistantPart) =>
    part._tag === "ToolCall" && mark(part.signature).thoughtSignature !== undefined
  const lacks = excuses && !parts.some(isSigned)
  return parts.flatMap((part): ReadonlyArray<Part> => {
    switch (part._tag) {
      case "Text":
        return [{ text: part.text, ...mark(part.signature) }]
      case "ToolCall":
        return [call(part, lacks && part === first)]
      case "Reasoning": {
        // Ids and hidden words are another wire's, and so is their mark.
        const own = part.id === undefined && part.redacted !== true ? mark(part.signature) : {}
        if (part.text === "" && own.thoughtSignature === undefined) return []
        return [{ text: part.text, thought: true, ...own }]
      }
    }
  })
}

/** The whole object is the output, unless it has `output` or `error`: so objects go as they are, and other words under a name. */
const response = ({ isError, text }: ToolResultPart): Part => {
  if (isError === true) return { error: text }
  return Option.getOrElse(decodeObject(text), () => ({ output: text }))
}

/** `names` holds the names of the calls so far, by id. */
export const result = (part: ToolResultPart, names: ReadonlyMap<string, string>): Part => ({
  functionResponse: {
    ...idOf(part.id),
    name: part.name ?? names.get(part.id) ?? part.id,
    response: response(part)
  }
})
