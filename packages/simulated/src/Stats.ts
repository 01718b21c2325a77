/** What the server has seen: counts by member, and where asked for the requests in order of arrival. */

/** Counts over some calls. */
export interface Counts {
  /** Requests that arrived, whatever became of them. */
  readonly calls: number
  readonly inFlight: number
  readonly maxInFlight: number
  /** Whole answers that were handed to the network. */
  readonly answered: number
  /** Calls for something that had been answered before: what a resumed run should not make. */
  readonly answeredAgain: number
  /** Calls by status (`200`, `429`, ...), or by kind where there was no whole answer: `reset`, `hang`, `truncate`, `malformed`, `gone` (the caller left). */
  readonly outcomes: Readonly<Record<string, number>>
  /** Tokens of the answered calls. */
  readonly inputTokens: number
  readonly outputTokens: number
}

/** A request as it arrived. */
export interface LogLine {
  readonly member: string
  /** Names the member and the body, without `stream` and `stream_options`. */
  readonly digest: string
  /** How often the same had come before. */
  readonly attempt: number
}

/** What `GET /stats` answers. */
export interface Stats extends Counts {
  readonly members: Readonly<Record<string, Counts>>
  /** Only where the server was started with `log: true`. */
  readonly log?: ReadonlyArray<LogLine>
}
