/** The headers that every call of an endpoint is sent with, and what takes its secrets out of texts. */
import * as Redacted from "effect/Redacted"
import * as Redaction from "../Redaction.js"

/** By name; secrets among them as `Redacted`. */
export type Headers = Readonly<Record<string, string | Redacted.Redacted<string>>>

/** Headers as they are sent, and the secrets among them. */
const plain = (headers: Headers): readonly [Record<string, string>, ReadonlyArray<string>] => {
  const sent: Record<string, string> = {}
  const secrets: Array<string> = []
  for (const [name, value] of Object.entries(headers)) {
    const text = Redacted.isRedacted(value) ? Redacted.value(value).trim() : value
    if (Redacted.isRedacted(value)) secrets.push(text)
    sent[name.toLowerCase()] = text
  }
  return [sent, secrets]
}

/** A header of control characters or letters beyond Latin-1 cannot be sent, and clients print it when they refuse it. */
const isSendable = (secret: string) => /^[\x20-\x7e\x80-\xff]*$/.test(secret)

/** Renewed secrets that are remembered: an expired token may still stand in a late answer. */
const remembered = 8

const common = { accept: "application/json, text/event-stream", "content-type": "application/json" }

export class Sender {
  readonly #secrets: ReadonlyArray<string>
  #renewed: ReadonlyArray<string> = []
  readonly #lasting: Readonly<Record<string, string>>
  #headers: Readonly<Record<string, string>>
  #redact: Redaction.Redact

  constructor(headers: Headers) {
    const [sent, secrets] = plain(headers)
    this.#secrets = secrets
    this.#lasting = { ...common, ...sent }
    this.#headers = this.#lasting
    this.#redact = Redaction.make(secrets)
  }

  /** Goes on with these headers in place of earlier renewed ones. */
  renew(headers: Headers): void {
    const [sent, secrets] = plain(headers)
    this.#headers = { ...this.#lasting, ...sent }
    if (secrets.every((secret) => this.#renewed.includes(secret))) return
    // Those of now first: a signature is another one at each call, beside a token that stays.
    this.#renewed = [...new Set([...secrets, ...this.#renewed])].slice(0, remembered)
    this.#redact = Redaction.make([...this.#secrets, ...this.#renewed])
  }

  get isSendable(): boolean {
    return this.#secrets.every(isSendable) && this.#renewed.every(isSendable)
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#headers
  }

  /** What every call is sent with, whatever was renewed. */
  get lasting(): Readonly<Record<string, string>> {
    return this.#lasting
  }

  redact(text: string): string {
    return this.#redact(text)
  }
}
