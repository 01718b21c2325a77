/** Recorded exchanges of real vendors: our clients against the vendors' official SDKs, byte by byte and body by body. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Outcome, play } from "./exchanges/exchange.js"
import { type Lane, laneOf, lossy } from "./exchanges/lanes.js"
import { runtime } from "./exchanges/ours.js"
import { type Player, start } from "./exchanges/player.js"
import { read, type Recording } from "./exchanges/recordings.js"
import { failuresOf, report } from "./exchanges/report.js"
import { sharedFile } from "./internal/places.js"

const folder = sharedFile("data/exchanges")

interface Row {
  readonly title: string
  readonly exchanges: ReadonlyArray<readonly [Recording, Lane]>
}

/** Exchanges by file and wire, and those without a client by why. */
const sorted = () => {
  const rows = new Map<string, Array<readonly [Recording, Lane]>>()
  const without = new Map<string, number>()
  for (const [file, recordings] of read(folder ?? ""))
    for (const recording of recordings) {
      const lane = laneOf(file, recording)
      if (typeof lane === "string") without.set(lane, (without.get(lane) ?? 0) + 1)
      else {
        const title = `${file} ${lane.wire}`
        rows.set(title, [...(rows.get(title) ?? []), [recording, lane]])
      }
    }
  return { rows: [...rows].map(([title, exchanges]): Row => ({ title, exchanges })), without }
}

const { rows, without } = folder === undefined ? { rows: [], without: new Map<string, number>() } : sorted()
const outcomes = new Map<string, ReadonlyArray<Outcome>>()

/** A few at a time. */
const playAll = async ({ exchanges }: Row, player: Player): Promise<ReadonlyArray<Outcome>> => {
  const left = [...exchanges.entries()]
  const found: Array<Outcome> = []
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, [recording, lane]] = next
      found[index] = await play(lane, recording, player)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return found
}

let player: Player
beforeAll(async () => {
  player = await start()
})
afterAll(async () => {
  if (folder !== undefined) report(outcomes, without)
  await player.stop()
  await runtime.dispose()
})

describe.skipIf(folder === undefined)("recorded exchanges", () => {
  it.each(rows)("$title", async (row) => {
    const found = await playAll(row, player)
    outcomes.set(row.title, found)
    expect(found).toHaveLength(row.exchanges.length)
    expect(failuresOf(found)).toEqual([])
  })
})

/** Synthetic, in the documented shape of the chat wire. */
const synthetic: Recording = {
  id: "synthetic",
  endpoint: "chat",
  model: "m",
  stream: false,
  request: {
    method: "POST",
    url: "http://127.0.0.1/v1/chat/completions",
    body: { model: "m", messages: [{ role: "user", content: "Rain?" }], temperature: 0.5 }
  },
  response: {
    status: 200,
    headers: { "content-type": "application/json" },
    kind: "json",
    body: {
      id: "c1",
      model: "m-1",
      choices: [{ index: 0, message: { role: "assistant", content: "Yes." }, finish_reason: "stop" }],
      usage: { prompt_tokens: 3, completion_tokens: 2 }
    }
  }
}

describe("what differs is noticed", () => {
  it("nothing, where nothing does", async () => {
    const lane = laneOf("vllm", synthetic)
    if (typeof lane === "string") throw new Error(lane)
    expect(failuresOf([await play(lane, synthetic, player)])).toEqual([])
  })

  it("an oracle that says something else, and a client that leaves a field out", async () => {
    const { request, response } = await play(lossy, synthetic, player)
    expect(request).toEqual({ _tag: "Compared", differs: ["temperature is left out"] })
    const fields = ["text", "reasoning", "tool calls", "finish.kind is another", "finish.raw is another"]
    const facts = ["usage.inputTokens is another", "usage.outputTokens is added", "model", "id"]
    expect(response).toEqual({ _tag: "Compared", differs: [...fields, ...facts] })
  })
})
