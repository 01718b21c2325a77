/** Tells a leading `<think>` block from the answer while a text is still coming. */
import type { StreamPart } from "@consortium/core/ChatModel"

const open = "<think>"
const close = "</think>"

/** How many of the last characters may be the beginning of the closing tag. */
const held = (text: string): number => {
  for (let size = Math.min(close.length - 1, text.length); size > 0; size--) {
    if (close.startsWith(text.slice(-size))) return size
  }
  return 0
}

export class ThinkSplitter {
  private place: "start" | "thinking" | "gap" | "text" = "start"
  /** White space at the very beginning: it belongs to the answer, unless a block follows. */
  private lead = ""
  private waiting = ""

  /** The parts that a piece of text settles; a piece that may be half a tag waits. */
  push(piece: string): ReadonlyArray<StreamPart> {
    if (this.place === "text") return piece === "" ? [] : [{ _tag: "Text", delta: piece }]
    this.waiting += piece
    return [
      ...(this.place === "start" ? this.start() : []),
      ...(this.place === "thinking" ? this.thinking() : []),
      ...this.gap()
    ]
  }

  /** What still waits when the text has ended. */
  end(): ReadonlyArray<StreamPart> {
    const rest = this.place === "start" ? this.lead + this.waiting : this.waiting
    this.waiting = ""
    if (rest === "" || this.place === "gap") return []
    return [{ _tag: this.place === "thinking" ? "Reasoning" : "Text", delta: rest }]
  }

  private start(): ReadonlyArray<StreamPart> {
    const said = this.waiting.trimStart()
    this.lead += this.waiting.slice(0, this.waiting.length - said.length)
    this.waiting = said
    if (said.startsWith(open)) {
      this.place = "thinking"
      this.waiting = said.slice(open.length)
      return []
    }
    if (open.startsWith(said)) return []
    this.place = "text"
    this.waiting = this.lead + said
    return this.flush("Text")
  }

  private thinking(): ReadonlyArray<StreamPart> {
    const end = this.waiting.indexOf(close)
    const keep = end < 0 ? held(this.waiting) : 0
    const thought = this.waiting.slice(0, end < 0 ? this.waiting.length - keep : end)
    this.waiting = this.waiting.slice(end < 0 ? thought.length : end + close.length)
    if (end >= 0) this.place = "gap"
    return thought === "" ? [] : [{ _tag: "Reasoning", delta: thought }]
  }

  /** White space between the block and the answer belongs to neither. */
  private gap(): ReadonlyArray<StreamPart> {
    if (this.place !== "gap") return []
    this.waiting = this.waiting.trimStart()
    if (this.waiting === "") return []
    this.place = "text"
    return this.flush("Text")
  }

  private flush(tag: "Text" | "Reasoning"): ReadonlyArray<StreamPart> {
    const delta = this.waiting
    this.waiting = ""
    return delta === "" ? [] : [{ _tag: tag, delta }]
  }
}
