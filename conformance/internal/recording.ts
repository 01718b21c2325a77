/** Recorded models and judges as values: they answer from a file, and know what they are asked by its text alone. */
import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { Ballot, InvalidBallot } from "@consortium/core/Ballot"
import type { Sheet } from "@consortium/core/Blind"
import { type ChatModel, make } from "@consortium/core/ChatModel"
import { JudgeId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { InvalidRequest, ModelError } from "@consortium/core/ModelError"
import { fromText, type Message, textOf } from "@consortium/core/Prompt"
import { surfaceFor } from "@consortium/judge-strategies/Surface"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

/** One line of the file; its README has the schema. */
export interface Item {
  readonly id: string
  readonly prompt: string
  readonly candidates: ReadonlyArray<{ readonly id: string; readonly family: string | null; readonly text: string }>
  /** `[a, b, votes for a, votes for b, ties]` over candidates. */
  readonly truth: { readonly pairs: ReadonlyArray<readonly [number, number, number, number, number]> }
  /** `o`: the candidates in the order in which they were shown; `w`: the better one, -1 for a tie, null for no verdict. */
  readonly judgments: ReadonlyArray<{
    readonly j: string
    readonly o: readonly [number, number]
    readonly w: number | null
    /** The protocol, where there were several. */
    readonly s?: string
  }>
}

export const read = (file: string): ReadonlyArray<Item> =>
  gunzipSync(readFileSync(file))
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line): Item => JSON.parse(line))

const asked = (messages: ReadonlyArray<Message>): string => messages.map(textOf).join("\n")

/** The model that gives each prompt the answer which it gave when it was recorded. */
export const modelOf = (items: ReadonlyArray<Item>, id: string): ChatModel<ModelError> => {
  const said = new Map(items.map((item) => [item.prompt, item.candidates.find((one) => one.id === id)?.text]))
  return make({
    ref: `recorded/${id}`,
    complete: ({ messages }) => {
      const text = said.get(asked(messages))
      return text === undefined
        ? Effect.fail(
            new ModelError({ vendor: "recorded", model: id, reason: new InvalidRequest({}), detail: "not recorded" })
          )
        : Effect.succeed({
            parts: [{ _tag: "Text", text }],
            finish: { kind: "stop", raw: null },
            usage: {},
            model: id
          })
    }
  })
}

/** Which recorded candidate an option is, by what a judge sees of it. */
const recognise = (item: Item, shown: string): number => {
  const surface = surfaceFor(fromText(item.id, item.prompt))
  const at = item.candidates.findIndex((one) => surface(one.text) === shown)
  if (at < 0) throw new Error(`${item.id}: a judge is shown a text that nobody wrote`)
  return at
}

const nothing = (detail: string) => new InvalidBallot({ missing: [], unknown: [], repeated: [], detail })

/** A judge of two: it repeats what it said of these two texts in this very order. */
export const judgeOf = (items: ReadonlyArray<Item>, id: string): Judge<InvalidBallot> => {
  const byPrompt = new Map(items.map((item) => [item.prompt, item]))
  const verdict = ({ options, task }: Sheet) => {
    const item = byPrompt.get(asked(task))
    const [first, second, ...more] = options
    if (item === undefined || second === undefined || more.length > 0) return undefined
    const order = [recognise(item, first.text), recognise(item, second.text)]
    const said = item.judgments.find(({ j, o }) => j === id && o[0] === order[0] && o[1] === order[1])?.w
    if (said === undefined || said === null) return undefined
    if (said === -1) return [[first.label, second.label]]
    return said === order[0] ? [[first.label], [second.label]] : [[second.label], [first.label]]
  }
  return {
    id: JudgeId.make(id),
    judge: (sheet) => {
      const tiers = verdict(sheet)
      return Effect.fromResult(
        tiers === undefined ? Result.fail(nothing("no verdict was recorded")) : Ballot.make(sheet, { tiers })
      )
    }
  }
}

/** A judge of many: the order that its recorded verdicts on all pairs, each in both orders, give by points. */
export const listOf = (items: ReadonlyArray<Item>, id: string): Judge<InvalidBallot> => {
  const byPrompt = new Map(items.map((item) => [item.prompt, item]))
  const points = (item: Item, at: number): number =>
    item.judgments.reduce((sum, { j, o, w }) => {
      if (j !== id || w === null || !o.includes(at)) return sum
      return sum + (w === at ? 1 : w === -1 ? 0.5 : 0)
    }, 0)
  return {
    id: JudgeId.make(id),
    judge: (sheet) => {
      const item = byPrompt.get(asked(sheet.task))
      if (item === undefined) return Effect.fail(nothing("no verdict was recorded"))
      const scored = sheet.options.map(({ label, text }) => ({ label, score: points(item, recognise(item, text)) }))
      const levels = [...new Set(scored.map(({ score }) => score))].sort((a, b) => b - a)
      const tiers = levels.map((level) => scored.filter(({ score }) => score === level).map(({ label }) => label))
      return Effect.fromResult(Ballot.make(sheet, { tiers }))
    }
  }
}
