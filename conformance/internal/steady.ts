/** Steady, which validates requests against an OpenAPI document, as a process of its own. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { fileURLToPath } from "node:url"

const bin = fileURLToPath(new URL("../node_modules/@stdy/cli/steady.js", import.meta.url))

export interface Steady {
  /** What is wrong with a body at a path of the document; nothing where it is valid. */
  readonly faults: (path: string, body: unknown) => Promise<ReadonlyArray<string>>
  readonly stop: () => void
}

const freePort = async (): Promise<number> => {
  const server = createServer()
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === "string") throw new Error("no free port")
  return address.port
}

/** Starts it on a document, and waits until it has read that. */
export const start = async (document: string): Promise<Steady> => {
  const port = await freePort()
  const words = ["--port", String(port), "--reject-on-sdk-error", "--no-color", document]
  const child = spawn(process.execPath, [bin, ...words], { stdio: ["ignore", "pipe", "inherit"] })
  await new Promise<void>((resolve, reject) => {
    let said = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text
      if (said.includes("Ready to accept")) resolve()
    })
    child.on("error", reject)
    child.on("exit", (code) => reject(new Error(`steady ended with ${code}: ${said}`)))
  })
  return {
    faults: async (path, body) => {
      const { headers } = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: "Bearer sk-synthetic" },
        body: JSON.stringify(body)
      })
      if (headers.get("x-steady-request-valid") === "true") return []
      const count = Math.max(1, Number(headers.get("x-steady-error-count")))
      return Array.from({ length: count }, (_, index) => {
        const [where, what] = ["path", "message"].map((name) => headers.get(`x-steady-error-${index + 1}-${name}`))
        return `${where}: ${what}`
      })
    },
    stop: () => {
      child.kill()
    }
  }
}
