/** Recorded exchanges of embeddings: our embedders against the vendors' official SDKs, bit by bit and body by body. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Outcome } from "./exchanges/exchange.js"
import { type Lane, laneOf } from "./exchanges/embeddings/lanes.js"
import { embedded, play } from "./exchanges/embeddings/play.js"
import { differences, rowsOf } from "./exchanges/embeddings/rows.js"
import { synthetics } from "./exchanges/embeddings/synthetic.js"
import { runtime } from "./exchanges/ours.js"
import { type Player, start } from "./exchanges/player.js"
import { read, type Recording } from "./exchanges/recordings.js"
import { failuresOf, report } from "./exchanges/report.js"
import { sharedFile } from "./internal/places.js"

const folder = sharedFile("data/exchanges")

const rows = new Map<string, Array<readonly [Recording, Lane]>>()
const without = new Map<string, number>()
if (folder !== undefined)
  for (const [file, recordings] of read(folder))
    for (const recording of recordings) {
      const lane = laneOf(file, recording)
      if (lane === undefined) continue
      if (typeof lane === "string") without.set(lane, (without.get(lane) ?? 0) + 1)
      else rows.set(`${file} ${lane.wire}`, [...(rows.get(`${file} ${lane.wire}`) ?? []), [recording, lane]])
    }
const outcomes = new Map<string, ReadonlyArray<Outcome>>()

let player: Player
beforeAll(async () => {
  player = await start()
})
afterAll(async () => {
  if (folder !== undefined) report(outcomes, without)
  await player.stop()
  await runtime.dispose()
})

describe.skipIf(folder === undefined)("recorded exchanges of embeddings", () => {
  it.each([...rows])("%s", async (title, exchanges) => {
    const found: Array<Outcome> = []
    for (const [recording, lane] of exchanges) found.push(await play(lane, recording, player))
    outcomes.set(title, found)
    expect(failuresOf(found)).toEqual([])
  })
})

describe("exchanges by hand, where none is recorded", () => {
  it.each(synthetics.map((one) => [one.name, one] as const))("%s", async (name, { ask, body, make }) => {
    const answer = {
      status: 200,
      headers: { "content-type": "application/json" },
      bytes: Buffer.from(JSON.stringify(body))
    }
    const [theirs, ours] = [player.play(answer, name, "oracle"), player.play(answer, name, "ours")]
    expect(differences(await ask(theirs.url), await embedded(make(ours.url), ["rain", "sun"]))).toEqual([])
    expect(ours.asked()).toEqual(theirs.asked())
  })
})

describe("what differs is noticed", () => {
  const row = [0.1, -2]
  it("a bit, a row, a refusal, a count", () => {
    expect(differences(rowsOf([row], 3), rowsOf([row], 3))).toEqual([])
    const next = new Float32Array(row)
    const [first] = new Uint32Array(next.buffer)
    new Uint32Array(next.buffer)[0] = (first ?? 0) + 1
    expect(differences(rowsOf([row, row], 3), rowsOf([row, next], 4))).toEqual(["1 of 2 rows", "input tokens"])
    expect(differences(rowsOf([row]), rowsOf([row, row]))).toEqual(["the number of rows"])
    const refused = { _tag: "Refused", kind: "NotFound" } as const
    expect(differences(refused, rowsOf([row]))).toEqual(["NotFound expected, rows given"])
  })
})
