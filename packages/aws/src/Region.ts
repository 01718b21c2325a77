/** AWS regions, and the addresses of Bedrock in them: docs.aws.amazon.com/general/latest/gr/bedrock.html. */
import * as Config from "effect/Config"
import * as Option from "effect/Option"

/** As AWS's own SDKs and its command read it. */
export const variable = "AWS_REGION"

/** `AWS_REGION`, else `AWS_DEFAULT_REGION`. Where both are missing, the error names the first. */
export const config: Config.Config<string> = Config.option(Config.NonEmptyString("AWS_DEFAULT_REGION")).pipe(
  Config.flatMap((second) => {
    const first = Config.NonEmptyString(variable)
    return Option.isSome(second) ? Config.withDefault(first, second.value) : first
  })
)

/** Partitions other than the first have domains of their own. */
const domainOf = (region: string): string => (region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com")

/** Where models answer. */
export const bedrockRuntime = (region: string): string => {
  const name = encodeURIComponent(region.trim())
  return `https://bedrock-runtime.${name}.${domainOf(region)}`
}

/** Overrides that address, as in AWS's own SDKs. */
export const bedrockRuntimeVariable = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
