/** Cases beside each other, against the static server: CPU each, and beside the first of them. */
import { fileURLToPath } from "node:url"
import { measure, median, serveFile } from "./process.ts"

export interface Comparison {
  /** What each case is, by its name. */
  readonly labels: Readonly<Record<string, string>>
  readonly names: ReadonlyArray<string>
  /** The case that is 1. */
  readonly base: string
  /** The file of the cases. */
  readonly file: URL
  readonly calls: string
  readonly rounds: number
  /** How many things one call is made of. */
  readonly of: number
}

interface Measured {
  readonly calls: number
  readonly cpuMicros: number
}

export const compare = async ({ base, calls, file, labels, names, of, rounds }: Comparison): Promise<void> => {
  const micros = new Map<string, Array<number>>(names.map((name) => [name, []]))
  const server = await serveFile(fileURLToPath(new URL("staticServer.ts", import.meta.url)))
  try {
    for (let round = 0; round < rounds; round++) {
      for (const name of names) {
        const measured = measure<Measured>(fileURLToPath(file), name, server.url, calls)
        micros.get(name)?.push(measured.cpuMicros / measured.calls / of)
      }
    }
  } finally {
    server.stop()
  }
  const value = (name: string) => median(micros.get(name) ?? [Number.NaN])
  console.log(`CPU µs per ${of === 1 ? "call" : "chunk"}, median of ${rounds} rounds of ${calls} calls, 64 in flight`)
  for (const name of names) {
    const times = (value(name) / value(base)).toFixed(2)
    console.log(
      `${(labels[name] ?? name).padEnd(42)}${value(name).toFixed(1).padStart(8)}${times.padStart(8)} × ${base}`
    )
  }
}
