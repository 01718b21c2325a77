import { createServer } from "node:net"
import { layer } from "@consortium/store-postgres/PostgresStore"
import { RunStore } from "@consortium/store/RunStore"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const opened = (url: string, run: string) =>
  Effect.flip(RunStore.use((store) => store.rows.ledger).pipe(Effect.provide(layer({ url: Redacted.make(url), run }))))

/** A port where nobody listens. */
const closedPort = Effect.promise(
  () =>
    new Promise<number>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => {
        const address = server.address()
        server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
      })
    })
)

// With a server: conformance/kills.test.ts.
describe("a database that can't be used", () => {
  it.live("says why, and never its password", () =>
    Effect.gen(function* () {
      const error = yield* opened(`postgres://someone:hush-hush@127.0.0.1:${yield* closedPort}/db`, "poems")
      assert.deepInclude(error, { _tag: "StoreError", why: "unusable" })
      assert.include(error.message, "/db run poems")
      assert.notInclude(JSON.stringify(error), "hush-hush")
      assert.notInclude(error.message, "hush-hush")
    })
  )

  it.live("refuses a name that is no name of a run", () =>
    Effect.gen(function* () {
      const error = yield* opened("postgres://127.0.0.1/db", 'x"; DROP SCHEMA public')
      assert.include(error.message, "1 to 48 letters")
    })
  )
})
