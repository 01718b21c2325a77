/** How long the vendor asks to wait: `retry-after-ms`, then `retry-after` in seconds or as an HTTP date (RFC 9110 §10.2.3). */
import * as DateTime from "effect/DateTime"
import * as Headers from "effect/http/Headers"
import * as Result from "effect/Result"

const number = (text: string): number | undefined => {
  const value = text.trim() === "" ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}

/**
 * Milliseconds from `now`, which is in milliseconds of `Clock`; nothing where the headers say nothing usable. A date
 * in the past is 0; negative numbers are ignored. To be read only where the status is worth a retry: some vendors send
 * the header with good answers too.
 */
export const millis = (headers: Readonly<Record<string, string | undefined>>, now: number): number | undefined => {
  const exact = number(headers["retry-after-ms"] ?? "")
  if (exact !== undefined && exact > 0) return exact
  const raw = headers["retry-after"]
  // Azure says 0 ms beside whole seconds, which are what it means.
  if (raw === undefined) return exact === 0 ? exact : undefined
  const seconds = number(raw)
  if (seconds !== undefined) return seconds >= 0 ? seconds * 1000 : undefined
  const date = Headers.parseHttpDate(raw.trim())
  return Result.isSuccess(date) ? Math.max(0, DateTime.toEpochMillis(date.success) - now) : undefined
}
