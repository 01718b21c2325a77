import { record } from "@consortium/core/Receipt"
import { retry } from "@consortium/middleware/Retry"
import { chatDescribed, embedDescribed, traceAttempt, traceCall } from "@consortium/middleware/Trace"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Tracer from "effect/Tracer"
import { inTime, limited, overloaded, request, scripted } from "./Synthetic.js"

/** Keeps the spans that a program makes. */
const traced = <A, E, R>(program: Effect.Effect<A, E, R>) => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return Effect.map(Effect.result(Effect.provideService(program, Tracer.Tracer, tracer)), (result) => ({
    result,
    spans
  }))
}

const attributes = (span: Tracer.NativeSpan | undefined) => Object.fromEntries(span?.attributes ?? [])

describe("trace", () => {
  it.effect("a call is a client span in the conventions' words, its attempts are spans inside", () =>
    Effect.gen(function* () {
      const { model } = scripted([{ fails: limited(2000) }, { after: 500 }])
      const call = traceCall(chatDescribed(model.ref))(retry()(traceAttempt(model.complete)))
      const { spans } = yield* inTime(traced(call({ ...request("a secret"), temperature: 0.5 })))
      assert.deepStrictEqual(
        spans.map((span) => [span.name, span.kind, span.parent._tag === "Some" ? "inside" : "root"]),
        [
          ["chat synthetic-1", "client", "root"],
          ["attempt", "internal", "inside"],
          ["attempt", "internal", "inside"]
        ]
      )
      assert.deepStrictEqual(attributes(spans[0]), {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "synthetic",
        "gen_ai.request.model": "synthetic-1",
        "gen_ai.request.max_tokens": 100,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.response.model": "synthetic-1",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 20,
        "consortium.attempts": 0,
        "consortium.waited_ms": 2000,
        "consortium.cached": false
      })
      assert.deepStrictEqual(attributes(spans[1]), { "error.type": "RateLimited" })
      assert.notInclude(JSON.stringify(spans.map(attributes)), "secret")
    })
  )

  it.effect("a failure has its type, and its receipt goes on to who records outside", () =>
    Effect.gen(function* () {
      const { model } = scripted([{ fails: overloaded }])
      const call = traceCall(chatDescribed(model.ref, { provider: "example.cloud" }))(model.complete)
      const { spans } = yield* traced(record(call)(request()))
      assert.strictEqual(attributes(spans[0])["error.type"], "Overloaded")
      assert.strictEqual(attributes(spans[0])["gen_ai.provider.name"], "example.cloud")
    })
  )

  it.effect("measures durations and tokens", () =>
    Effect.gen(function* () {
      const { model } = scripted([{ after: 500 }])
      yield* inTime(traceCall(chatDescribed("measured/m"))(model.complete)(request()))
      const found = (yield* Metric.snapshot).filter(
        (one) => one.attributes?.["gen_ai.provider.name"] === "measured" && one.type === "Histogram"
      )
      const of = (id: string, type?: string) =>
        found.find((one) => one.id === id && one.attributes?.["gen_ai.token.type"] === type)?.state
      assert.deepInclude(of("gen_ai.client.operation.duration"), { count: 1, sum: 0.5 })
      assert.deepInclude(of("gen_ai.client.token.usage", "input"), { count: 1, sum: 10 })
      assert.deepInclude(of("gen_ai.client.token.usage", "output"), { count: 1, sum: 20 })
    })
  )

  it.effect("describes batches without their texts", () =>
    Effect.gen(function* () {
      const embed = (_: readonly [string, ...ReadonlyArray<string>]) =>
        Effect.succeed({ space: { model: "m-1", dimension: 3 }, data: new Float32Array(6), inputTokens: 7 })
      const { spans } = yield* traced(traceCall(embedDescribed("synthetic/m"))(embed)(["a secret", "b"]))
      assert.deepInclude(attributes(spans[0]), {
        "gen_ai.operation.name": "embeddings",
        "consortium.batch_size": 2,
        "gen_ai.usage.input_tokens": 7
      })
      assert.notInclude(JSON.stringify(attributes(spans[0])), "secret")
    })
  )
})
