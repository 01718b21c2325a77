/** Takes keys out of texts that others wrote, so that an error can be shown, stored and sent. */

/** Replaces every key in a text by `<redacted>`. */
export type Redact = (text: string) => string

const mark = "<redacted>"

/** What keys look like: known prefixes, also half masked by the vendor; bearer tokens; values beside a key's name. */
const patterns: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(?:sk|pk|rk|gsk|xai|hf|nvapi|pplx|csk|tgp|key)[-_][\w*.-]{6,}/g, mark],
  [/\bAIza[\w-]{10,}/g, mark],
  [/\beyJ[\w-]{8,4096}\.[\w-]+(?:\.[\w-]*)?/g, mark],
  [/\b(bearer|basic)\s+[\w*.~+/=-]{6,}/gi, `$1 ${mark}`],
  [
    /((?:api[-_ ]?key|authorization|token|secret)["']?\s*[:=]\s*["']?)(?!bearer\b|basic\b)[\w*.~+/=-]{6,}/gi,
    `$1${mark}`
  ]
]

/** Shorter values are words rather than keys: taking them out would only garble the text. */
const shortest = 4

/** Takes out these secrets, each also without its scheme (`Bearer x` → `x`), and whatever looks like a key. */
export const make = (secrets: Iterable<string>): Redact => {
  const known = [...secrets]
    .flatMap((secret) => [secret, secret.slice(secret.lastIndexOf(" ") + 1)])
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    .filter((secret) => secret.length >= shortest)
  const distinct = [...new Set(known)].sort((a, b) => b.length - a.length)
  return (text) => {
    let out = text
    for (const secret of distinct) out = out.replaceAll(secret, mark)
    for (const [pattern, by] of patterns) out = out.replace(pattern, by)
    return out
  }
}

const maxDetail = 500
/** The most of a text that is searched for keys; far more than is shown, so that no key is cut before it is found. */
const maxRedacted = 64 * 1024

/** What of a text an error shows: redacted first, so that a cut never leaves half a key. */
export const detail = (text: string, redact: Redact): string => {
  const clean = redact(text.slice(0, maxRedacted)).trim()
  return clean.length > maxDetail ? `${clean.slice(0, maxDetail)}…` : clean
}
