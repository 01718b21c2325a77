/** Readers of unknown JSON for oracles and decoders: a field of another type counts as missing. */

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)
export const fields = (value: unknown): Fields => (isFields(value) ? value : {})
export const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])
export const text = (value: unknown): string => (typeof value === "string" ? value : "")
export const count = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined)

/** The value at the end of some names. */
export const at = (value: unknown, ...names: ReadonlyArray<string>): unknown =>
  names.reduce<unknown>((found, name) => fields(found)[name], value)

/** Without the fields that hold `undefined`. */
export const defined = <A extends object>(value: A): A =>
  // The same object with fewer fields, all of which were optional.
  Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined)) as A
