/** Finds the JSON object that holds a verdict in whatever a judge wrote around it. */

/** Fields by lower-case name. */
type Fields = ReadonlyMap<string, unknown>

export interface Found {
  readonly fields: Fields
  readonly mended: ReadonlyArray<string>
}

/** Characters looked at in search of objects; a text of nothing but braces would take quadratic time otherwise. */
const effort = 4_000_000

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const asAnswer = (
  value: unknown,
  verdict: string
): { readonly fields: Fields; readonly renamed: boolean } | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const entries = Object.entries(value)
  const fields = new Map(entries.map(([name, field]) => [name.trim().toLowerCase(), field]))
  return fields.has(verdict)
    ? { fields, renamed: entries.some(([name]) => name !== name.trim().toLowerCase()) }
    : undefined
}

/** Removes commas before a closing bracket, outside strings. */
const withoutTrailingCommas = (json: string): string =>
  json.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g, (token) => (token === "," ? "" : token))

/** The index after the brace that closes the one at `start`, or -1. */
const closing = (text: string, start: number): number => {
  let depth = 0
  let quoted = false
  for (let i = start; i < text.length; i++) {
    const c = text[i]
    if (quoted) {
      if (c === "\\") i++
      else if (c === '"') quoted = false
    } else if (c === '"') quoted = true
    else if (c === "{") depth++
    else if (c === "}" && --depth === 0) return i + 1
  }
  return -1
}

/** The whole text as JSON, or else the first object in it that has the field of the verdict. */
export const findAnswer = (text: string, verdict: string): Found | undefined => {
  const whole = asAnswer(parseJson(text), verdict)
  if (whole !== undefined) return { fields: whole.fields, mended: whole.renamed ? ["field names"] : [] }
  let looked = 0
  for (let start = text.indexOf("{"); start >= 0 && looked < effort; start = text.indexOf("{", start + 1)) {
    const end = closing(text, start)
    looked += (end < 0 ? text.length : end) - start
    if (end < 0) continue
    const json = text.slice(start, end)
    const strict = asAnswer(parseJson(json), verdict)
    const answer = strict ?? asAnswer(parseJson(withoutTrailingCommas(json)), verdict)
    if (answer === undefined) continue
    const around = text.slice(0, start).trim() !== "" || text.slice(end).trim() !== ""
    const mended = [
      ...(around ? ["words around the JSON"] : []),
      ...(strict === undefined ? ["trailing commas"] : []),
      ...(answer.renamed ? ["field names"] : [])
    ]
    return { fields: answer.fields, mended }
  }
  return undefined
}
