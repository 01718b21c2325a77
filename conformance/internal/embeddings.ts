/** Stands before the simulated embeddings: answers a little later, and notes which batch was asked for when. */
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as wait } from "node:timers/promises"

/** A batch by its request, and by the vectors that answered it. */
export interface Batch {
  readonly asked: string
  readonly vectors: string
}

export interface Embeddings {
  readonly url: string
  /** In the order of arrival. */
  readonly batches: Array<Batch>
  /** Called at each arrival. */
  onBatch: () => void
  readonly stop: () => void
}

const digest = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex")

/** As the store keeps them: float32, little-endian. */
const vectorsIn = (body: string): Uint8Array => {
  const { data }: { readonly data: ReadonlyArray<{ readonly embedding: ReadonlyArray<number> }> } = JSON.parse(body)
  const all = data.flatMap(({ embedding }) => embedding)
  const view = new DataView(new ArrayBuffer(all.length * 4))
  for (const [at, x] of all.entries()) view.setFloat32(at * 4, x, true)
  return new Uint8Array(view.buffer)
}

export const embeddings = (upstream: string, millis: number): Promise<Embeddings> =>
  new Promise((resolve) => {
    const http = createServer(async (request, response) => {
      const chunks: Array<Buffer> = []
      for await (const chunk of request) chunks.push(chunk)
      const body = Buffer.concat(chunks).toString("utf8")
      const answer = await (await fetch(`${upstream}/embeddings`, { method: "POST", body })).text()
      server.batches.push({ asked: digest(body), vectors: digest(vectorsIn(answer)) })
      server.onBatch()
      await wait(millis)
      response.writeHead(200, { "content-type": "application/json" }).end(answer)
    })
    const server = {
      url: "",
      batches: new Array<Batch>(),
      onBatch: () => {},
      stop: () => {
        http.close()
        http.closeAllConnections()
      }
    }
    http.listen(0, "127.0.0.1", () => {
      const address: AddressInfo | string | null = http.address()
      if (address === null || typeof address === "string") throw new Error("no port")
      resolve(Object.assign(server, { url: `http://127.0.0.1:${address.port}/v1` }))
    })
  })
