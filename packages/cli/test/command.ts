/** Runs the built command in a process of its own, as a shell would. */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Simulated from "@consortium/simulated/Simulated"
import { afterAll, beforeAll } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"

export const bin = fileURLToPath(new URL("../dist/bin.js", import.meta.url))
export const examples = fileURLToPath(new URL("../../../examples", import.meta.url))
if (!existsSync(bin)) throw new Error("packages/cli is not built: run pnpm --filter @consortium/cli build")

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly stdin?: string
  /** Words for Node before the command's file. */
  readonly node?: ReadonlyArray<string>
  /** Hears what is written while it runs; may send a signal or close the pipe. */
  readonly onOutput?: (child: ReturnType<typeof spawn>, stdout: string, stderr: string) => void
}

/** Only what the test says stands in the environment of models and proxies. */
const bare = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/_(API_KEY|BASE_URL|PROXY)$|^NODE_/i.test(name))
)

export const command = (words: ReadonlyArray<string>, options: Options): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...(options.node ?? []), bin, ...words], {
      cwd: options.cwd,
      env: { ...bare, ...options.env }
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      options.onOutput?.(child, stdout, stderr)
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      options.onOutput?.(child, stdout, stderr)
    })
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
    child.stdin.on("error", () => {})
    child.stdin.end(options.stdin ?? "")
  })

/** A folder for one test, with files of these contents. */
export const folders = () => {
  const made: Array<string> = []
  afterAll(() => {
    for (const path of made) rmSync(path, { recursive: true, force: true })
  })
  return (files: Readonly<Record<string, string | Uint8Array>> = {}): string => {
    const path = mkdtempSync(join(tmpdir(), "consortium-cli-"))
    made.push(path)
    for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content)
    return path
  }
}

/** A server of simulated models that answer at once, under the names of vendors whose address a variable sets. */
export const quickVendor = () => {
  const scope = Scope.makeUnsafe()
  const env: Record<string, string> = {}
  beforeAll(async () => {
    const { url } = await Effect.runPromise(Scope.provide(Simulated.server({ latencyScale: 0 }), scope))
    env.OLLAMA_BASE_URL = url
    env.CUSTOM_BASE_URL = url
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return env
}

/** Two members and a judge of the quick vendor. */
export const quick = ["--member", "ollama/scholar", "--member", "ollama/sloppy", "--judge", "ollama/careful"] as const
