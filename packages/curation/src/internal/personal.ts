/** Personal data whose form or check digit tells it: each finder says where it begins and ends. */

export interface Span {
  readonly kind: string
  readonly start: number
  readonly end: number
}

interface Finder {
  readonly kind: string
  readonly pattern: RegExp
  /** Whether what has the form is it. */
  readonly holds?: (found: string) => boolean
}

/** Payment cards: ISO/IEC 7812's check digit. */
const luhn = (digits: string): boolean => {
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    const twice = digit * 2
    sum += at % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice
  }
  return sum % 10 === 0
}

/** ISO 13616: the number made of the moved text leaves 1 when it is divided by 97. */
const iban = (text: string): boolean => {
  const moved = `${text.slice(4)}${text.slice(0, 4)}`
  let rest = 0
  for (const char of moved) {
    const value = Number.parseInt(char, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

const packed = (text: string): string => text.replace(/[ -]/g, "")

/** What is given to nobody: the machine itself, examples, and groups. */
const isPublic = (address: string): boolean => {
  const parts = address.split(".").map(Number)
  const [first = 0] = parts
  return parts.every((part) => part < 256) && first !== 0 && first !== 127 && first < 224
}

const finders: ReadonlyArray<Finder> = [
  // RFC 5321, without quoted names, which nobody writes in a text.
  {
    kind: "email",
    pattern: /(?<![\w.+-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,24}(?![\w-])/gi
  },
  {
    kind: "iban",
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?\b/g,
    holds: (found) => packed(found).length >= 15 && iban(packed(found))
  },
  {
    kind: "payment-card",
    pattern: /(?<![\w.-])(?:[3-6]\d{3}|2[2-7]\d{2})[ -]?(?:\d[ -]?){8,14}\d(?!\w|[ .-]\d|-\w)/g,
    holds: (found) => packed(found).length >= 13 && packed(found).length <= 19 && luhn(packed(found))
  },
  // ssa.gov/employer/randomization.html: areas 000, 666 and 900 up are given to nobody.
  { kind: "us-ssn", pattern: /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g },
  // gov.uk/hmrc-internal-manuals/national-insurance-manual/nim39110
  {
    kind: "uk-nino",
    pattern: /\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b/g
  },
  { kind: "ipv4", pattern: /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)/g, holds: isPublic },
  // RFC 4291, written out or with one ::
  {
    kind: "ipv6",
    pattern: /(?<![\w:])(?:(?:[\da-f]{1,4}:){7}[\da-f]{1,4}|(?:[\da-f]{1,4}:){1,6}(?::[\da-f]{1,4}){1,6})(?![\w:])/gi,
    holds: (found) => found.length >= 11
  },
  { kind: "mac-address", pattern: /\b(?:[\da-f]{2}[:-]){5}[\da-f]{2}\b/gi }
]

/** Everything that is found, overlaps too. */
export const personalIn = (text: string): ReadonlyArray<Span> =>
  finders.flatMap(({ holds, kind, pattern }) =>
    [...text.matchAll(pattern)].flatMap((match) =>
      holds === undefined || holds(match[0]) ? [{ kind, start: match.index, end: match.index + match[0].length }] : []
    )
  )

/** Kinds that this file knows. */
export const personalKinds: ReadonlyArray<string> = finders.map(({ kind }) => kind)
