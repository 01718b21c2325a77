/**
 * The folder of one embedder's vectors: segments, each appended to by one process only, so that none waits for another.
 * What is whole in any of them is read; the rest is as if it were not there. Reads and writes are synchronous: a row is
 * some microseconds in the page cache, where a turn through the thread pool is ten times that.
 */
import { randomUUID } from "node:crypto"
import * as fs from "node:fs"
import { join } from "node:path"
import { crc32 } from "node:zlib"
import { type Space, spaceKey } from "@consortium/core/EmbeddingMatrix"
import { bytesOf, encode, type Frame, frameAt, type Read } from "./frames.js"
import { Slots } from "./slots.js"

interface Segment {
  readonly descriptor: number
  readonly read: Read
  /** How far it was whole. */
  end: number
}

const ending = ".segment"
/** From so many segments on, those that nobody has written to for a day are made one. */
const merging = { segments: 64, idleMillis: 86_400_000 } as const
/** Other processes' new rows are looked for at most so often, in milliseconds. */
const glance = 1000

const reader =
  (descriptor: number): Read =>
  (into, position) => {
    let done = 0
    while (done < into.length) {
      const got = fs.readSync(descriptor, into, done, into.length - done, position + done)
      if (got === 0) break
      done += got
    }
    return done
  }

const writeAll = (descriptor: number, bytes: Uint8Array): void => {
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(descriptor, bytes, done, bytes.length - done)
}

/** By age, as their names begin. */
const segmentsIn = (folder: string) =>
  fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()

const nameAt = (millis: number) => `${millis.toString(36).padStart(9, "0")}-${randomUUID()}`

/** Whole frames of idle segments to one segment, which is there before they go. */
const merge = (folder: string, now: number): void => {
  const idle = segmentsIn(folder).filter((name) => now - fs.statSync(join(folder, name)).mtimeMs > merging.idleMillis)
  if (idle.length < merging.segments) return
  // As old as its youngest part could be: what is written since stands before it.
  const to = join(folder, nameAt(now - merging.idleMillis))
  const descriptor = fs.openSync(`${to}.partial`, "wx")
  for (const name of idle) {
    const from = fs.openSync(join(folder, name), "r")
    const read = reader(from)
    const size = fs.fstatSync(from).size
    for (let frame = frameAt(read, size, 0), at = 0; frame !== undefined; frame = frameAt(read, size, at)) {
      const bytes = new Uint8Array(frame.end - at)
      read(bytes, at)
      writeAll(descriptor, bytes)
      at = frame.end
    }
    fs.closeSync(from)
  }
  fs.fsyncSync(descriptor)
  fs.closeSync(descriptor)
  fs.renameSync(`${to}.partial`, `${to}${ending}`)
  for (const name of idle) fs.rmSync(join(folder, name), { force: true })
}

/** Throws what the file system says; the one who opens it says so in words. */
export class Segments {
  readonly #folder: string
  readonly #now: () => number
  readonly #segments: Array<Segment> = []
  readonly #known = new Map<string, number>()
  readonly #slots = new Slots()
  readonly #spaces: Array<Space> = []
  readonly #spaceNumbers = new Map<string, number>()
  #own: number | undefined
  #looked = 0

  constructor(folder: string, now: () => number) {
    this.#folder = folder
    this.#now = now
    fs.mkdirSync(folder, { recursive: true })
    merge(folder, now())
    this.#look()
  }

  get rows(): number {
    return this.#slots.size
  }

  has(key: string): boolean {
    return this.#slots.has(key)
  }

  /** What other processes have added meanwhile. */
  refresh(): void {
    if (this.#now() - this.#looked >= glance) this.#look()
  }

  /** The space that a row is of. */
  spaceOf(key: string): Space | undefined {
    const slot = this.#slots.find(key)
    return slot === undefined ? undefined : this.#spaces[this.#slots.space(slot)]
  }

  /** Not believed any more. */
  forget(key: string): void {
    this.#slots.remove(key)
  }

  /**
   * Rows to their places in `into`, those that stand one behind the other in one read. A row whose bytes have changed
   * is forgotten, and its place is given back.
   */
  read(keys: ReadonlyArray<string>, places: ReadonlyArray<number>, into: Float32Array): ReadonlyArray<number> {
    const slots = this.#slots
    const found = keys.map((key) => slots.find(key) ?? -1)
    const lost: Array<number> = []
    for (let first = 0; first < keys.length; ) {
      const slot = found[first] ?? -1
      const width = slot < 0 ? 0 : (this.#spaces[slots.space(slot)]?.dimension ?? 0) * 4
      let count = 1
      while (
        first + count < keys.length &&
        found[first + count] === slot + count &&
        places[first + count] === (places[first] ?? 0) + count &&
        slots.segment(slot + count) === slots.segment(slot) &&
        slots.from(slot + count) === slots.from(slot) + count * width
      )
        count++
      const dimension = width / 4
      const at = (places[first] ?? 0) * dimension
      const bytes = bytesOf(into.subarray(at, at + count * dimension))
      const got = slot < 0 ? 0 : this.#bytes(slots.segment(slot), bytes, slots.from(slot))
      for (let row = 0; row < count; row++) {
        const end = (row + 1) * width
        if (slot >= 0 && end <= got && crc32(bytes.subarray(row * width, end)) === slots.crc(slot + row)) continue
        lost.push(first + row)
        slots.remove(keys[first + row] ?? "")
      }
      first += count
    }
    return lost
  }

  /** Appends rows to this process's own segment; the first makes it. */
  append(space: Space, keys: ReadonlyArray<string>, data: Float32Array): void {
    if (this.#own === undefined) {
      const name = `${nameAt(this.#now())}${ending}`
      this.#open(name, "ax+")
      this.#own = this.#known.get(name)
    }
    const segment = this.#segments[this.#own ?? -1]
    if (segment === undefined) return
    const [head, rows] = encode(space, keys, data)
    try {
      const done = fs.writevSync(segment.descriptor, [head, rows])
      if (done < head.length) writeAll(segment.descriptor, head.subarray(done))
      if (done < head.length + rows.length) writeAll(segment.descriptor, rows.subarray(Math.max(0, done - head.length)))
    } catch (error) {
      // Half a frame ends a segment: what follows has another one.
      this.#own = undefined
      throw error
    }
    this.#scan(this.#own ?? -1)
  }

  close(): void {
    for (const { descriptor } of this.#segments) fs.closeSync(descriptor)
    this.#segments.length = 0
  }

  #bytes(segment: number, into: Uint8Array, position: number): number {
    try {
      return this.#segments[segment]?.read(into, position) ?? 0
    } catch {
      // A disk that can't be read gives nothing that could be believed.
      return 0
    }
  }

  #open(name: string, flags: "r" | "ax+"): void {
    const descriptor = fs.openSync(join(this.#folder, name), flags)
    this.#known.set(name, this.#segments.push({ descriptor, read: reader(descriptor), end: 0 }) - 1)
  }

  #look(): void {
    this.#looked = this.#now()
    for (const name of segmentsIn(this.#folder).filter((name) => !this.#known.has(name))) this.#open(name, "r")
    for (const index of this.#segments.keys()) this.#scan(index)
  }

  #scan(index: number): void {
    const segment = this.#segments[index]
    if (segment === undefined) return
    const { size } = fs.fstatSync(segment.descriptor)
    for (;;) {
      const frame = size > segment.end ? frameAt(segment.read, size, segment.end) : undefined
      if (frame === undefined) return
      this.#take(index, frame)
      segment.end = frame.end
    }
  }

  #take(index: number, { crcs, from, keys, space }: Frame): void {
    const name = spaceKey(space)
    const number = this.#spaceNumbers.get(name) ?? this.#spaces.push(space) - 1
    this.#spaceNumbers.set(name, number)
    const width = space.dimension * 4
    for (const [row, key] of keys.entries()) {
      this.#slots.add(key, { segment: index, space: number, crc: crcs[row] ?? 0, from: from + row * width })
    }
  }
}
