/** Where suites find recorded data and put what they make. */
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"

const beside = fileURLToPath(new URL("../../../shared", import.meta.url))

/** A file of the shared data, which is no part of this repository; says so where it is missing. */
export const sharedFile = (name: string): string | undefined => {
  const file = join(process.env.CONSORTIUM_SHARED ?? beside, name)
  if (existsSync(file)) return file
  console.log(`skipped: no ${name} in CONSORTIUM_SHARED, nor in a folder shared beside the checkout`)
  return undefined
}

/** Empty folders, which are gone when the suite ends. */
export const folders = (): (() => string) => {
  const made: Array<string> = []
  afterAll(() => {
    for (const path of made) rmSync(path, { recursive: true, force: true })
  })
  return () => {
    const path = mkdtempSync(join(tmpdir(), "consortium-conformance-"))
    made.push(path)
    return path
  }
}
