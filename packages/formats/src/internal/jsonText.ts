/** A value as JSON that every reader of UTF-8 takes, on one line by anybody's idea of a line. */

const lineMarks = /[\u0085\u2028\u2029]/g
const half = /\\u[dD][89a-fA-F]/

const escaped = (mark: string): string => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`

/** Half a surrogate pair is no text in UTF-8, and a reader in Python stops at it: it becomes U+FFFD. */
const whole = (value: unknown): unknown => {
  if (typeof value === "string") return value.toWellFormed()
  if (Array.isArray(value)) return value.map(whole)
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name.toWellFormed(), whole(field)]))
    : value
}

export const jsonText = (value: unknown): string => {
  const text = JSON.stringify(value)
  return (half.test(text) ? JSON.stringify(whole(value)) : text).replace(lineMarks, escaped)
}
