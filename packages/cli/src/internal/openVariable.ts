/** Addresses that hold an account, or nothing at all, until a variable fills them. */
import * as Address from "@consortium/wire/Address"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const isSet = (variable: string) => Config.map(Config.option(Config.NonEmptyString(variable)), Option.isSome)

/** The first variable of an address in braces that is not set, where the address itself is not either. */
export const openVariable = Effect.fnUntraced(function* ({
  baseUrl = "",
  baseUrlVariable
}: {
  readonly baseUrl?: string
  readonly baseUrlVariable: string
}) {
  if (yield* isSet(baseUrlVariable)) return undefined
  for (const variable of Address.variables(baseUrl)) if (!(yield* isSet(variable))) return variable
  return undefined
})
