import { assert, describe, it } from "@effect/vitest"
import { CandidateId, MemberId, PromptId } from "@consortium/core/Ids"
import type { RunEvent } from "@consortium/core/RunEvent"
import * as Progress from "../src/Progress.js"

const answered = (usd: number | null, outcome = "ok"): RunEvent => ({
  _tag: "Answered",
  prompt: PromptId.make("p"),
  candidate: CandidateId.make("c"),
  member: MemberId.make("m"),
  outcome,
  millis: 1,
  attempts: 1,
  cached: false,
  usd
})
const ranked = (done: number, of: number): RunEvent => ({
  _tag: "Ranked",
  prompt: PromptId.make("p"),
  chosen: CandidateId.make("c"),
  score: 1,
  pBest: 1,
  done,
  of
})
const rejected = (done: number): RunEvent => ({
  _tag: "Rejected",
  prompt: PromptId.make("p"),
  why: "no-candidate",
  detail: "why",
  done,
  of: 9
})
const selected = (prompts: number): RunEvent => ({ _tag: "Selected", prompts, of: 100, stopped: "target" })

const told = (events: ReadonlyArray<RunEvent>, isTTY: boolean, columns = 80): string => {
  let text = ""
  const progress = Progress.make({ isTTY, columns, write: (part) => void (text += part) })
  for (const event of events) progress.hear(event)
  progress.close()
  return text
}

describe("progress", () => {
  it("redraws one line on a terminal, never wider than it", () => {
    const text = told([selected(2), answered(0.5), answered(0.25, "ModelError"), ranked(1, 2), ranked(2, 2)], true, 30)
    const last = text.split("\u001b[2K").at(-1)
    assert.strictEqual(last, "2/2 prompts · 2 calls · 1 fai\n")
    assert.strictEqual(text.split("\n").length, 3, "what was selected, and the line that stays")
  })

  it("adds up the cost of good calls, and says where it is unknown", () => {
    assert.match(told([selected(1), answered(0.5), answered(9, "ModelError"), ranked(1, 1)], false), /\$0\.5000\n$/)
    assert.match(
      told([selected(1), answered(0.5), answered(null), answered(1), ranked(1, 1)], false),
      /cost unknown\n$/
    )
  })

  it("tells at most ten steps elsewhere, without control characters", () => {
    const text = told([selected(500), ...Array.from({ length: 500 }, (_, i) => ranked(i + 1, 500))], false)
    assert.strictEqual(text.split("\n").filter((line) => line.includes("/500")).length, 10)
    assert.notInclude(text, "\u001b")
    assert.notInclude(text, "\r")
  })

  it("tells the first rejections, and then where the others are", () => {
    const lines = told([selected(9), ...Array.from({ length: 9 }, (_, i) => rejected(i + 1))], false).split("\n")
    assert.strictEqual(lines.filter((line) => line.startsWith("rejected: p")).length, 3)
    assert.strictEqual(lines.filter((line) => line.includes("rejected.jsonl")).length, 1)
  })
})
