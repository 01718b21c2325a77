/** What a person sees on stderr while a run goes on: one live line on a terminal, plain lines elsewhere. */
import type { RunEvent } from "@consortium/core/RunEvent"

export interface Screen {
  /** Whether the line can be drawn over. */
  readonly isTTY: boolean
  readonly columns: number
  readonly write: (text: string) => void
}

const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`

/** Feeds on events; `close` leaves the last line standing. */
export const make = (screen: Screen) => {
  let live = ""
  let calls = 0
  let stored = 0
  let failed = 0
  let done = 0
  let of = 0
  let shownAt = -1

  const line = (text: string) => {
    screen.write(live === "" ? `${text}\n` : `\r\u001b[2K${text}\n${live}`)
  }
  const draw = (text: string) => {
    if (!screen.isTTY) return
    live = text.slice(0, Math.max(20, screen.columns - 1))
    screen.write(`\r\u001b[2K${live}`)
  }
  const counts = () => {
    const kept = stored > 0 ? `, ${stored} from the store` : ""
    const lost = failed > 0 ? `, ${failed} failed` : ""
    return `${done}/${of} prompts · ${plural(calls, "call")}${kept}${lost}`
  }
  const step = () => {
    draw(counts())
    if (screen.isTTY || of === 0) return
    // Without a terminal: a line for each tenth.
    const tenth = Math.floor((done * 10) / of)
    if (tenth > shownAt) {
      shownAt = tenth
      line(counts())
    }
  }

  const hear = (event: RunEvent): void => {
    switch (event._tag) {
      case "Started":
        if (event.simulated) line("simulated: nothing here was said by a real model")
        line(`${event.resumed ? "going on with" : "writing to"} ${event.out}`)
        return
      case "Read":
        if (!event.done) return draw(`reading: ${plural(event.rows, "row")}`)
        return line(
          `read: ${plural(event.rows, "row")}, ${plural(event.prompts, "prompt")}, ${event.duplicate} duplicate, ${event.invalid} invalid`
        )
      case "Embedded":
        return line(`embedded: ${plural(event.prompts, "prompt")} (${event.space})${event.failed > 0 ? `, ${event.failed} failed` : ""}`)
      case "Selected":
        of = event.prompts
        return line(`selected: ${event.prompts} of ${event.of} (stopped: ${event.stopped})`)
      case "Answered":
      case "Judged":
        calls += event.attempts
        if (event.cached) stored++
        if (event.outcome !== "ok") failed++
        return step()
      case "Ranked":
      case "Rejected":
        done = event.done
        if (event._tag === "Rejected") line(`rejected: ${event.prompt} (${event.why}): ${event.detail}`)
        return step()
      case "Warned":
        return line(`warning: ${event.what}`)
      case "Finished":
        return
    }
  }
  return {
    hear,
    close: (): void => {
      if (live !== "") screen.write("\n")
      live = ""
    }
  }
}
