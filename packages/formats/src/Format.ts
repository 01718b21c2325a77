/** What a trainer loads, as a value: which rows become of a ranked prompt, and what their columns hold. */
import type { ChatMessage } from "./ChatFormat.js"
import type { Pair } from "./Pairs.js"
import type { Answer, Ranked } from "./Ranked.js"

/** What a column holds; every column may be null. `json` is an object in JSON and its text in tables. */
export type Shape =
  | "text"
  | "number"
  | "integer"
  | "boolean"
  | "json"
  | { readonly list: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> }

export type Columns = Readonly<Record<string, Shape>>
export type Row = Readonly<Record<string, unknown>>

/** Why a format has no words for a row. */
export type Unsayable = "pictures" | "tool-traffic" | "turns-out-of-order" | "control-marks"

/** What a row is made of. */
export interface Source {
  readonly ranked: Ranked
  /** The conversation before the answer. */
  readonly prompt: ReadonlyArray<ChatMessage>
  /** Best first. */
  readonly answers: ReadonlyArray<Answer>
}

export interface Labelled {
  readonly answer: Answer
  /** Whether answers like this one are wanted. */
  readonly label: boolean
}

interface Said {
  readonly name: string
  readonly columns: Columns
}

/** By what a row stands for: a prompt with its best answer, a pair, a labelled answer, or all answers of a prompt. */
export type Format = Said &
  (
    | { readonly unit: "best"; readonly row: (source: Source, best: Answer) => Row | Unsayable }
    | { readonly unit: "pair"; readonly row: (source: Source, pair: Pair) => Row | Unsayable }
    | { readonly unit: "label"; readonly row: (source: Source, labelled: Labelled) => Row | Unsayable }
    | { readonly unit: "list"; readonly row: (source: Source) => Row | Unsayable }
  )

/** Gives a format its type; returns what it is given. */
export const define = <F extends Format>(format: F): F => format

/**
 * The shape of a conversation of texts. Columns for tool calls would stand in every row, and chat templates take an
 * empty one for a call.
 */
export const messages = { list: { fields: { role: "text", content: "text" } } } as const satisfies Shape

/** The answer as the last turn of a conversation. */
export const assistant = (content: string): ChatMessage => ({ role: "assistant", content })

/** A turn that is nothing but text. */
export interface Turn {
  readonly role: "system" | "user" | "assistant"
  readonly text: string
}

const holdsPictures = ({ content }: ChatMessage): boolean =>
  Array.isArray(content) && content.some((part) => part.type !== "text")

/** The text of a message, pictures left out. */
export const contentOf = ({ content }: ChatMessage): string =>
  content === null
    ? ""
    : typeof content === "string"
      ? content
      : content.map((part) => (part.type === "text" ? part.text : "")).join("\n")

/** Whether a message holds more than text. */
export const beyondText = (said: ReadonlyArray<ChatMessage>): Unsayable | undefined => {
  if (said.some(holdsPictures)) return "pictures"
  return said.some((one) => one.role === "tool" || one.tool_calls !== undefined) ? "tool-traffic" : undefined
}

/** A conversation of texts, or why it is none. */
export const turnsOf = (said: ReadonlyArray<ChatMessage>): ReadonlyArray<Turn> | Unsayable =>
  beyondText(said) ?? said.flatMap((one) => (one.role === "tool" ? [] : [{ role: one.role, text: contentOf(one) }]))
