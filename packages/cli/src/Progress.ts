/** What a person sees on stderr while a run goes on: one live line on a terminal, a few plain lines elsewhere. */
import type { RunEvent } from "@consortium/core/RunEvent"
import { money } from "./internal/money.js"

export interface Screen {
  /** Whether the line can be drawn over. */
  readonly isTTY: boolean
  readonly columns: number
  readonly write: (text: string) => void
}

/** Rejections that are told one by one; the file has all of them. */
const toldRejections = 3
const clear = "\r\u001b[2K"

const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`

/** Adds up what the live line says. */
const tally = () => {
  const sum = { calls: 0, stored: 0, failed: 0, usd: 0 as number | null, rejected: 0, done: 0, of: 0 }
  return {
    sum,
    call: (event: Extract<RunEvent, { readonly _tag: "Answered" | "Judged" }>): void => {
      sum.calls += event.attempts
      if (event.cached) sum.stored++
      if (event.outcome !== "ok") sum.failed++
      // One unknown price makes the sum unknown.
      else if (event.attempts > 0) sum.usd = sum.usd === null || event.usd === null ? null : sum.usd + event.usd
    },
    text: (): string =>
      [
        `${sum.done}/${plural(sum.of, "prompt")}`,
        plural(sum.calls, "call"),
        ...(sum.failed > 0 ? [`${sum.failed} failed`] : []),
        ...(sum.stored > 0 ? [`${sum.stored} stored`] : []),
        ...(sum.calls > 0 ? [sum.usd === null ? "cost unknown" : money(sum.usd)] : [])
      ].join(" · ")
  }
}

/** Feeds on events; `close` leaves the last line standing. */
export const make = (screen: Screen) => {
  const { sum, call, text } = tally()
  let live = ""
  let shown = 0

  const line = (said: string) => screen.write(live === "" ? `${said}\n` : `${clear}${said}\n${live}`)
  const draw = (said: string) => {
    if (!screen.isTTY) return
    live = said.slice(0, Math.max(20, screen.columns - 1))
    screen.write(`${clear}${live}`)
  }
  /** A line that takes the place of the live one. */
  const settle = (said: string) => {
    if (live !== "") screen.write(clear)
    live = ""
    line(said)
  }
  const step = () => {
    draw(text())
    // Without a terminal: a line for each tenth.
    const tenth = Math.floor((sum.done * 10) / sum.of)
    if (screen.isTTY || !(tenth > shown)) return
    shown = tenth
    line(text())
  }
  const reject = (prompt: string, why: string, detail: string) => {
    sum.rejected++
    if (sum.rejected <= toldRejections) line(`rejected: ${prompt} (${why}): ${detail}`)
    else if (sum.rejected === toldRejections + 1) line("more are rejected: rejected.jsonl will have them all")
  }

  const hear = (event: RunEvent): void => {
    switch (event._tag) {
      case "Started":
        if (event.simulated) line("simulated: made-up models take part; nothing here tells of real ones")
        return line(`${event.resumed ? "going on with" : "writing to"} ${event.out}`)
      case "Read":
        if (!event.done) return draw(`reading: ${plural(event.rows, "row")}`)
        return settle(
          `read: ${plural(event.rows, "row")}, ${plural(event.prompts, "prompt")}, ${event.duplicate} duplicate, ${event.invalid} invalid${event.dropped === undefined ? "" : `, ${event.dropped} dropped`}`
        )
      case "Embedded":
        return settle(
          `embedded: ${plural(event.prompts, "prompt")} (${event.space})${event.failed > 0 ? `, ${event.failed} failed` : ""}${event.cut > 0 ? `, ${event.cut} cut` : ""}${event.averaged === undefined ? "" : `, ${event.averaged} averaged`}${event.kept === undefined ? "" : `, ${event.kept} from the cache`}`
        )
      case "Selected":
        sum.of = event.prompts
        settle(`selected: ${event.prompts} of ${event.of} (stopped: ${event.stopped})`)
        return draw(text())
      case "Answered":
      case "Judged":
        call(event)
        return step()
      case "Ranked":
      case "Rejected":
        sum.done = event.done
        if (event._tag === "Rejected") reject(event.prompt, event.why, event.detail)
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
