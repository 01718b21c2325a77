/** Where a vendor is called: its variable's address, else its own, with what the variables in braces hold. */
import * as Config from "effect/Config"

/** What a vendor's file says of its address. */
export interface Place {
  /**
   * Without a slash at the end. A variable's name in braces, as in `https://{ACCOUNT}.example.com/v1`, stands for what
   * that variable holds.
   */
  readonly baseUrl: string
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
}

const inBraces = /\{([A-Z][A-Z0-9_]*)\}/g

/** The variables that an address names in braces. */
export const variables = (baseUrl: string): ReadonlyArray<string> =>
  [...baseUrl.matchAll(inBraces)].flatMap(([, name]) => (name === undefined ? [] : [name]))

/** An address with its variables filled in; one without a value stays in braces. */
export const filled = (baseUrl: string, values: Readonly<Record<string, string>>): string =>
  baseUrl.replace(inBraces, (braces, name: string) => values[name]?.replace(/\/+$/, "") ?? braces)

/** The vendor's address by its variables. A missing one is a `ConfigError` that names it. */
export const config = ({ baseUrl, baseUrlVariable }: Place): Config.Config<string> => {
  const given = Config.NonEmptyString(baseUrlVariable)
  const names = variables(baseUrl)
  if (names.length === 0) return Config.withDefault(given, baseUrl)
  const own = Config.all(Object.fromEntries(names.map((name) => [name, Config.NonEmptyString(name)])))
  return Config.orElse(given, () => Config.map(own, (values) => filled(baseUrl, values)))
}

/** What to do where a variable of an address is not filled. */
export const without = (variable: string): string =>
  `no address without ${variable}: give a baseUrl, or take makeConfig, which reads the variable`
