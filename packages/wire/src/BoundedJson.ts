/** JSON that strangers wrote, no deeper than what walks it by recursion can bear. */

/** No vendor's answer comes near; what walks a value by recursion has stack enough for it. */
const maxDepth = 128

type Nest = Readonly<Record<string, unknown>> | ReadonlyArray<unknown>
const isNest = (value: unknown): value is Nest => typeof value === "object" && value !== null
const isList = (nest: Nest): nest is ReadonlyArray<unknown> => Array.isArray(nest)

const isWithin = (nest: Nest, levels: number): boolean => {
  if (levels === 0) return false
  if (isList(nest)) {
    for (const inner of nest) if (isNest(inner) && !isWithin(inner, levels - 1)) return false
    return true
  }
  // Three times as fast as `Object.values`; what JSON makes inherits nothing that could be counted.
  for (const name in nest) {
    const inner = nest[name]
    if (isNest(inner) && !isWithin(inner, levels - 1)) return false
  }
  return true
}

/** Whether a value is nested no deeper than 128 levels. */
export const isShallow = (value: unknown): boolean => !isNest(value) || isWithin(value, maxDepth)

/**
 * The JSON of a text; nothing where it is none, or is nested deeper than 128 levels. White space around it, as some
 * servers send to keep a line open, is no matter.
 */
export const parse = (said: string): unknown => {
  try {
    const value: unknown = JSON.parse(said)
    return isShallow(value) ? (value ?? undefined) : undefined
  } catch {
    return undefined
  }
}
