import type { SseEvent } from "@consortium/wire/Endpoint"
import * as Framing from "@consortium/wire/Framing"
import { EventStreamCodec } from "@smithy/eventstream-codec"
import { assert, describe, it } from "@effect/vitest"
import * as EventStream from "../src/EventStream.js"

const codec = new EventStreamCodec(
  (input) => (typeof input === "string" ? input : new TextDecoder().decode(input)),
  (input) => new TextEncoder().encode(input)
)
type Headers = Readonly<Record<string, string>>
const frame = (headers: Headers, body: string | Uint8Array): Uint8Array =>
  codec.encode({
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, { type: "string" as const, value }])
    ),
    body: typeof body === "string" ? new TextEncoder().encode(body) : body
  })
const event = (type: string, json: unknown) =>
  frame({ ":event-type": type, ":content-type": "application/json", ":message-type": "event" }, JSON.stringify(json))
const chunk = (json: unknown) =>
  event("chunk", { bytes: Buffer.from(JSON.stringify(json)).toString("base64"), p: "abc" })

/** What a reader says of a body that comes in these pieces. */
const read = (framing: Framing.Framing, pieces: ReadonlyArray<Uint8Array>, maxBytes = 65_536) => {
  const reader = framing(maxBytes)
  const items: Array<SseEvent> = []
  for (const piece of pieces) {
    const step = reader.read([piece])
    items.push(...step.items)
    if (step.fault !== undefined) return { items, fault: step.fault }
  }
  const { fault, items: rest } = reader.end()
  return { items: [...items, ...rest], fault }
}
const joined = (frames: ReadonlyArray<Uint8Array>) => new Uint8Array(Buffer.concat(frames))

const said = [
  { event: "messageStart", json: { role: "assistant" } },
  { event: "contentBlockDelta", json: { contentBlockIndex: 0, delta: { text: "Blau – 蓝 🦉" } } },
  { event: "metadata", json: { usage: { inputTokens: 1 } } }
]
const body = joined(said.map((one) => event(one.event, one.json)))

describe("frames", () => {
  it("are events, wherever the body is cut", () => {
    assert.deepStrictEqual(read(EventStream.events, [body]), { items: said, fault: undefined })
    for (let at = 0; at <= body.length; at++)
      assert.deepStrictEqual(read(EventStream.events, [body.subarray(0, at), body.subarray(at)]).items, said)
    assert.deepStrictEqual(
      read(
        EventStream.events,
        [...body].map((byte) => Uint8Array.of(byte))
      ),
      { items: said, fault: undefined }
    )
  })

  it("read what the codec writes, also of an empty payload and of headers of every type", () => {
    const bytes = codec.encode({
      headers: {
        ":event-type": { type: "string", value: "odd" },
        ":message-type": { type: "string", value: "event" },
        on: { type: "boolean", value: true },
        small: { type: "byte", value: -3 },
        when: { type: "timestamp", value: new Date(0) },
        who: { type: "uuid", value: "00000000-0000-4000-8000-000000000000" },
        raw: { type: "binary", value: Uint8Array.of(1, 2) }
      },
      body: new TextEncoder().encode("{}")
    })
    assert.deepStrictEqual(read(EventStream.events, [bytes]).items, [{ event: "odd", json: {} }])
  })

  it("with one wrong byte anywhere are a typed fault, and what came before is handed on", () => {
    const [first = new Uint8Array(), ...rest] = said.map((one) => event(one.event, one.json))
    const second = joined(rest)
    for (let at = 0; at < second.length; at++) {
      const broken = Uint8Array.from(second)
      broken[at] = (broken[at] ?? 0) ^ 0x40
      const { fault, items } = read(EventStream.events, [joined([first, broken])])
      assert.instanceOf(fault, Framing.Malformed, `byte ${at}`)
      assert.deepStrictEqual(items[0], said[0])
    }
  })

  it("that end too early, are too large or too small are faults", () => {
    for (let at = 1; at < body.length; at++) {
      const { fault, items } = read(EventStream.events, [body.subarray(0, at)])
      const isWhole =
        items.length > 0 && joined(said.slice(0, items.length).map((one) => event(one.event, one.json))).length === at
      assert.strictEqual(fault?._tag, isWhole ? undefined : "Malformed", `cut at ${at}`)
    }
    assert.strictEqual(read(EventStream.events, [body], 64).fault?._tag, "Malformed")
    assert.strictEqual(read(EventStream.events, [new Uint8Array(32)]).fault?._tag, "Malformed")
    assert.strictEqual(read(EventStream.events, [frame({ ":message-type": "event" }, "{")]).fault?._tag, "Malformed")
  })

  it("state exceptions, with their name and words", () => {
    const thrown = frame(
      { ":message-type": "exception", ":exception-type": "throttlingException", ":content-type": "application/json" },
      JSON.stringify({ message: "Too many tokens" })
    )
    const failed = frame(
      { ":message-type": "error", ":error-code": "InternalFailure", ":error-message": "it broke" },
      new Uint8Array()
    )
    const faultOf = (bytes: Uint8Array) => {
      const { fault } = read(EventStream.events, [bytes])
      return fault instanceof Framing.Stated ? fault.json : fault
    }
    assert.deepStrictEqual(faultOf(thrown), { message: "Too many tokens", __type: "throttlingException" })
    assert.deepStrictEqual(faultOf(failed), { message: "it broke", __type: "InternalFailure" })
  })

  it("carry another wire's events in chunks", () => {
    const inner = [{ type: "message_start" }, { type: "content_block_delta", delta: { text: "蓝" } }]
    const all = joined([...inner.map(chunk), event("chunk", { bytes: "" })])
    assert.deepStrictEqual(
      read(EventStream.chunks, [all]).items,
      inner.map((json) => ({ event: "chunk", json }))
    )
    const error = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
    assert.strictEqual(read(EventStream.chunks, [chunk(error)]).fault?._tag, "Stated")
    for (const wrong of [{}, { bytes: "%" }, { bytes: "AA==" }, { bytes: 1 }])
      assert.strictEqual(read(EventStream.chunks, [event("chunk", wrong)]).fault?._tag, "Malformed")
  })
})
