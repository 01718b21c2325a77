/** A body with a JSON in each line. */
import { isError } from "../ErrorWords.js"
import * as Reader from "../Reader.js"
import type * as Stream from "effect/Stream"
import { parse } from "../BoundedJson.js"
import { Stated } from "./events.js"
import { notJson } from "./failure.js"
import { Malformed, type OpenReply, type Trouble } from "./transport.js"

type Step = Reader.Step<unknown, Malformed | Stated>

class LineReader {
  private readonly decoder = new TextDecoder()
  /** The beginning of a line that has not ended yet. */
  private held = ""
  private items: Array<unknown> = []
  private fault: Malformed | Stated | undefined

  /** An empty line says nothing: some servers keep a connection open by it. */
  private take(line: string): void {
    if (this.fault !== undefined || line.trim() === "") return
    const json = parse(line)
    if (json === undefined) this.fault = new Malformed({ detail: notJson(line) })
    else if (isError(json)) this.fault = new Stated({ json })
    else this.items.push(json)
  }

  private feed(said: string): void {
    let start = 0
    for (let end = said.indexOf("\n"); end >= 0; end = said.indexOf("\n", start)) {
      this.take(this.held + said.slice(start, end))
      this.held = ""
      start = end + 1
    }
    this.held += said.slice(start)
  }

  private step(): Step {
    const { fault, items } = this
    this.items = []
    return { items, fault }
  }

  read(some: ReadonlyArray<Uint8Array>): Step {
    for (const piece of some) if (this.fault === undefined) this.feed(this.decoder.decode(piece, { stream: true }))
    return this.step()
  }

  /** The last line may lack its end. */
  end(): Step {
    this.feed(`${this.decoder.decode()}\n`)
    return this.step()
  }
}

/** The values of a body. One that breaks off fails, without what was left of its last line. */
export const lines = ({ pieces }: OpenReply): Stream.Stream<unknown, Trouble | Stated> =>
  Reader.through(pieces, () => new LineReader())
