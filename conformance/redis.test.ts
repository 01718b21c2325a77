/** A limit that several processes share through a real Redis, unpacked from Debian's packages; skipped where there is none. */
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { makeSharedRateLimiter } from "@consortium/middleware/SharedRateLimit"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Persistent from "effect/persistence/RateLimiter"
import * as Redis from "effect/persistence/Redis"
import { createClient } from "redis"
import { expect, it } from "vitest"

const packages = ["redis-server", "redis-tools", "libjemalloc2", "liblua5.1-0", "liblzf1", "libatomic1"]

/** The machine's own, or Debian's packages beside the data: nothing is installed. */
const programs = (folder: string) => {
  const env = { ...process.env, LD_LIBRARY_PATH: join(folder, "usr/lib/x86_64-linux-gnu") }
  const works = (bin: string) => spawnSync(bin, ["--version"], { env }).status === 0
  if (works("redis-server")) return { bin: "redis-server", env }
  spawnSync("apt-get", ["download", ...packages], { cwd: folder })
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".deb")))
    spawnSync("dpkg", ["-x", join(folder, file), folder])
  const bin = join(folder, "usr/bin/redis-server")
  return existsSync(bin) && works(bin) ? { bin, env } : undefined
}

/** A client of its own, as another process would have. */
const clientAt = (path: string) =>
  Layer.effect(
    Redis.Redis,
    Effect.gen(function* () {
      const client = yield* Effect.acquireRelease(
        Effect.promise(() => createClient({ socket: { path, tls: false } }).connect()),
        (open) => Effect.promise(() => open.close())
      )
      const send = <A>(command: string, ...args: ReadonlyArray<string>) =>
        Effect.tryPromise({
          try: () => client.sendCommand<A>([command, ...args]),
          catch: (cause) => new Redis.RedisError({ cause })
        })
      return yield* Redis.make({
        send,
        subscribe: () => Effect.die(new Error("nobody listens here")),
        connect: Effect.succeed({ send, close: Effect.void })
      })
    })
  )

it("two processes that share a Redis together take no more than one may", async (test) => {
  const folder = mkdtempSync(join(tmpdir(), "consortium-redis-"))
  const found = programs(folder)
  if (found === undefined) {
    console.log("skipped: no Redis on this machine, nor in its package lists")
    rmSync(folder, { recursive: true, force: true })
    return test.skip()
  }
  const path = join(folder, "socket")
  const server = spawn(found.bin, ["--port", "0", "--unixsocket", path, "--save", "", "--dir", folder], {
    env: found.env,
    stdio: "ignore"
  })
  const ended = new Promise<void>((resolve) => server.on("close", () => resolve()))
  try {
    while (!existsSync(path)) await wait(20)
    const perSecond = 10
    const limits = { key: "vendor", requestsPerMinute: perSecond * 60, burst: "1 seconds" } as const
    const times: Array<number> = []
    const started = performance.now()
    const worker = Effect.gen(function* () {
      const limiter = makeSharedRateLimiter(yield* Persistent.make, limits)
      const one = Effect.tap(limiter.enter(0), () => Effect.sync(() => times.push(performance.now() - started)))
      yield* Effect.all(Array<typeof one>(15).fill(one), { concurrency: "unbounded" })
    }).pipe(Effect.provide(Persistent.layerStoreRedis().pipe(Layer.provide(clientAt(path)))))
    await Effect.runPromise(Effect.all([worker, worker], { concurrency: 2, discard: true }))
    expect(times.length).toBe(30)
    // The law holds however slow the machine is: a full bucket, and its refill since.
    times.forEach((at, index) => expect(index + 1).toBeLessThanOrEqual(perSecond + (perSecond * at) / 1000 + 1))
    console.log(
      `  two clients, 30 calls at ${perSecond} a second: ${((times.at(-1) ?? 0) / 1000).toFixed(1)} s, ideal 2.0`
    )
  } finally {
    server.kill("SIGTERM")
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
})
