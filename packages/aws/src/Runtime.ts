/** Where Bedrock's models answer and how calls of them are allowed, by the variables of AWS. */
import * as Config from "effect/Config"
import * as Option from "effect/Option"
import * as Access from "./Access.js"
import * as Region from "./Region.js"

export interface Runtime {
  readonly region: string
  readonly access: Access.Access
  /** Where it is not the region's own. */
  readonly baseUrl?: string
}

/**
 * `AWS_REGION`, else `AWS_DEFAULT_REGION`; `AWS_BEARER_TOKEN_BEDROCK`, else `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`
 * and `AWS_SESSION_TOKEN`; and an address by the variable of this name. What is missing is a `ConfigError` that names
 * the variable.
 */
export const configAt = (baseUrlVariable: string): Config.Config<Runtime> =>
  Config.all({
    access: Access.config,
    region: Region.config,
    baseUrl: Config.option(Config.NonEmptyString(baseUrlVariable))
  }).pipe(
    Config.map(({ baseUrl, ...more }) => ({ ...more, ...(Option.isSome(baseUrl) && { baseUrl: baseUrl.value }) }))
  )

/** The same, with an address by `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`. */
export const config: Config.Config<Runtime> = configAt(Region.bedrockRuntimeVariable)
