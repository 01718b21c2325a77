/** A hand-made ranked prompt, for tests. */
import type { ChatMessage } from "@consortium/formats/ChatFormat"
import type { Ranked } from "@consortium/formats/Ranked"

export interface Made {
  readonly id?: string
  readonly prompt?: string
  readonly messages?: ReadonlyArray<ChatMessage>
  /** Best first. */
  readonly texts?: ReadonlyArray<string>
  readonly scores?: ReadonlyArray<number>
  readonly acceptable?: ReadonlyArray<boolean>
  /** By place in `texts`, best first. */
  readonly orders?: ReadonlyArray<ReadonlyArray<number>>
}

/** Candidates `a`, `b`, … by members of the same names. */
export const ranked = (made: Made = {}): Ranked => {
  const texts = made.texts ?? ["The best.", "A middling one.", "The worst."]
  const scores = made.scores ?? texts.map((_, at) => (texts.length - at) / texts.length)
  const ids = texts.map((_, at) => String.fromCharCode(97 + at))
  const orders = made.orders ?? [ids.map((_, at) => at)]
  return {
    id: made.id ?? "p1",
    prompt: made.messages === undefined ? (made.prompt ?? "Which one?") : textIn(made.messages.at(-1)?.content),
    ...(made.messages !== undefined && { messages: made.messages }),
    chosen: { candidate: "a" },
    pBest: { value: 0.75 },
    agreement: { first: orders.filter(([first]) => first === 0).length, of: orders.length },
    judged: texts.length > 1,
    ranking: ids.map((id, at) => ({
      candidates: [id],
      score: scores[at] ?? 0,
      pBest: at === 0 ? 0.75 : 0.25 / Math.max(1, ids.length - 1),
      acceptable: made.acceptable?.[at] ?? true
    })),
    judges: orders.map((order, at) => ({ judge: `j${at}`, order: order.map((place) => [ids[place] ?? ""]) })),
    candidates: texts.map((text, at) => ({ id: ids[at] ?? "", member: `member ${ids[at]}`, model: "made/up", text })),
    seed: 7,
    version: "0.0.0",
    simulated: true
  }
}

const textIn = (content: ChatMessage["content"] | undefined): string =>
  typeof content === "string"
    ? content
    : (content ?? []).map((part) => (part.type === "text" ? part.text : "")).join("\n")
