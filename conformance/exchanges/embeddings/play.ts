/** One recorded exchange, played to our embedder and to the SDK: what became of the answer, and of the request. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Outcome, Side } from "../exchange.js"
import { places } from "../exchange.js"
import { Unreadable } from "../oracles/failure.js"
import { runtime } from "../ours.js"
import type { Player } from "../player.js"
import { answerOf, type Recording } from "../recordings.js"
import { type Asked, askedOf } from "./asked.js"
import { canonical } from "./ignored.js"
import type { Lane } from "./lanes.js"
import { differences, type Result as Found, rowsOf } from "./rows.js"

/** How often ours is asked, each time with other cuts. */
const plays = 3

/** What our embedder makes of an answer. */
export const embedded = (make: ReturnType<Lane["make"]>, texts: Asked["texts"]): Promise<Found> =>
  runtime.runPromise(
    Effect.flatMap(make, (embedder) => Effect.result(embedder.embed(texts))).pipe(
      Effect.map((said): Found => {
        if (Result.isFailure(said)) return { _tag: "Refused", kind: said.failure.reason._tag }
        const { data, inputTokens, space } = said.success
        const rows = texts.map((_, row) => data.subarray(row * space.dimension, (row + 1) * space.dimension))
        return rowsOf(rows, inputTokens)
      })
    )
  )

const truth = async ({ oracle }: Lane, url: string, asked: Asked): Promise<Found | undefined> => {
  try {
    return await oracle.ask(url, asked)
  } catch (error) {
    if (error instanceof Unreadable) return undefined
    throw error
  }
}

/** Both sides of an exchange. */
export const play = async (lane: Lane, recording: Recording, player: Player): Promise<Outcome> => {
  const asked = askedOf(recording)
  const answer = answerOf(recording)
  const theirs = await truth(lane, player.play(answer, recording.id, "oracle").url, asked)
  const differs = new Set<string>()
  let body: unknown
  for (let time = 0; time < plays; time++) {
    const stand = player.play(answer, recording.id, "ours", time)
    const found = await embedded(lane.make(stand.url, asked), asked.texts)
    body = stand.asked()
    if (theirs !== undefined) for (const one of differences(theirs, found)) differs.add(one)
  }
  const [one, other] = [canonical(recording.request?.body), canonical(body)]
  const request: Side =
    asked.why === undefined
      ? { _tag: "Compared", differs: places(one.body, other.body) }
      : { _tag: "NotCovered", why: asked.why }
  return {
    id: recording.id,
    oracle: lane.oracle.name,
    unsaid: [],
    response:
      theirs === undefined
        ? { _tag: "NotCovered", why: `not readable by ${lane.oracle.name}` }
        : { _tag: "Compared", differs: [...differs] },
    request,
    ignored: asked.why === undefined ? [...new Set([...one.used, ...other.used])] : [],
    options: []
  }
}
