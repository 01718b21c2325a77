/**
 * A synthetic corpus: 1,000 texts, each with one made-up secret or identity of 30 kinds, and 1,000 texts with things
 * that only look like them. Values are drawn by seed, by what their makers document of the form; none is anybody's.
 */

const alphabets = {
  hex: "0123456789abcdef",
  base62: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
  base64url: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
  base64: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  lower: "abcdefghijklmnopqrstuvwxyz0123456789",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
  digits: "0123456789"
} as const

let state = 20261124
const draw = (below: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}
const of = (alphabet: keyof typeof alphabets, length: number): string =>
  Array.from({ length }, () => alphabets[alphabet][draw(alphabets[alphabet].length)]).join("")
const one = <A>(items: ReadonlyArray<A>): A => items[draw(items.length)] as A

/** With the last digit that makes it hold. */
const luhn = (body: string): string => {
  const sum = [...body].reverse().reduce((total, char, at) => {
    const digit = Number(char) * (at % 2 === 0 ? 2 : 1)
    return total + (digit > 9 ? digit - 9 : digit)
  }, 0)
  return `${body}${(10 - (sum % 10)) % 10}`
}

const iban = (country: string, body: string): string => {
  const digits = [...`${body}${country}00`].map((char) => String(Number.parseInt(char, 36))).join("")
  return `${country}${String(98n - (BigInt(digits) % 97n)).padStart(2, "0")}${body}`
}

const grouped = (text: string): string => (text.match(/.{1,4}/g) ?? []).join(" ")
const names = ["jo", "maria.lopez", "k-tanaka", "ines_b", "o.weber", "li+news"]
const hosts = ["example.org", "mail.example.com", "kanzlei-weber.de", "uni.example.ac.uk"]

/** Each kind by how one is made. */
const kinds: Readonly<Record<string, () => string>> = {
  "aws secret access key": () => `AWS_SECRET_ACCESS_KEY=${of("base64", 40)}`,
  "aws access key id": () => `AKIA${of("upper", 16)}`,
  "github token": () => `${one(["ghp_", "gho_", "ghs_"])}${of("base62", 36)}`,
  "gitlab token": () => `glpat-${of("base62", 20)}`,
  "npm token": () => `npm_${of("base62", 36)}`,
  "slack token": () => `xoxb-${of("digits", 12)}-${of("digits", 12)}-${of("base62", 24)}`,
  "slack webhook": () => `https://hooks.slack.com/services/T${of("upper", 8)}/B${of("upper", 8)}/${of("base62", 24)}`,
  "sendgrid key": () => `SG.${of("base64url", 22)}.${of("base64url", 43)}`,
  "stripe key": () => `sk_live_${of("base62", 24)}`,
  "openai key": () => `sk-proj-${of("base62", 74)}T3BlbkFJ${of("base62", 74)}`,
  "anthropic key": () => `sk-ant-api03-${of("base64url", 93)}AA`,
  "hugging face token": () => `hf_${of("base62", 34)}`,
  "private key": () =>
    `-----BEGIN PRIVATE KEY-----\n${of("base64", 64)}\n${of("base64", 64)}\n-----END PRIVATE KEY-----`,
  "database password": () => `postgres://admin:${of("base62", 14)}@db.example.com:5432/app`,
  "password in an address": () => `https://admin:${of("base62", 12)}@example.com/path`,
  "google api key": () => `AIza${of("base64url", 35)}`,
  "json web token": () => `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI${of("base64url", 24)}.${of("base64url", 43)}`,
  "telegram token": () => `${1 + draw(9)}${of("digits", 9)}:AA${of("base64url", 33)}`,
  "azure storage key": () => `AccountName=a;AccountKey=${of("base64", 86)}==`,
  "twilio key": () => `SK${of("hex", 32)}`,
  "openrouter key": () => `sk-or-v1-${of("hex", 64)}`,
  "digitalocean token": () => `dop_v1_${of("hex", 64)}`,
  "e-mail address": () => `${one(names)}@${one(hosts)}`,
  "telephone number": () =>
    one([
      `+49 30 ${1 + draw(9)}${of("digits", 7)}`,
      `+44 20 7${of("digits", 3)} ${of("digits", 4)}`,
      `+1 415 55${2 + draw(8)} ${of("digits", 4)}`
    ]),
  iban: () => {
    const made = one([
      () => iban("DE", of("digits", 18)),
      () => iban("GB", `NWBK${of("digits", 14)}`),
      () => iban("FR", of("digits", 23))
    ])()
    return one([made, grouped(made)])
  },
  "payment card": () => {
    const made = one([
      () => luhn(`4${of("digits", 14)}`),
      () => luhn(`5${1 + draw(5)}${of("digits", 13)}`),
      () => luhn(`37${of("digits", 12)}`)
    ])()
    return one([made, grouped(made)])
  },
  "us social security number": () => `${100 + draw(500)}-${10 + draw(89)}-${1000 + draw(8999)}`,
  "uk national insurance number": () =>
    `${one(["AB", "CE", "JM", "SR"])} ${of("digits", 2)} ${of("digits", 2)} ${of("digits", 2)} ${one(["A", "B", "C"])}`,
  "ip address": () => `${11 + draw(100)}.${draw(256)}.${draw(256)}.${1 + draw(254)}`,
  "mac address": () => (of("hex", 12).match(/../g) ?? []).join(":")
}

/** Look like something and are nothing: a number, a hash, a name. */
const harmless: Readonly<Record<string, () => string>> = {
  uuid: () => `${of("hex", 8)}-${of("hex", 4)}-4${of("hex", 3)}-a${of("hex", 3)}-${of("hex", 12)}`,
  "commit hash": () => of("hex", 40),
  sha256: () => of("hex", 64),
  version: () => `v${draw(20)}.${draw(50)}.${draw(200)}`,
  "date and time": () => `2026-${10 + draw(3)}-${10 + draw(18)}T${10 + draw(14)}:${10 + draw(50)}:${10 + draw(50)}Z`,
  "order number": () => `ORD-${of("digits", 10)}`,
  "sixteen digits that fail their check": () => {
    const made = luhn(`4${of("digits", 14)}`)
    return `${made.slice(0, -1)}${(Number(made.at(-1)) + 1) % 10}`
  },
  "iban that fails its check": () => {
    const made = iban("DE", of("digits", 18))
    return `DE${String((Number(made.slice(2, 4)) % 97) + 2).padStart(2, "0")}${made.slice(4)}`
  },
  price: () => `${1 + draw(900)},${of("digits", 3)}.${of("digits", 2)}`,
  "a placeholder": () =>
    one(["YOUR_API_KEY", "sk-...", "<token>", "password", "user@host", "xxx-xx-xxxx", "api_key=None"]),
  "a list of numbers": () => Array.from({ length: 8 }, () => draw(1000)).join(" "),
  decimals: () => `3.${of("digits", 15)}`,
  "local address": () => one(["127.0.0.1:8080", "http://localhost:3000/path", "0.0.0.0"]),
  handle: () => `@${one(names)}`,
  "base64 of a picture": () => `data:image/png;base64,iVBORw0KGgo${of("base64", 60)}`,
  code: () => `const x${of("lower", 6)} = await fetch(url, { headers: { authorization: token } })`
}

const frames = [
  (value: string) => `My script stopped working after I set ${value} in the file. What is wrong?`,
  (value: string) => `Please rewrite this note politely:\n\n${value}\n\nThanks!`,
  (value: string) => `{"role":"user","note":"${value}"}`,
  (value: string) => `Explain: ${value}`,
  (value: string) => `(${value}), is that right?`
]

export interface Sample {
  readonly kind: string
  readonly value: string
  readonly text: string
}

const samples = (of: Readonly<Record<string, () => string>>, count: number): ReadonlyArray<Sample> => {
  const all = Object.entries(of)
  return Array.from({ length: count }, (_, at) => {
    const [kind, make] = all[at % all.length] ?? ["", () => ""]
    const value = make()
    return { kind, value, text: (frames[at % frames.length] ?? ((text) => text))(value) }
  })
}

export const secrets = samples(kinds, 1000)
export const lookalikes = samples(harmless, 1000)
