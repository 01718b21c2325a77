/** A PostgreSQL server of this suite's own, from the machine's packages; where it can't be had the suite is skipped. */
import { execFileSync, spawn, spawnSync } from "node:child_process"
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"

export interface Postgres {
  readonly url: string
  /** Rows of a query, as JSON has them. */
  readonly rows: (sql: string) => ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly execute: (sql: string) => void
  readonly stop: () => Promise<void>
}

/** `postgres` refuses to run as root, so such a machine's `nobody` runs it. */
const nobody = 65_534
const owner = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}

const debian = "/usr/lib/postgresql"
const installed = (): ReadonlyArray<string> =>
  existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, "bin")) : []

/** Debian's packages, unpacked beside the data: nothing is installed on the machine. */
const unpacked = (folder: string): ReadonlyArray<string> => {
  const packages = join(folder, "packages")
  mkdirSync(packages)
  const found = spawnSync("apt-get", ["download", "postgresql-15", "postgresql-client-15", "libpq5"], { cwd: packages })
  if (found.status !== 0) return []
  for (const file of readdirSync(packages)) spawnSync("dpkg", ["-x", join(packages, file), folder])
  return [join(folder, debian, "15", "bin")]
}

const works = (bin: string) => spawnSync(join(bin, "postgres"), ["--version"]).status === 0

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

/** Starts a server, or says why there is none. */
export const start = async (): Promise<Postgres | undefined> => {
  const folder = mkdtempSync(join(tmpdir(), "consortium-postgres-"))
  const data = join(folder, "data")
  mkdirSync(data, { mode: 0o700 })
  for (const path of [folder, data]) if (owner.uid !== undefined) chownSync(path, owner.uid, owner.gid)
  const bin = installed().find(works) ?? unpacked(folder).find(works)
  const initialised =
    bin !== undefined &&
    spawnSync(join(bin, "initdb"), ["-D", data, "-U", "consortium", "-A", "trust", "-E", "UTF8", "--no-sync"], owner)
  if (bin === undefined || initialised === false || initialised.status !== 0) {
    console.log("skipped: no PostgreSQL on this machine, nor in its package lists")
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
  const port = await freePort()
  const server = spawn(join(bin, "postgres"), ["-D", data, "-k", folder, "-h", "127.0.0.1", "-p", String(port)], {
    ...owner,
    stdio: "ignore"
  })
  const ended = new Promise<void>((resolve) => server.on("close", () => resolve()))
  const at = ["-h", "127.0.0.1", "-p", String(port), "-U", "consortium", "-d", "postgres"]
  for (let tries = 0; spawnSync(join(bin, "pg_isready"), at).status !== 0; tries++) {
    if (tries > 100) throw new Error("the PostgreSQL server does not answer")
    await wait(50)
  }
  const psql = (sql: string) =>
    execFileSync(join(bin, "psql"), [...at, "-qAt", "-c", sql], { encoding: "utf8", maxBuffer: 1e9 })
  return {
    url: `postgres://consortium@127.0.0.1:${port}/postgres`,
    rows: (sql) => {
      const query = `SELECT coalesce(json_agg(row_to_json(t)), '[]') FROM (${sql}) t`
      return JSON.parse(psql(query))
    },
    execute: (sql) => void psql(sql),
    stop: async () => {
      server.kill("SIGINT")
      await ended
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
