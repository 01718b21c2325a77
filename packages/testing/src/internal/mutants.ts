/** Broken bodies made of a good one: seeded, so that a mutant that was found once is found again. */
import { draws, type Seed } from "@consortium/core/Seed"

/** A broken body, and how it was broken. */
export interface Mutant {
  readonly name: string
  readonly body: Uint8Array
}

/** The ways to break a body. */
export const kinds = ["truncated", "bytes", "types", "shapes", "repeats", "noise"] as const
export type Kind = (typeof kinds)[number]

type Draw = () => number
type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

const below = (draw: Draw, limit: number) => Math.floor(draw() * limit)
const pick = <A>(draw: Draw, items: readonly [A, ...ReadonlyArray<A>]): A =>
  items[below(draw, items.length)] ?? items[0]

const truncated = (bytes: Uint8Array, draw: Draw): Uint8Array => bytes.subarray(0, below(draw, bytes.length))

/** Overwrites, drops or doubles some bytes, wherever they stand: in text, in framing, in the middle of a letter. */
const bytesBroken = (bytes: Uint8Array, draw: Draw): Uint8Array => {
  const out = [...bytes]
  for (let times = 1 + below(draw, 8); times > 0; times--) {
    const place = below(draw, out.length)
    const way = below(draw, 3)
    if (way === 0) out[place] = below(draw, 256)
    else if (way === 1) out.splice(place, 1 + below(draw, 4))
    else out.splice(place, 0, ...out.slice(place, place + 1 + below(draw, 16)))
  }
  return Uint8Array.from(out)
}

const noise = (draw: Draw): Uint8Array => Uint8Array.from({ length: below(draw, 2000) }, () => below(draw, 256))

/** What stands in a place where something of another type is meant. */
const others: readonly [Json, ...ReadonlyArray<Json>] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  "",
  "text",
  "\ud800",
  [],
  [null],
  ["text"],
  [[]],
  {},
  { a: null },
  { error: {} },
  { __proto__x: 1, constructor: "x", toString: null, length: -1 }
]

const placesOf = (json: Json): number =>
  typeof json === "object" && json !== null
    ? Object.values(json).reduce<number>((sum, inner) => sum + placesOf(inner), 1)
    : 1

/** The value with what stands at one place, counted in the order of reading, changed. */
const changed = (json: Json, place: { left: number }, change: (json: Json) => Json): Json => {
  if (place.left-- === 0) return change(json)
  if (typeof json !== "object" || json === null) return json
  if (Array.isArray(json)) return json.map((inner: Json) => changed(inner, place, change))
  return Object.fromEntries(Object.entries(json).map(([key, inner]) => [key, changed(inner, place, change)]))
}

const changedAnywhere = (json: Json, draw: Draw, change: (json: Json) => Json) =>
  changed(json, { left: below(draw, placesOf(json)) }, change)

/** Doubles or turns an array, drops or renames a field, or wraps a value. */
const reshaped =
  (draw: Draw) =>
  (json: Json): Json => {
    if (Array.isArray(json)) return pick(draw, [[...json, ...json], [...json].reverse(), json.slice(1), { 0: json }])
    if (typeof json === "object" && json !== null) {
      const entries = Object.entries(json)
      const place = below(draw, Math.max(1, entries.length))
      const [key = "a", value = null] = entries[place] ?? []
      const rest = entries.filter((_, index) => index !== place)
      return pick<Json>(draw, [Object.fromEntries(rest), Object.fromEntries([...rest, [`${key}x`, value]]), [json]])
    }
    return pick<Json>(draw, [[json], { value: json }, `${json}`])
  }

const parsed = (text: string): Json | undefined => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Changes some of the JSON texts of a body: the whole of it, or of its lines, which may begin with `data:`. */
const changedJson = (body: string, draw: Draw, change: (json: Json) => Json): string => {
  const whole = parsed(body)
  if (whole !== undefined) return JSON.stringify(changedAnywhere(whole, draw, change))
  const lines = body.split("\n")
  const holders = lines.flatMap((line, index) => {
    const start = line.search(/[[{]/)
    const json = start < 0 ? undefined : parsed(line.slice(start))
    return json === undefined ? [] : [{ index, json, lead: line.slice(0, start) }]
  })
  for (let times = 1 + below(draw, 2); times > 0 && holders.length > 0; times--) {
    const holder = holders[below(draw, holders.length)]
    if (holder !== undefined)
      lines[holder.index] = holder.lead + JSON.stringify(changedAnywhere(holder.json, draw, change))
  }
  return lines.join("\n")
}

/** So deep that what walks a value by recursion runs out of stack. */
const depth = 20_000

/** A value of a field, nested far beyond reason: written as text, since `JSON.stringify` itself would overflow. */
const nested = (body: string, draw: Draw): string => {
  const deep = pick(draw, ["[".repeat(depth) + "]".repeat(depth), '{"a":'.repeat(depth) + "1" + "}".repeat(depth)])
  const marked = changedJson(body, draw, () => "\u0001deep\u0001")
  return marked.replaceAll(JSON.stringify("\u0001deep\u0001"), deep)
}

/** Far more of one thing than anybody sends: what is slow by the square of it shows. */
const times = 20_000

const longer = (json: Json): Json =>
  Array.isArray(json) && json.length > 0
    ? Array.from({ length: times }, (_, index) => json[index % json.length])
    : typeof json === "string"
      ? json.repeat(times)
      : json

/** Repeats the elements of an array or the text of a field, or an event of a stream. */
const repeated = (body: string, draw: Draw): string => {
  const events = body.split("\n\n")
  if (events.length < 3 || draw() < 0.5) return changedJson(body, draw, longer)
  const place = below(draw, events.length - 1)
  const event = `${events[place]}\n\n`
  return [...events.slice(0, place), event.repeat(times / 4) + events.slice(place).join("\n\n")].join("\n\n")
}

const make: Readonly<Record<Kind, (body: string | Uint8Array, draw: Draw, index: number) => string | Uint8Array>> = {
  truncated: (body, draw) => truncated(Buffer.from(body), draw),
  bytes: (body, draw) => bytesBroken(Buffer.from(body), draw),
  types: (body, draw, index) => {
    const text = Buffer.from(body).toString("utf8")
    return index % 16 === 0 ? nested(text, draw) : changedJson(text, draw, () => pick(draw, others))
  },
  shapes: (body, draw) => changedJson(Buffer.from(body).toString("utf8"), draw, reshaped(draw)),
  repeats: (body, draw) => repeated(Buffer.from(body).toString("utf8"), draw),
  noise: (_, draw) => noise(draw)
}

/** So many mutants of a body of one kind; the same for the same seed. */
export const mutants = (body: string | Uint8Array, kind: Kind, seed: Seed, count: number): ReadonlyArray<Mutant> =>
  Array.from({ length: count }, (_, index) => ({
    name: `${kind} ${index}`,
    body: Buffer.from(make[kind](body, draws(seed, kind, index), index))
  }))
