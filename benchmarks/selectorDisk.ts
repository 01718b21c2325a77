/**
 * The fence over a float32 file that is not loaded: `node benchmarks/selectorDisk.ts [rows] [dimension] [picks]`, by
 * default 1,000,000 × 1536 and 1,000 picks: a file of 6 GB in the temporary folder, made first and removed at the end. Pools
 * are clustered, as in `selector.ts`. Memory is the process's peak.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { draws, Seed } from "@consortium/core/Seed"
import * as RowFile from "@consortium/embeddings/RowFile"
import * as Fence from "@consortium/selector/Fence"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"

const [rows = 1_000_000, dimension = 1536, picks = 1000] = process.argv.slice(2).map(Number)

/** Rows around 200 centres with a common part; runs of normals are taken from a table, since there are billions. */
const write = (path: string): void => {
  const draw = draws(Seed.make(11), "clustered")
  const normals = new Float32Array(1 << 20).map(
    () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
  )
  const from = (length: number) => Math.floor(draw() * (normals.length - length))
  const centres = Array.from({ length: 200 }, () => from(dimension))
  const common = from(dimension)
  const block = new Float32Array(Math.min(rows, 2000) * dimension)
  const file = openSync(path, "w")
  for (let row = 0; row < rows; row += 2000) {
    const count = Math.min(2000, rows - row)
    for (let k = 0; k < count; k++) {
      const centre = centres[Math.floor(draw() * 200)] as number
      for (let j = 0, own = 0; j < dimension; j++) {
        if (j % 64 === 0) own = from(64)
        block[k * dimension + j] =
          0.55 * (normals[common + j] as number) +
          0.6 * (normals[centre + j] as number) +
          0.55 * (normals[own + (j % 64)] as number)
      }
    }
    writeSync(file, new Uint8Array(block.buffer, 0, count * dimension * 4))
  }
  closeSync(file)
}

const folder = mkdtempSync(join(tmpdir(), "consortium-"))
const path = join(folder, "vectors.f32")
try {
  write(path)
  const before = process.memoryUsage.rss()
  const started = performance.now()
  const cpu = process.cpuUsage()
  const chosen = await Effect.gen(function* () {
    const rows = yield* RowFile.open({ path, dimension })
    return yield* Fence.choose(rows, { stop: { targetSize: picks }, guard: "off" })
  }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer), Effect.runPromise)
  const { system, user } = process.cpuUsage(cpu)
  const mega = 2 ** 20
  console.log(
    `${chosen.picks.length} of ${rows} × ${dimension} from a file of ${((rows * dimension * 4) / 1e9).toFixed(1)} GB: ` +
      `${((performance.now() - started) / 1000).toFixed(1)} s, CPU ${((system + user) / 1e6).toFixed(1)} s; ` +
      `peak ${((process.resourceUsage().maxRSS * 1024 - before) / mega).toFixed(0)} MB above what it began with, int8 rows ${((rows * dimension) / mega).toFixed(0)}`
  )
} finally {
  rmSync(folder, { recursive: true })
}
