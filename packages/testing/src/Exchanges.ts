/** A recorded-exchange player: a real loopback server that answers from a list, keeps what was asked, and misbehaves on demand. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"

/** A request as the server got it. */
export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Which connection it came on, from 0. */
  readonly connection: number
}

export interface Exchange {
  /** Which requests it answers. @default all */
  readonly when?: (asked: Asked) => boolean
  /** @default 200 */
  readonly status?: number
  /** @default { "content-type": "application/json" } */
  readonly headers?: Readonly<Record<string, string>>
  /** @default an empty body */
  readonly body?: string | Uint8Array
  /** Byte offsets at which the body is cut into pieces that are sent one by one. @default one piece */
  readonly splitAt?: ReadonlyArray<number>
  /** How long the server thinks before its first byte, in milliseconds of the wall clock. @default 0 */
  readonly waitMillis?: number
  /** What happens after the body: `hang` leaves it open, `reset` breaks the connection. `silent` sends not even a status. @default "end" */
  readonly end?: "end" | "hang" | "reset" | "silent"
}

/** The server while its scope is open. */
export interface Player {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly url: string
  /** The requests so far, in the order in which they came. */
  readonly asked: ReadonlyArray<Asked>
  /** Waits until so many requests have come in whole. */
  readonly arrived: (count: number) => Effect.Effect<void>
  /** Waits until the client has hung up on so many answers that were not finished. */
  readonly hungUp: (count: number) => Effect.Effect<void>
}

const read = async (request: IncomingMessage, connection: number): Promise<Asked> => {
  const pieces: Array<Buffer> = []
  for await (const piece of request) pieces.push(Buffer.from(piece))
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: Object.fromEntries(headers),
    body: Buffer.concat(pieces).toString("utf8"),
    connection
  }
}

const piecesOf = (body: string | Uint8Array, splitAt: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const bytes = Buffer.from(body)
  const cuts = [0, ...splitAt, bytes.length]
  return cuts.slice(1).flatMap((end, index) => {
    const piece = bytes.subarray(cuts[index], end)
    return piece.length > 0 ? [piece] : []
  })
}

/** One piece in one packet: waits until it is written, and one turn more for the client to read it. */
const write = async (response: ServerResponse, piece: Uint8Array): Promise<void> => {
  await new Promise<void>((resolve) => response.write(piece, () => resolve()))
  await new Promise<void>((resolve) => setImmediate(resolve))
}

const answer = async (exchange: Exchange, response: ServerResponse): Promise<void> => {
  const end = exchange.end ?? "end"
  if (end === "silent") return
  if (exchange.waitMillis !== undefined) await new Promise((resolve) => setTimeout(resolve, exchange.waitMillis))
  response.socket?.setNoDelay(true)
  const pieces = piecesOf(exchange.body ?? "", exchange.splitAt ?? [])
  response.writeHead(exchange.status ?? 200, exchange.headers ?? { "content-type": "application/json" })
  response.flushHeaders()
  if (exchange.splitAt === undefined && end === "end") {
    response.end(pieces[0])
    return
  }
  for (const piece of pieces) await write(response, piece)
  if (end === "end") response.end()
  else if (end === "reset") response.socket?.resetAndDestroy()
}

/** A count that can be waited for. */
class Tally {
  private count = 0
  private readonly waiting = new Set<() => void>()

  add(): void {
    this.count++
    for (const check of this.waiting) check()
  }

  reached(count: number): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      const check = () => {
        if (this.count < count) return
        this.waiting.delete(check)
        resume(Effect.void)
      }
      this.waiting.add(check)
      check()
      return Effect.sync(() => this.waiting.delete(check))
    })
  }
}

const none: Exchange = {
  status: 599,
  body: JSON.stringify({ error: { message: "the player has no exchange left for this request" } })
}

const open = (exchanges: ReadonlyArray<Exchange>): readonly [Server, Omit<Player, "url">] => {
  const left = [...exchanges]
  const asked: Array<Asked> = []
  const arrivals = new Tally()
  const hangUps = new Tally()
  const connections = new Map<unknown, number>()
  const connectionOf = (request: IncomingMessage) => {
    const known = connections.get(request.socket) ?? connections.size
    connections.set(request.socket, known)
    return known
  }
  const server = createServer(async (request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) hangUps.add()
    })
    response.on("error", () => {})
    const one = await read(request, connectionOf(request)).catch(() => undefined)
    if (one === undefined) return
    asked.push(one)
    const index = left.findIndex((exchange) => exchange.when === undefined || exchange.when(one))
    const exchange = index < 0 ? none : (left.splice(index, 1)[0] ?? none)
    arrivals.add()
    await answer(exchange, response)
  })
  return [server, { asked, arrived: (count) => arrivals.reached(count), hungUp: (count) => hangUps.reached(count) }]
}

/** Serves each exchange once, the first that takes a request first; a request that none takes gets status 599. */
export const serve = (exchanges: ReadonlyArray<Exchange>): Effect.Effect<Player, never, Scope.Scope> =>
  Effect.gen(function* () {
    const [server, player] = open(exchanges)
    yield* Effect.acquireRelease(
      Effect.promise(() => once(server.listen(0, "127.0.0.1"), "listening")),
      () =>
        Effect.callback<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const address = server.address()
    if (address === null || typeof address === "string") return yield* Effect.die(new Error("the player has no port"))
    return { ...player, url: `http://127.0.0.1:${address.port}` }
  })

/** Offsets at every byte of a body, for `splitAt`. */
export const everyByte = (body: string | Uint8Array): ReadonlyArray<number> =>
  Array.from({ length: Math.max(0, Buffer.byteLength(body) - 1) }, (_, index) => index + 1)
