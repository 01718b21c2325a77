/** A loopback server that plays answers byte for byte, cut at drawn places, and keeps what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { once } from "node:events"
import { draws, Seed } from "@consortium/core/Seed"
import type { Answer } from "./recordings.js"

const seed = Seed.make(20_261_124)
/** The most pieces that an answer comes in. */
const maxPieces = 24

export interface Player {
  /** The address that plays this answer to every request; `words` say how it is cut. */
  readonly play: (answer: Answer, ...words: ReadonlyArray<string | number>) => Played
  readonly stop: () => Promise<void>
}

export interface Played {
  readonly url: string
  /** The body of the last request. */
  readonly asked: () => unknown
  /** The address of the last request, below that of the answer. */
  readonly path: () => string
}

interface Stand {
  readonly answer: Answer
  readonly cuts: ReadonlyArray<number>
  asked: unknown
  path: string
}

/** Some offsets between any two bytes, in the middle of characters too. */
const cutsOf = ({ bytes }: Answer, words: ReadonlyArray<string | number>): ReadonlyArray<number> => {
  const draw = draws(seed, ...words)
  const pieces = Math.min(bytes.length, 1 + Math.floor(draw() * maxPieces))
  const cuts = Array.from({ length: Math.max(0, pieces - 1) }, () => Math.floor(draw() * bytes.length))
  return [...new Set(cuts)].sort((a, b) => a - b)
}

const read = async (request: IncomingMessage): Promise<unknown> => {
  const pieces: Array<Buffer> = []
  for await (const piece of request) pieces.push(Buffer.from(piece))
  const said = Buffer.concat(pieces).toString("utf8")
  return said === "" ? undefined : JSON.parse(said)
}

/** Waits until a piece is written, and one turn more for the client to read it alone. */
const write = async (response: ServerResponse, piece: Uint8Array): Promise<void> => {
  await new Promise<void>((resolve) => response.write(piece, () => resolve()))
  await new Promise<void>((resolve) => setImmediate(resolve))
}

const send = async ({ answer, cuts }: Stand, response: ServerResponse): Promise<void> => {
  response.socket?.setNoDelay(true)
  response.writeHead(answer.status, answer.headers)
  const places = [0, ...cuts, answer.bytes.length]
  for (const [at, end] of places.slice(1).entries()) {
    const piece = answer.bytes.subarray(places[at], end)
    if (piece.length > 0) await write(response, piece)
  }
  response.end()
}

/** Starts the server; each answer has a path of its own. */
export const start = async (): Promise<Player> => {
  const stands: Array<Stand> = []
  const server = createServer(async (request, response) => {
    const stand = stands[Number(/^\/(\d+)\//.exec(request.url ?? "")?.[1])]
    if (stand === undefined) {
      response.writeHead(599).end()
      return
    }
    stand.path = (request.url ?? "").replace(/^\/\d+/, "")
    stand.asked = await read(request)
    await send(stand, response)
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the player has no port")
  return {
    play: (answer, ...words) => {
      const stand: Stand = { answer, cuts: cutsOf(answer, words), asked: undefined, path: "" }
      const place = stands.push(stand) - 1
      return { url: `http://127.0.0.1:${address.port}/${place}`, asked: () => stand.asked, path: () => stand.path }
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}
