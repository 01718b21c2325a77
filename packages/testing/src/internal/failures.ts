/** The failures that every client of a vendor has to tell apart, whatever it asks for. */
import type { ModelError, Reason } from "@consortium/core/ModelError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { ok, strictEqual } from "node:assert/strict"
import { inspect } from "node:util"
import { type Exchange, type Player, serve } from "../Exchanges.js"

/** One promise of a contract. It dies with an assertion error where the promise is broken. */
export interface Case<out R> {
  readonly name: string
  readonly run: Effect.Effect<void, unknown, R | Scope.Scope>
}

/** Where a subject finds its vendor. */
export interface Address {
  readonly url: string
  readonly apiKey: Redacted.Redacted<string>
}

/** Anything that calls the vendor once. */
export type Ask<R> = (at: Address) => Effect.Effect<unknown, unknown, R | Scope.Scope>

/** How the wire spells an error body. */
export type SpellError = (message: string, code?: string) => string

/** A synthetic key. */
export const secret = "sk-synthetic-0123456789abcdefghijklmnop"

export const at = (player: Player): Address => ({ url: player.url, apiKey: Redacted.make(secret) })

const statuses: ReadonlyArray<readonly [number, Reason["_tag"], retryable: boolean]> = [
  [400, "InvalidRequest", false],
  [401, "Authentication", false],
  [402, "QuotaExhausted", false],
  [403, "Permission", false],
  [404, "NotFound", false],
  [408, "TimedOut", true],
  [409, "Overloaded", true],
  [413, "ContextOverflow", false],
  [422, "InvalidRequest", false],
  [425, "Overloaded", true],
  [429, "RateLimited", true],
  [500, "ServerError", true],
  [502, "ServerError", true],
  [503, "Overloaded", true],
  [504, "TimedOut", true],
  [529, "Overloaded", true]
]

const isModelError = (error: unknown): error is ModelError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "ModelError"

/** The `ModelError` that a call fails with; any other end is a broken promise. */
export const failure = <A, R>(call: Effect.Effect<A, unknown, R>): Effect.Effect<ModelError, never, R> =>
  Effect.flatMap(Effect.exit(call), (exit) => {
    if (exit._tag === "Failure") {
      for (const reason of exit.cause.reasons) {
        if (reason._tag === "Fail" && isModelError(reason.error)) return Effect.succeed(reason.error)
      }
    }
    return Effect.die(new Error(`expected a ModelError, got ${inspect(exit, { depth: 6 })}`))
  })

/** Everything that could be printed or stored of an error. */
const everything = (error: ModelError): string =>
  [
    error.message,
    String(error),
    JSON.stringify(error),
    inspect(error, { depth: 10, showHidden: true }),
    error.stack ?? ""
  ].join("\n")

const failing = <R>(name: string, exchange: Exchange, ask: Ask<R>, check: (error: ModelError) => void): Case<R> => ({
  name,
  run: Effect.gen(function* () {
    const player = yield* serve([exchange])
    const error = yield* failure(ask(at(player)))
    yield* Effect.sync(() => check(error))
  })
})

const statusCases = <R>(ask: Ask<R>, spell: SpellError): ReadonlyArray<Case<R>> =>
  statuses.map(([status, reason, retryable]) =>
    failing(`status ${status} is ${reason}`, { status, body: spell("synthetic words of the vendor") }, ask, (error) => {
      strictEqual(error.reason._tag, reason)
      strictEqual(error.status, status)
      strictEqual(error.isRetryable, retryable)
      ok(error.detail.includes("synthetic words of the vendor"), "the vendor's words are kept")
    })
  )

const retryAfterCases = <R>(ask: Ask<R>, spell: SpellError): ReadonlyArray<Case<R>> => {
  const wait = (name: string, status: number, headers: Readonly<Record<string, string>>, millis: number | undefined) =>
    failing(name, { status, headers, body: spell("slow down") }, ask, (error) =>
      strictEqual(error.retryAfter === undefined ? undefined : Duration.toMillis(error.retryAfter), millis)
    )
  return [
    wait("retry-after in seconds", 429, { "retry-after": "7" }, 7000),
    wait("retry-after-ms before retry-after", 429, { "retry-after": "7", "retry-after-ms": "1500" }, 1500),
    wait("retry-after of a 503", 503, { "retry-after": "2" }, 2000),
    wait("a negative retry-after is ignored", 429, { "retry-after": "-1" }, undefined),
    wait("a retry-after of no sense is ignored", 429, { "retry-after": "soon" }, undefined),
    wait("retry-after where nothing is retried is ignored", 400, { "retry-after": "7" }, undefined),
    {
      name: "retry-after as a date, by Clock",
      run: Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const date = new Date(Math.floor(now / 1000) * 1000 + 60_000).toUTCString()
        const player = yield* serve([{ status: 429, headers: { "retry-after": date }, body: spell("slow down") }])
        const error = yield* failure(ask(at(player)))
        const millis = error.retryAfter === undefined ? Number.NaN : Duration.toMillis(error.retryAfter)
        ok(millis > 30_000 && millis <= 60_000, `${millis} ms is the minute that the date is away`)
      })
    }
  ]
}

const codeCases = <R>(ask: Ask<R>, spell: SpellError): ReadonlyArray<Case<R>> => [
  failing("an error in a 200 is a failure", { body: spell("synthetic trouble") }, ask, (error) => {
    strictEqual(error.reason._tag, "ServerError")
    ok(error.detail.includes("synthetic trouble"))
  }),
  failing(
    "a page instead of JSON is MalformedOutput",
    { headers: { "content-type": "text/html" }, body: "<p>hello" },
    ask,
    (error) => strictEqual(error.reason._tag, "MalformedOutput")
  ),
  failing("an empty body is MalformedOutput", { body: "" }, ask, (error) =>
    strictEqual(error.reason._tag, "MalformedOutput")
  ),
  failing(
    "a page of a gateway is judged by its status",
    { status: 502, body: "<html><title>Bad gateway</title>" },
    ask,
    (error) => {
      strictEqual(error.reason._tag, "ServerError")
      strictEqual(error.detail, "Bad gateway")
    }
  )
]

const secrecyCases = <R>(ask: Ask<R>, spell: SpellError): ReadonlyArray<Case<R>> =>
  [
    {
      name: "in an error's words",
      status: 401,
      body: spell(`Incorrect API key provided: ${secret}. Bearer ${secret}`)
    },
    { name: "in a body that is no JSON", status: 200, body: `${"x".repeat(490)}${secret}` },
    { name: "half masked by the vendor", status: 400, body: spell("bad key sk-synthetic-0123********mnop") }
  ].map(({ body, name, status }) =>
    failing(`the key is not shown: ${name}`, { status, body }, ask, (error) => {
      const shown = everything(error)
      ok(!shown.includes(secret) && !shown.includes(secret.slice(0, 16)) && !shown.includes("mnop"), shown)
    })
  )

const networkCases = <R>(ask: Ask<R>, spell: SpellError): ReadonlyArray<Case<R>> => [
  failing("a connection that breaks before the answer is Network", { end: "reset" }, ask, (error) => {
    strictEqual(error.reason._tag, "Network")
    ok(error.isRetryable)
  }),
  failing("a body that breaks off is Network", { body: spell("half").slice(0, 8), end: "reset" }, ask, (error) =>
    strictEqual(error.reason._tag, "Network")
  ),
  {
    name: "nobody listening is Network",
    run: Effect.gen(function* () {
      const gone = yield* Effect.scoped(serve([]))
      const error = yield* failure(ask(at(gone)))
      strictEqual(error.reason._tag, "Network")
    })
  },
  ...(["silent", "hang"] as const).map(
    (end): Case<R> => ({
      name: `interruption closes the socket: ${end === "silent" ? "before the first byte" : "in the body"}`,
      run: Effect.gen(function* () {
        const player = yield* serve([{ body: spell("half").slice(0, 8), end }])
        const fiber = yield* Effect.forkChild(ask(at(player)))
        yield* player.arrived(1)
        yield* Fiber.interrupt(fiber)
        yield* player.hungUp(1)
      })
    })
  )
]

/** All of them, for one way of asking. */
export const failureCases = <R>(ask: Ask<R>, spell: SpellError): ReadonlyArray<Case<R>> => [
  ...statusCases(ask, spell),
  ...retryAfterCases(ask, spell),
  ...codeCases(ask, spell),
  ...secrecyCases(ask, spell),
  ...networkCases(ask, spell)
]
